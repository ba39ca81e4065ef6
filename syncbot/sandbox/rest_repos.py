"""REST: the root, accounts, repositories, topics."""

from __future__ import annotations

from .call import Answer, Call
from .refusal import Refusal, not_found
from .representations import full_repository, minimal_repository, private_user

ROOT_URLS = {
    "authorizations_url": "/authorizations",
    "code_search_url": "/search/code?q={query}{&page,per_page,sort,order}",
    "commit_search_url": "/search/commits?q={query}{&page,per_page,sort,order}",
    "current_user_authorizations_html_url": "/settings/connections/applications{/client_id}",
    "current_user_repositories_url": "/user/repos{?type,page,per_page,sort}",
    "current_user_url": "/user",
    "emails_url": "/user/emails",
    "emojis_url": "/emojis",
    "events_url": "/events",
    "feeds_url": "/feeds",
    "followers_url": "/user/followers",
    "following_url": "/user/following{/target}",
    "gists_url": "/gists{/gist_id}",
    "issue_search_url": "/search/issues?q={query}{&page,per_page,sort,order}",
    "issues_url": "/issues",
    "keys_url": "/user/keys",
    "label_search_url": "/search/labels?q={query}&repository_id={repository_id}{&page,per_page}",
    "notifications_url": "/notifications",
    "organization_repositories_url": "/orgs/{org}/repos{?type,page,per_page,sort}",
    "organization_teams_url": "/orgs/{org}/teams",
    "organization_url": "/orgs/{org}",
    "public_gists_url": "/gists/public",
    "rate_limit_url": "/rate_limit",
    "repository_search_url": "/search/repositories?q={query}{&page,per_page,sort,order}",
    "repository_url": "/repos/{owner}/{repo}",
    "starred_gists_url": "/gists/starred",
    "starred_url": "/user/starred{/owner}{/repo}",
    "user_organizations_url": "/user/orgs",
    "user_repositories_url": "/users/{user}/repos{?type,page,per_page,sort}",
    "user_search_url": "/search/users?q={query}{&page,per_page,sort,order}",
    "user_url": "/users/{user}",
}
SETTINGS = (
    "archived",
    "private",
    "allow_merge_commit",
    "allow_squash_merge",
    "allow_rebase_merge",
    "allow_auto_merge",
    "delete_branch_on_merge",
)


def root(call: Call) -> Answer:
    return Answer(body={name: call.forge.api_url + rest for name, rest in ROOT_URLS.items()})


def meta(call: Call) -> Answer:
    return Answer(body={"verifiable_password_authentication": False})


def rate_limit(call: Call) -> Answer:
    core, graphql = (call.forge.meter.rate(call.who.account, name) for name in ("core", "graphql"))
    return Answer(body={"resources": {"core": core, "search": core, "graphql": graphql}, "rate": core})


def get_viewer(call: Call) -> Answer:
    if call.who.anonymous:
        raise Refusal(401, "Requires authentication")
    if call.who.type != "User":
        raise Refusal(403, "Resource not accessible by integration")
    return Answer(body={**private_user(call.forge, call.who.login), "user_view_type": "public"})


def get_user(call: Call) -> Answer:
    _require_account(call, call.params["login"])
    return Answer(body={**private_user(call.forge, call.params["login"]), "user_view_type": "public"})


def list_repos(call: Call) -> Answer:
    _require_account(call, call.params["owner"])
    rows = call.forge.repos_of(call.who, call.params["owner"])
    page, headers = call.page([minimal_repository(call.forge, call.who, row) for row in rows])
    return Answer(body=page, headers=headers)


def create_repo(call: Call) -> Answer:
    if call.who.anonymous:
        raise Refusal(401, "Requires authentication")
    if not call.who.may("administration"):
        raise Refusal(403, "Resource not accessible by integration")
    repo = call.forge.create_repo(
        call.params["owner"],
        call.text("name"),
        private=call.flag("private"),
        description=call.optional_text("description"),
    )
    return Answer(status=201, body=full_repository(call.forge, call.who, repo))


def get_repo(call: Call) -> Answer:
    return Answer(body=full_repository(call.forge, call.who, call.repo))


def edit_repo(call: Call) -> Answer:
    repo = call.repo
    unarchive = repo.archived and call.body.get("archived") is False
    call.forge.require(call.who, repo, "administration", archived_too=bool(unarchive))
    columns: dict[str, object] = {
        name: text for name in ("description", "default_branch") if (text := call.optional_text(name)) is not None
    }
    columns |= {name: int(call.flag(name)) for name in SETTINGS if name in call.body}
    name = call.optional_text("name")
    if name and name != repo.name:
        repo = call.forge.rename_repo(repo, name)
    repo = call.forge.edit_repo(repo, **columns)
    return Answer(body=full_repository(call.forge, call.who, repo))


def get_topics(call: Call) -> Answer:
    return Answer(body={"names": call.repo.topics.split()})


def set_topics(call: Call) -> Answer:
    repo = call.repo
    call.forge.require(call.who, repo, "administration")
    topics = " ".join(name.lower() for name in call.texts("names"))
    return Answer(body={"names": call.forge.edit_repo(repo, topics=topics).topics.split()})


def _require_account(call: Call, login: str) -> None:
    if not call.forge.store.execute("SELECT 1 FROM users WHERE login = ?", login):
        raise not_found()


ROUTES = (
    ("GET", "/", root),
    ("GET", "/meta", meta),
    ("GET", "/rate_limit", rate_limit),
    ("GET", "/user", get_viewer),
    ("GET", "/users/{login}", get_user),
    ("GET", "/orgs/{owner}/repos", list_repos),
    ("GET", "/users/{owner}/repos", list_repos),
    ("POST", "/orgs/{owner}/repos", create_repo),
    ("GET", "/repos/{owner}/{repo}", get_repo),
    ("PATCH", "/repos/{owner}/{repo}", edit_repo),
    ("GET", "/repos/{owner}/{repo}/topics", get_topics),
    ("PUT", "/repos/{owner}/{repo}/topics", set_topics),
)
