"""git's smart HTTP protocol, spoken by `git http-backend`; what a push changes reaches pull requests at once."""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Mapping
from pathlib import Path

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from .automerge import settle
from .forge import Forge
from .identity import authenticate
from .protection import DELETED, FORCED, NOT_LINEAR, UNSIGNED, protection_of, review_sentence
from .records import Identity, RepoRow
from .refusal import Refusal
from .repository import HEADS
from .rest import token_of
from .rulesets import wants_linear_history, wants_signatures
from .sync import branch_moved

PUSH = "git-receive-pack"
FETCH = "git-upload-pack"
ASK = {"WWW-Authenticate": 'Basic realm="GitHub"'}

# Refuses, as GitHub does, new commits that touch workflow files, and updates that a branch's rule declines. What is
# pushed is never signed. SANDBOX_RULES has a line for each protected branch: its ref, the word of each demand, and
# the sentence for missing reviews. SANDBOX_SIGNED names the refs of which a ruleset demands signatures.
HOOK = f"""#!/bin/sh
none=0000000000000000000000000000000000000000
decline() {{
  echo "error: GH006: Protected branch update failed for $ref." >&2
  echo "error: $1" >&2
  exit 1
}}
while read -r old new ref; do
  rule=$(printf '%s\\n' "$SANDBOX_RULES" | grep -F "$ref " | head -n 1)
  words=" ${{rule#* }} "
  if [ "$new" = $none ]; then
    [ -z "$rule" ] || decline "{DELETED}"
    continue
  fi
  if [ -z "$SANDBOX_WORKFLOWS" ] && [ -n "$(git rev-list -1 "$new" --not --all -- .github/workflows)" ]; then
    echo "refusing to allow a GitHub App to create or update workflow in $ref without \\`workflows\\` permission" >&2
    exit 1
  fi
  if printf '%s\\n' "$SANDBOX_SIGNED" | grep -qxF "$ref" && [ -n "$(git rev-list -1 "$new" --not --all)" ]; then
    echo "error: GH013: Repository rule violations found for $ref." >&2
    echo "- {UNSIGNED}" >&2
    exit 1
  fi
  if printf '%s\\n' "$SANDBOX_LINEAR" | grep -qxF "$ref" \\
    && [ -n "$(git rev-list -1 --merges "$new" --not --all)" ]; then
    echo "error: GH013: Repository rule violations found for $ref." >&2
    echo "- {NOT_LINEAR}" >&2
    exit 1
  fi
  [ -n "$rule" ] || continue
  if [ "$old" != $none ]; then
    git merge-base --is-ancestor "$old" "$new" || decline "{FORCED}"
    case "$words" in *" reviews "*) decline "${{rule#*: }}" ;; esac
  fi
  case "$words" in
    *" signatures "*) [ -z "$(git rev-list -1 "$new" --not --all)" ] || decline "{UNSIGNED}" ;;
  esac
  case "$words" in
    *" linear "*) [ -z "$(git rev-list -1 --merges "$new" --not --all)" ] || decline "{NOT_LINEAR}" ;;
  esac
done
"""
COMMAND = re.compile(rb"[0-9a-f]{40} [0-9a-f]{40} (refs/heads/[^\0\n]+)")


def git_routes(forge: Forge) -> list[Route]:
    """The three routes of the protocol, under `/owner/name.git` and `/owner/name`."""
    hooks = forge.data / "hooks"
    hooks.mkdir(exist_ok=True)
    hook = hooks / "pre-receive"
    hook.write_text(HOOK)
    hook.chmod(0o755)

    async def endpoint(request: Request) -> Response:
        body = await request.body()
        return await run_in_threadpool(_respond, forge, request, body)

    return [
        Route("/{owner}/{repo}/info/refs", endpoint, methods=["GET"]),
        Route("/{owner}/{repo}/git-upload-pack", endpoint, methods=["POST"]),
        Route("/{owner}/{repo}/git-receive-pack", endpoint, methods=["POST"]),
    ]


def _respond(forge: Forge, request: Request, body: bytes) -> Response:
    service = _service(request)
    if service not in (PUSH, FETCH):
        return Response("Please upgrade your git client.", 403)
    try:
        who = authenticate(forge, token_of(request.headers.get("authorization")))
        repo = forge.repo(who, request.path_params["owner"], request.path_params["repo"].removesuffix(".git"))
        if service == PUSH:
            forge.require(who, repo, "contents")
    except Refusal as refusal:
        return _refused(request, refusal)
    if (moved := _moved(forge, request, repo)) is not None:
        return moved
    if request.method == "POST" and service == PUSH:
        return _push(forge, request, body, who, repo)
    return _backend(forge, request, body, who, repo)


def _service(request: Request) -> str:
    last = request.url.path.rpartition("/")[2]
    return request.query_params.get("service", "") if last == "refs" else last


