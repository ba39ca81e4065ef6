"""REST: an App as itself, its installations and their tokens, and what an installation may see."""

from __future__ import annotations

from collections.abc import Mapping

from .apps import (
    App,
    Installation,
    get_app,
    get_installation,
    installation_for,
    installations,
    issue_installation_token,
)
from .call import Answer, Call
from .refusal import Refusal, not_found
from .representations import Json, node_id, repository, user


def get_own_app(call: Call) -> Answer:
    app = _app(call)
    shown = {
        "id": app.id,
        "slug": app.slug,
        "node_id": node_id("A", app.id),
        "owner": user(call.forge, app.login),
        "name": app.slug,
        "description": None,
        "external_url": f"{call.forge.url}/apps/{app.slug}",
        "html_url": f"{call.forge.url}/apps/{app.slug}",
        "created_at": app.created_at,
        "updated_at": app.created_at,
        "permissions": app.granted,
        "events": [],
        "installations_count": len(installations(call.forge, app.id)),
    }
    return Answer(body=shown)


def list_installations(call: Call) -> Answer:
    app = _app(call)
    page, headers = call.page([_shown(call, app, found) for found in installations(call.forge, app.id)])
    return Answer(body=page, headers=headers)


def get_by_id(call: Call) -> Answer:
    app = _app(call)
    return Answer(body=_shown(call, app, get_installation(call.forge, app.id, call.integer("id"))))


def get_by_owner(call: Call) -> Answer:
    return _found(call, call.params["owner"])


def get_by_repo(call: Call) -> Answer:
    _app(call)
    found = call.forge.find(call.params["owner"], call.params["repo"])
    if found is None:
        raise not_found()
    return _found(call, found.owner, found.full_name)


def post_token(call: Call) -> Answer:
    app = _app(call)
    found = get_installation(call.forge, app.id, call.integer("id"))
    names = call.texts("repositories") if call.body.get("repositories") is not None else None
    token = issue_installation_token(call.forge, app, found, permissions=_permissions(call), repositories=names)
    shown: Json = {
        "token": token.token,
        "expires_at": token.expires_at,
        "permissions": dict(token.permissions),
        "repository_selection": "all" if token.repositories is None else "selected",
    }
    if names is not None:
        rows = [row for name in names if (row := call.forge.find(found.owner, name))]
        shown["repositories"] = [repository(call.forge, call.who, row) for row in rows]
    return Answer(status=201, body=shown)


def list_repositories(call: Call) -> Answer:
    who = call.who
    if who.installation is None or who.owner is None:
        raise Refusal(403, "You must authenticate with an installation access token in order to list repositories.")
    rows = [row for row in call.forge.repos_of(who, who.owner) if who.reaches(row.full_name)]
    page, headers = call.page([repository(call.forge, who, row) for row in rows])
    selection = "all" if who.repositories is None else "selected"
    body = {"total_count": len(rows), "repository_selection": selection, "repositories": page}
    return Answer(body=body, headers=headers)


def _app(call: Call) -> App:
    """The App that asks. Raises Refusal 401 for anybody else."""
    if call.who.app is None:
        raise Refusal(401, "A JSON web token could not be decoded")
    return get_app(call.forge, call.who.app)


def _found(call: Call, owner: str, full_name: str | None = None) -> Answer:
    app = _app(call)
    found = installation_for(call.forge, app.id, owner, full_name)
    if found is None:
        raise not_found()
    return Answer(body=_shown(call, app, found))


def _permissions(call: Call) -> Mapping[str, str] | None:
    value = call.body.get("permissions")
    if value is not None and not isinstance(value, dict):
        raise Refusal(422, "Invalid request.\n\npermissions must be an object.")
    return None if value is None else {str(name): str(level) for name, level in value.items()}


def _shown(call: Call, app: App, found: Installation) -> Json:
    """GitHub's `installation`."""
    owner = user(call.forge, found.owner)
    api = call.forge.api_url
    return {
        "id": found.id,
        "account": owner,
        "repository_selection": "all" if found.selected is None else "selected",
        "access_tokens_url": f"{api}/app/installations/{found.id}/access_tokens",
        "repositories_url": f"{api}/installation/repositories",
        "html_url": f"{call.forge.url}/organizations/{found.owner}/settings/installations/{found.id}",
        "app_id": app.id,
        "app_slug": app.slug,
        "target_id": owner["id"],
        "target_type": owner["type"],
        "permissions": app.granted,
        "events": [],
        "created_at": found.created_at,
        "updated_at": found.created_at,
        "single_file_name": None,
        "suspended_by": None,
        "suspended_at": None,
    }


ROUTES = (
    ("GET", "/app", get_own_app),
    ("GET", "/app/installations", list_installations),
    ("GET", "/app/installations/{id}", get_by_id),
    ("POST", "/app/installations/{id}/access_tokens", post_token),
    ("GET", "/installation/repositories", list_repositories),
    ("GET", "/orgs/{owner}/installation", get_by_owner),
    ("GET", "/users/{owner}/installation", get_by_owner),
    ("GET", "/repos/{owner}/{repo}/installation", get_by_repo),
)
