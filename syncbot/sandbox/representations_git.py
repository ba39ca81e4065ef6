"""Git objects, refs, contents and comparisons as JSON in the shape of GitHub's OpenAPI description."""

from __future__ import annotations

import base64
from datetime import UTC, datetime

import pygit2

from .forge import Forge
from .protection import protection_of
from .records import RepoRow
from .repository import ChangedFile, Entry, as_entry
from .representations import Json, node_id, optional_user, repo_html, repo_url
from .signing import is_verified

TYPES = {"blob": "file", "tree": "dir", "commit": "submodule"}


def signature(person: pygit2.Signature) -> Json:
    moment = datetime.fromtimestamp(person.time, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    return {"name": person.name, "email": person.email, "date": moment}


def verification(forge: Forge, repo: RepoRow, commit: pygit2.Commit) -> Json:
    """GitHub's word on a commit's signature."""
    sha = str(commit.id)
    if not is_verified(forge, repo, sha):
        rest = dict.fromkeys(("signature", "payload", "verified_at"))
        return {"verified": False, "reason": "unsigned", **rest}
    return {
        "verified": True,
        "reason": "valid",
        "signature": "-----BEGIN PGP SIGNATURE-----\n\nsandbox\n-----END PGP SIGNATURE-----\n",
        "payload": f"commit {sha}",
        "verified_at": signature(commit.committer)["date"],
    }


def git_commit(forge: Forge, repo: RepoRow, commit: pygit2.Commit) -> Json:
    """GitHub's `git-commit`."""
    url = f"{repo_url(forge, repo)}/git"
    html = f"{repo_html(forge, repo)}/commit"
    sha = str(commit.id)
    return {
        "sha": sha,
        "node_id": node_id("C", f"{repo.id}_{sha}"),
        "url": f"{url}/commits/{sha}",
        "html_url": f"{html}/{sha}",
        "author": signature(commit.author),
        "committer": signature(commit.committer),
        "message": commit.message.rstrip("\n"),
        "tree": {"sha": str(commit.tree_id), "url": f"{url}/trees/{commit.tree_id}"},
        "parents": [
            {"sha": str(oid), "url": f"{url}/commits/{oid}", "html_url": f"{html}/{oid}"} for oid in commit.parent_ids
        ],
        "verification": verification(forge, repo, commit),
    }


def commit(forge: Forge, repo: RepoRow, found: pygit2.Commit) -> Json:
    """GitHub's `commit`, without its files."""
    url = f"{repo_url(forge, repo)}/commits"
    html = f"{repo_html(forge, repo)}/commit"
    sha = str(found.id)
    inner = git_commit(forge, repo, found)
    return {
        "sha": sha,
        "node_id": inner["node_id"],
        "url": f"{url}/{sha}",
        "html_url": inner["html_url"],
        "comments_url": f"{url}/{sha}/comments",
        "commit": {
            **{key: inner[key] for key in ("url", "author", "committer", "message", "tree", "verification")},
            "comment_count": 0,
        },
        "author": optional_user(forge, forge.login_of_email(found.author.email)),
        "committer": optional_user(forge, forge.login_of_email(found.committer.email)),
        "parents": [{"sha": str(oid), "url": f"{url}/{oid}", "html_url": f"{html}/{oid}"} for oid in found.parent_ids],
    }


def detailed_commit(forge: Forge, repo: RepoRow, found: pygit2.Commit) -> Json:
    """GitHub's `commit` with what it changed."""
    parent = str(found.parent_ids[0]) if found.parent_ids else None
    sha = str(found.id)
    files = [changed_file(forge, repo, sha, file) for file in forge.git(repo).changed_files(parent, sha)]
    added = sum(int(str(file["additions"])) for file in files)
    deleted = sum(int(str(file["deletions"])) for file in files)
    stats = {"additions": added, "deletions": deleted, "total": added + deleted}
    return {**commit(forge, repo, found), "stats": stats, "files": files}


def comparison(forge: Forge, repo: RepoRow, base: pygit2.Commit, head: pygit2.Commit, name: str) -> Json:
    """GitHub's `commit-comparison` of two commits that share history; `name` is `base...head` as asked."""
    git = forge.git(repo)
    found = git.compare(str(base.id), str(head.id))
    commits = list(git.commits(str(head.id), without=str(base.id)))[::-1]
    merge_base = git.raw[str(found.merge_base)].peel(pygit2.Commit)
    html = f"{repo_html(forge, repo)}/compare/{name}"
    return {
        "url": f"{repo_url(forge, repo)}/compare/{name}",
        "html_url": html,
        "permalink_url": html,
        "diff_url": f"{html}.diff",
        "patch_url": f"{html}.patch",
        "base_commit": commit(forge, repo, base),
        "merge_base_commit": commit(forge, repo, merge_base),
        "status": _relation(found.ahead, found.behind),
        "ahead_by": found.ahead,
        "behind_by": found.behind,
        "total_commits": len(commits),
        "commits": [commit(forge, repo, one) for one in commits],
        "files": [
            changed_file(forge, repo, str(head.id), file) for file in git.changed_files(found.merge_base, str(head.id))
        ],
    }


def changed_file(forge: Forge, repo: RepoRow, sha: str, file: ChangedFile) -> Json:
    """GitHub's `diff-entry`."""
    html = repo_html(forge, repo)
    previous = {"previous_filename": file.previous_path} if file.previous_path else {}
    patch = {"patch": file.patch} if file.patch else {}
    return {
        "sha": file.oid,
        "filename": file.path,
        "status": file.status,
        "additions": file.additions,
        "deletions": file.deletions,
        "changes": file.additions + file.deletions,
        "blob_url": f"{html}/blob/{sha}/{file.path}",
        "raw_url": f"{html}/raw/{sha}/{file.path}",
        "contents_url": f"{repo_url(forge, repo)}/contents/{file.path}?ref={sha}",
        **previous,
        **patch,
    }


def tree(forge: Forge, repo: RepoRow, found: pygit2.Tree, *, recursive: bool) -> Json:
    """GitHub's `git-tree`."""
    sha = str(found.id)
    entries = _tree_entries(forge, repo, found, "", recursive)
    return {"sha": sha, "url": _git_url(forge, repo, "trees", sha), "tree": entries, "truncated": False}


def blob(forge: Forge, repo: RepoRow, oid: str, content: bytes) -> Json:
    """GitHub's `blob`."""
    return {
        "sha": oid,
        "node_id": node_id("B", f"{repo.id}_{oid}"),
        "size": len(content),
        "url": _git_url(forge, repo, "blobs", oid),
        "content": base64.encodebytes(content).decode(),
        "encoding": "base64",
    }


def ref(forge: Forge, repo: RepoRow, name: str, oid: str) -> Json:
    """GitHub's `git-ref`."""
    found = forge.git(repo).object(oid)
    kind = found.type_str if found else "commit"
    return {
        "ref": name,
        "node_id": node_id("REF", f"{repo.id}_{name}"),
        "url": f"{repo_url(forge, repo)}/git/{name}",
        "object": {"type": kind, "sha": oid, "url": _git_url(forge, repo, kind + "s", oid)},
    }


def short_branch(forge: Forge, repo: RepoRow, name: str, oid: str) -> Json:
    """GitHub's `short-branch`."""
    pointer = {"sha": oid, "url": f"{repo_url(forge, repo)}/commits/{oid}"}
    return {"name": name, "commit": pointer, "protected": protection_of(forge, repo, name) is not None}


def branch(forge: Forge, repo: RepoRow, name: str, tip: pygit2.Commit) -> Json:
    """GitHub's `branch-with-protection`."""
    protected = protection_of(forge, repo, name) is not None
    url = f"{repo_url(forge, repo)}/branches/{name}"
    checks = {"enforcement_level": "off", "contexts": [], "checks": []}
    return {
        "name": name,
        "commit": commit(forge, repo, tip),
        "_links": {"self": url, "html": f"{repo_html(forge, repo)}/tree/{name}"},
        "protected": protected,
        "protection": {"enabled": protected, "required_status_checks": checks},
        "protection_url": f"{url}/protection",
    }


def content_file(forge: Forge, repo: RepoRow, path: str, revision: str, entry: Entry, content: bytes) -> Json:
    """GitHub's `content-file`, or `content-symlink` where the entry is one."""
    base = _content_links(forge, repo, path, revision, entry)
    if entry.mode == "120000":
        return {**base, "type": "symlink", "target": content.decode("utf-8", "replace"), "size": len(content)}
    return {
        **base,
        "type": "file",
        "size": len(content),
        "encoding": "base64",
        "content": base64.encodebytes(content).decode(),
    }


def content_submodule(forge: Forge, repo: RepoRow, path: str, revision: str, entry: Entry) -> Json:
    """GitHub's `content-submodule`."""
    return {
        **_content_links(forge, repo, path, revision, entry),
        "type": "submodule",
        "size": 0,
        "submodule_git_url": repo_html(forge, repo),
    }


def content_directory(forge: Forge, repo: RepoRow, path: str, revision: str, found: pygit2.Tree) -> list[Json]:
    """GitHub's `content-directory`."""
    return [_directory_entry(forge, repo, path, revision, as_entry(item)) for item in found]


def _relation(ahead: int, behind: int) -> str:
    if ahead and behind:
        return "diverged"
    return "ahead" if ahead else "behind" if behind else "identical"


def _directory_entry(forge: Forge, repo: RepoRow, folder: str, revision: str, entry: Entry) -> Json:
    path = f"{folder}/{entry.name}" if folder else entry.name
    content = forge.git(repo).blob(entry.oid) if entry.type == "blob" else None
    kind = "symlink" if entry.mode == "120000" else TYPES[entry.type]
    return {
        **_content_links(forge, repo, path, revision, entry),
        "type": kind,
        "size": len(content) if content is not None else 0,
    }


def _content_links(forge: Forge, repo: RepoRow, path: str, revision: str, entry: Entry) -> Json:
    own = f"{repo_url(forge, repo)}/contents/{path}?ref={revision}"
    html = f"{repo_html(forge, repo)}/{entry.type}/{revision}/{path}"
    git = _git_url(forge, repo, entry.type + "s", entry.oid)
    raw = f"{repo_html(forge, repo)}/raw/{revision}/{path}" if entry.type == "blob" else None
    return {
        "name": path.rpartition("/")[2],
        "path": path,
        "sha": entry.oid,
        "url": own,
        "git_url": git,
        "html_url": html,
        "download_url": raw,
        "_links": {"self": own, "git": git, "html": html},
    }


def _tree_entries(forge: Forge, repo: RepoRow, found: pygit2.Tree, prefix: str, recursive: bool) -> list[Json]:
    entries: list[Json] = []
    for item in found:
        entry = as_entry(item)
        shown: Json = {"path": prefix + entry.name, "mode": entry.mode, "type": entry.type, "sha": entry.oid}
        if entry.type != "commit":
            shown["url"] = _git_url(forge, repo, entry.type + "s", entry.oid)
        if isinstance(item, pygit2.Blob):
            shown["size"] = item.size
        entries.append(shown)
        if recursive and isinstance(item, pygit2.Tree):
            entries += _tree_entries(forge, repo, item, f"{prefix}{entry.name}/", recursive)
    return entries


def _git_url(forge: Forge, repo: RepoRow, kind: str, oid: str) -> str:
    return f"{repo_url(forge, repo)}/git/{kind}/{oid}"
