"""Who is asking: tokens of people and bots, an installation's tokens, and an App's own JSON web tokens."""

from __future__ import annotations

import json
from typing import Any

import jwt

from .apps import App, identity_of_token
from .forge import Forge
from .records import Identity
from .refusal import Refusal

LONGEST = 600  # seconds from now that an App's JWT may be good for
DRIFT = 60  # seconds by which clocks may differ


def authenticate(forge: Forge, token: str | None) -> Identity:
    """Who a token acts as; nobody without one. Raises Refusal 401 for what is unknown or has expired."""
    if token is None:
        return Identity()
    if token.count(".") == 2:
        return _app(forge, token)
    rows = forge.store.execute("SELECT * FROM tokens WHERE token = ?", token)
    if not rows:
        found = identity_of_token(forge, token)
        if found is None:
            raise Refusal(401, "Bad credentials")
        return found
    row = rows[0]
    reach = row["repositories"]
    return Identity(
        login=row["login"],
        type=row["type"],
        permissions=json.loads(row["permissions"]),
        repositories=None if reach is None else tuple(json.loads(reach)),
    )


def _app(forge: Forge, assertion: str) -> Identity:
    """The App that signed a JWT: RS256, issued by its id, good for ten minutes at most."""
    forge.assertions[assertion] = None
    app = _issuer(forge, assertion)
    try:
        claims = jwt.decode(
            assertion, app.public_key, algorithms=["RS256"], options={"verify_exp": False, "verify_iat": False}
        )
    except jwt.PyJWTError as error:
        raise _undecodable() from error
    # The sandbox's clock may have been set, and the caller's not: either is good enough.
    refusals = [_untimely(claims, now) for now in (forge.clock.now().timestamp(), forge.clock.computer())]
    if all(refusals):
        raise Refusal(401, str(refusals[0]))
    return Identity(login=app.login, type="App", repositories=(), app=app.id)


def _issuer(forge: Forge, assertion: str) -> App:
    try:
        claims = jwt.decode(assertion, options={"verify_signature": False})
    except jwt.PyJWTError as error:
        raise _undecodable() from error
    found = forge.store.one(App, "SELECT * FROM apps WHERE id = ?", str(claims.get("iss")))
    if found is None:
        raise Refusal(401, "Integration not found")
    return found


def _untimely(claims: dict[str, Any], now: float) -> str | None:
    """GitHub's complaint about the times of a JWT, or None."""
    expires, issued = claims.get("exp"), claims.get("iat", now)
    if not isinstance(expires, int | float) or expires <= now:
        return (
            "'Expiration time' claim ('exp') must be a numeric value representing the future time at which the "
            "assertion expires"
        )
    if expires > now + LONGEST + DRIFT:
        return "'Expiration time' claim ('exp') is too far in the future"
    if not isinstance(issued, int | float) or issued > now + DRIFT:
        return "'Issued at' claim ('iat') must be an Integer representing the time that the assertion was issued"
    return None


def _undecodable() -> Refusal:
    return Refusal(401, "A JSON web token could not be decoded")
