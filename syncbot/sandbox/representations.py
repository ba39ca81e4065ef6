"""Accounts and repositories as JSON in the shape of GitHub's OpenAPI description. Reads the forge, changes nothing."""

from __future__ import annotations

from .forge import Forge
from .records import Identity, RepoRow

Json = dict[str, object]

# Every `<name>_url` of a repository, and what follows its own URL.
REPOSITORY_URLS = {
    "archive_url": "/{archive_format}{/ref}",
    "assignees_url": "/assignees{/user}",
    "blobs_url": "/git/blobs{/sha}",
    "branches_url": "/branches{/branch}",
    "collaborators_url": "/collaborators{/collaborator}",
    "comments_url": "/comments{/number}",
    "commits_url": "/commits{/sha}",
    "compare_url": "/compare/{base}...{head}",
    "contents_url": "/contents/{+path}",
    "contributors_url": "/contributors",
    "deployments_url": "/deployments",
    "downloads_url": "/downloads",
    "events_url": "/events",
    "forks_url": "/forks",
    "git_commits_url": "/git/commits{/sha}",
    "git_refs_url": "/git/refs{/sha}",
    "git_tags_url": "/git/tags{/sha}",
    "hooks_url": "/hooks",
    "issue_comment_url": "/issues/comments{/number}",
    "issue_events_url": "/issues/events{/number}",
    "issues_url": "/issues{/number}",
    "keys_url": "/keys{/key_id}",
    "labels_url": "/labels{/name}",
    "languages_url": "/languages",
    "merges_url": "/merges",
    "milestones_url": "/milestones{/number}",
    "notifications_url": "/notifications{?since,all,participating}",
    "pulls_url": "/pulls{/number}",
    "releases_url": "/releases{/id}",
    "stargazers_url": "/stargazers",
    "statuses_url": "/statuses/{sha}",
    "subscribers_url": "/subscribers",
    "subscription_url": "/subscription",
    "tags_url": "/tags",
    "teams_url": "/teams",
    "trees_url": "/git/trees{/sha}",
}
USER_URLS = {
    "followers_url": "/followers",
    "following_url": "/following{/other_user}",
    "gists_url": "/gists{/gist_id}",
    "starred_url": "/starred{/owner}{/repo}",
    "subscriptions_url": "/subscriptions",
    "organizations_url": "/orgs",
    "repos_url": "/repos",
    "events_url": "/events{/privacy}",
    "received_events_url": "/received_events",
}


def node_id(kind: str, key: object) -> str:
    """The GraphQL id of the same thing."""
    return f"{kind}_{key}"


def user(forge: Forge, login: str) -> Json:
    """GitHub's `simple-user`."""
    row = forge.user(login)
    url = f"{forge.api_url}/users/{row.login}"
    return {
        "login": row.login,
        "id": row.id,
        "node_id": node_id(row.type, row.id),
        "avatar_url": f"{forge.url}/avatars/u/{row.id}",
        "gravatar_id": "",
        "url": url,
        "html_url": f"{forge.url}/{row.login}",
        **{name: url + rest for name, rest in USER_URLS.items()},
        "type": row.type,
        "site_admin": False,
    }


def optional_user(forge: Forge, login: str | None) -> Json | None:
    """`user`, or None for nobody."""
    return user(forge, login) if login else None


def private_user(forge: Forge, login: str) -> Json:
    """GitHub's `public-user`, as `GET /user` and `GET /users/{login}` show it."""
    epoch = "2020-01-01T00:00:00Z"
    texts = dict.fromkeys(("name", "company", "blog", "location", "email", "hireable", "bio"))
    numbers = dict.fromkeys(("public_repos", "public_gists", "followers", "following"), 0)
    dates = {"created_at": epoch, "updated_at": epoch}
    return {**user(forge, login), **texts, **numbers, **dates}


def full_repository(forge: Forge, who: Identity, repo: RepoRow) -> Json:
    """GitHub's `full-repository`."""
    return {**_repository(forge, who, repo), **_network(), **_merge_settings(repo)}


def minimal_repository(forge: Forge, who: Identity, repo: RepoRow) -> Json:
    """GitHub's `minimal-repository`, as lists show it."""
    return {**_repository(forge, who, repo), **_network()}


def repository(forge: Forge, who: Identity, repo: RepoRow) -> Json:
    """GitHub's `repository`, as pull requests hold it."""
    return {**_repository(forge, who, repo), **_merge_settings(repo)}


def repo_url(forge: Forge, repo: RepoRow) -> str:
    return f"{forge.api_url}/repos/{repo.full_name}"


def repo_html(forge: Forge, repo: RepoRow) -> str:
    return f"{forge.url}/{repo.full_name}"


def _repository(forge: Forge, who: Identity, repo: RepoRow) -> Json:
    """What every kind of repository in GitHub's description has."""
    url = repo_url(forge, repo)
    html = repo_html(forge, repo)
    return {
        "id": repo.id,
        "node_id": node_id("R", repo.id),
        "name": repo.name,
        "full_name": repo.full_name,
        "owner": user(forge, repo.owner),
        "private": bool(repo.private),
        "html_url": html,
        "description": repo.description,
        "fork": False,
        "url": url,
        **{name: url + rest for name, rest in REPOSITORY_URLS.items()},
        "git_url": html.replace("http:", "git:") + ".git",
        "ssh_url": f"git@127.0.0.1:{repo.full_name}.git",
        "clone_url": html + ".git",
        "svn_url": html,
        "mirror_url": None,
        "homepage": None,
        "language": None,
        "license": None,
        "topics": repo.topics.split(),
        "visibility": "private" if repo.private else "public",
        **_counts(forge, repo),
        "default_branch": repo.default_branch,
        **_features(),
        "archived": bool(repo.archived),
        "disabled": False,
        "pushed_at": repo.pushed_at,
        "created_at": repo.created_at,
        "updated_at": repo.updated_at,
        "permissions": _permissions(forge, who, repo),
    }


def _merge_settings(repo: RepoRow) -> Json:
    return {
        "allow_merge_commit": bool(repo.allow_merge_commit),
        "allow_squash_merge": bool(repo.allow_squash_merge),
        "allow_rebase_merge": bool(repo.allow_rebase_merge),
        "allow_auto_merge": bool(repo.allow_auto_merge),
        "delete_branch_on_merge": bool(repo.delete_branch_on_merge),
    }


def _network() -> Json:
    return {"subscribers_count": 0, "network_count": 0}


def _counts(forge: Forge, repo: RepoRow) -> Json:
    zeros = ("forks_count", "stargazers_count", "watchers_count", "size", "forks", "watchers")
    open_pulls = "SELECT count(*) FROM pulls WHERE repo_id = ? AND state = 'open'"
    issues = forge.store.execute(open_pulls, repo.id)[0][0]
    return {**dict.fromkeys(zeros, 0), "open_issues": issues, "open_issues_count": issues}


def _features() -> Json:
    absent = ("has_projects", "has_wiki", "has_pages", "has_downloads", "has_discussions", "is_template")
    return {"has_issues": True, "web_commit_signoff_required": False, **dict.fromkeys(absent, False)}


def _permissions(forge: Forge, who: Identity, repo: RepoRow) -> Json:
    level = forge.viewer_permission(who, repo)
    push = level in ("WRITE", "ADMIN")
    return {"admin": level == "ADMIN", "maintain": level == "ADMIN", "push": push, "triage": push, "pull": True}