def _refused(request: Request, refusal: Refusal) -> Response:
    """A refusal in plain text, which git shows; nobody is asked to say who they are, as for a hidden repository."""
    anonymous = "authorization" not in request.headers
    if refusal.status == 401 or (refusal.status == 404 and anonymous):
        return Response("Authentication required.\n", 401, ASK, "text/plain")
    return Response(f"{refusal.message}\n", refusal.status, media_type="text/plain")


def _moved(forge: Forge, request: Request, repo: RepoRow) -> Response | None:
    asked = request.path_params["repo"].removesuffix(".git")
    if asked.casefold() == repo.name.casefold():
        return None
    rest = request.url.path.split("/", 3)[3]
    query = f"?{request.url.query}" if request.url.query else ""
    return Response(status_code=301, headers={"Location": f"{forge.url}/{repo.full_name}.git/{rest}{query}"})


def _push(forge: Forge, request: Request, body: bytes, who: Identity, repo: RepoRow) -> Response:
    with forge.store.transaction():
        git = forge.git(repo)
        was_empty = git.is_empty
        before = dict(git.branches())
        response = _backend(forge, request, body, who, repo, _rules(forge, repo, body))
        after = dict(git.branches())
        if was_empty and after and repo.default_branch not in after:
            forge.edit_repo(repo, default_branch=next(iter(after)))
        for branch in sorted(before.keys() | after.keys()):
            if before.get(branch) != after.get(branch):
                branch_moved(forge, who.login, repo, branch, before.get(branch), after.get(branch))
        settle(forge)
        return response


def _rules(forge: Forge, repo: RepoRow, body: bytes) -> Mapping[str, str]:
    """The rules of the branches that a push names, in the form the hook reads."""
    lines, signed, linear = [], [], []
    for match in COMMAND.finditer(body.partition(b"PACK")[0]):
        ref = match[1].decode()
        if wants_signatures(forge, repo, ref.removeprefix(HEADS)):
            signed.append(ref)
        if wants_linear_history(forge, repo, ref.removeprefix(HEADS)):
            linear.append(ref)
        rule = protection_of(forge, repo, ref.removeprefix(HEADS))
        if rule is not None:
            demands = {"reviews": rule.requires_reviews, "signatures": rule.signatures, "linear": rule.linear}
            words = " ".join(word for word, wanted in demands.items() if wanted)
            lines.append(f"{ref} {words} : {review_sentence(rule)}")
    found = {"SANDBOX_RULES": lines, "SANDBOX_SIGNED": signed, "SANDBOX_LINEAR": linear}
    return {name: "\n".join(refs) for name, refs in found.items()}


def _backend(
    forge: Forge, request: Request, body: bytes, who: Identity, repo: RepoRow, rules: Mapping[str, str] | None = None
) -> Response:
    rest = request.url.path.split("/", 3)[3]
    done = subprocess.run(
        ["git", "http-backend"],
        input=body,
        capture_output=True,
        check=False,
        env={**(rules or {}), **_settings(forge, who), **_request(request, body, forge.path(repo), rest)},
    )
    head, _, content = done.stdout.partition(b"\r\n\r\n")
    headers = dict(line.split(": ", 1) for line in head.decode("latin-1").splitlines() if ": " in line)
    status = int(headers.pop("Status", "200").split()[0]) if headers else 500
    return Response(content, status, headers)


def _request(request: Request, body: bytes, path: Path, rest: str) -> dict[str, str]:
    return {
        "GIT_PROJECT_ROOT": str(path.absolute()),
        "PATH_INFO": f"/{rest}",
        "REQUEST_METHOD": request.method,
        "QUERY_STRING": request.url.query,
        "CONTENT_TYPE": request.headers.get("content-type", ""),
        "CONTENT_LENGTH": str(len(body)),
        "HTTP_CONTENT_ENCODING": request.headers.get("content-encoding", ""),
        "GIT_PROTOCOL": request.headers.get("git-protocol", ""),
    }


def _settings(forge: Forge, who: Identity) -> dict[str, str]:
    """An environment of our own: nothing of the user's git configuration has a say."""
    config = {
        "safe.directory": "*",
        "http.receivepack": "true",
        "receive.hideRefs": "refs/pull",
        "receive.autogc": "false",
        "receive.denyDeleteCurrent": "refuse",
        "receive.fsckObjects": "true",
        "uploadpack.allowFilter": "true",
        "uploadpack.allowReachableSHA1InWant": "true",
        "core.hooksPath": str((forge.data / "hooks").absolute()),
    }
    numbered: dict[str, str] = {}
    for index, (key, value) in enumerate(config.items()):
        numbered |= {f"GIT_CONFIG_KEY_{index}": key, f"GIT_CONFIG_VALUE_{index}": value}
    return {
        "PATH": os.environ.get("PATH", os.defpath),
        "LC_ALL": "C",
        "HOME": str(forge.data.absolute()),
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_HTTP_EXPORT_ALL": "1",
        "GIT_CONFIG_COUNT": str(len(config)),
        "REMOTE_USER": who.login,
        "SANDBOX_WORKFLOWS": "may" if who.may("workflows") else "",
        **numbered,
    }
