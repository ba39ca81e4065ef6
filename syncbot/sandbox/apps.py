"""GitHub Apps: a key pair, installations by owner, and the tokens that an App gets for them for an hour at a time."""

from __future__ import annotations

import json
import secrets as random
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from .forge import Forge
from .records import Identity
from .refusal import Refusal, not_found

LIFETIME = timedelta(hours=1)
LEVELS = {"read": 1, "write": 2, "admin": 3}


@dataclass(frozen=True, slots=True, kw_only=True)
class App:
    """An App. `permissions` are JSON; the keys are PEM."""

    id: int
    slug: str
    permissions: str
    private_key: str
    public_key: str
    created_at: str

    @property
    def login(self) -> str:
        return f"{self.slug}[bot]"

    @property
    def granted(self) -> dict[str, str]:
        return dict(json.loads(self.permissions))


@dataclass(frozen=True, slots=True, kw_only=True)
class Installation:
    """An App with an owner; `repositories` is JSON of the `owner/name`s it was given, or None: all of the owner's."""

    id: int
    app_id: int
    owner: str
    repositories: str | None
    created_at: str

    @property
    def selected(self) -> tuple[str, ...] | None:
        return None if self.repositories is None else tuple(json.loads(self.repositories))


@dataclass(frozen=True, slots=True, kw_only=True)
class IssuedToken:
    """An installation's token. `expires_at` is on the sandbox's clock."""

    token: str
    expires_at: str
    permissions: Mapping[str, str]
    repositories: tuple[str, ...] | None


# ---------------------------------------------------------------- making


def create_app(
    forge: Forge,
    slug: str,
    permissions: Mapping[str, str],
    installed_on: Iterable[str],
    repositories: Iterable[str] | None = None,
) -> tuple[int, str]:
    """A new App with its installations; answers its id and private key (PEM).

    `repositories` are the `owner/name`s it was given, each for its owner's installation; None: all.
    """
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.TraditionalOpenSSL, serialization.NoEncryption()
    ).decode()
    public = key.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    app_id = forge.store.insert(
        "apps",
        slug=slug,
        permissions=json.dumps(dict(permissions)),
        private_key=private,
        public_key=public.decode(),
        created_at=forge.clock.stamp(),
    )
    forge.user(f"{slug}[bot]", "Bot")
    given = None if repositories is None else tuple(repositories)
    for owner in installed_on:
        install(forge, app_id, owner, given)
    return app_id, private


def install(forge: Forge, app_id: int, owner: str, repositories: tuple[str, ...] | None = None) -> Installation:
    """Installs an App with one more owner."""
    forge.user(owner, "Organization")
    own = None
    if repositories is not None:
        own = json.dumps([name for name in repositories if name.partition("/")[0].casefold() == owner.casefold()])
    forge.store.insert("installations", app_id=app_id, owner=owner, repositories=own, created_at=forge.clock.stamp())
    found = installation_for(forge, app_id, owner)
    if found is None:
        raise not_found()
    return found


def uninstall(forge: Forge, app_id: int, owner: str) -> None:
    """Takes an App from an owner; its tokens end with it."""
    forge.store.execute("DELETE FROM installations WHERE app_id = ? AND owner = ?", app_id, owner)


# ---------------------------------------------------------------- reading


def get_app(forge: Forge, app_id: int) -> App:
    """An App by id. Raises Refusal 404."""
    found = forge.store.one(App, "SELECT * FROM apps WHERE id = ?", app_id)
    if found is None:
        raise not_found()
    return found


def installations(forge: Forge, app_id: int) -> tuple[Installation, ...]:
    """An App's installations, oldest first."""
    return forge.store.all(Installation, "SELECT * FROM installations WHERE app_id = ? ORDER BY id", app_id)


def get_installation(forge: Forge, app_id: int, installation_id: int) -> Installation:
    """One of an App's installations. Raises Refusal 404."""
    for found in installations(forge, app_id):
        if found.id == installation_id:
            return found
    raise not_found()


def installation_for(forge: Forge, app_id: int, owner: str, full_name: str | None = None) -> Installation | None:
    """An App's installation with an owner, if it was given the repository asked for."""
    sql = "SELECT * FROM installations WHERE app_id = ? AND owner = ?"
    found = forge.store.one(Installation, sql, app_id, owner)
    if found and full_name and found.selected is not None:
        names = {name.casefold() for name in found.selected}
        return found if full_name.casefold() in names else None
    return found


def secrets(forge: Forge) -> tuple[str, ...]:
    """Every token issued, every private key made and every JWT seen: what must stand in no log."""
    tokens = [row["token"] for row in forge.store.execute("SELECT token FROM tokens")]
    short = [row["token"] for row in forge.store.execute("SELECT token FROM installation_tokens")]
    keys = [row["private_key"] for row in forge.store.execute("SELECT private_key FROM apps")]
    return (*tokens, *short, *keys, *forge.assertions)


# ---------------------------------------------------------------- tokens


def issue_installation_token(
    forge: Forge,
    app: App,
    installation: Installation,
    *,
    permissions: Mapping[str, str] | None = None,
    repositories: tuple[str, ...] | None = None,
) -> IssuedToken:
    """A token for an hour, narrowed to permissions and repositories (by name alone). Raises Refusal 422 for more."""
    granted = app.granted
    asked = dict(permissions) if permissions else granted
    if any(LEVELS.get(level, 9) > LEVELS.get(granted.get(name, ""), 0) for name, level in asked.items()):
        raise Refusal(422, "The permissions requested are not granted to this installation.")
    expires = forge.clock.now() + LIFETIME
    token = IssuedToken(
        token="ghs_" + random.token_hex(18),
        expires_at=expires.strftime("%Y-%m-%dT%H:%M:%SZ"),
        permissions=asked,
        repositories=_reach(forge, installation, repositories),
    )
    forge.store.insert(
        "installation_tokens",
        token=token.token,
        installation_id=installation.id,
        expires_at=token.expires_at,
        permissions=json.dumps(asked),
        repositories=None if token.repositories is None else json.dumps(token.repositories),
    )
    return token


def identity_of_token(forge: Forge, token: str) -> Identity | None:
    """Whom an installation's token stands for, while it lasts and the App is installed; None otherwise."""
    rows = forge.store.execute(
        "SELECT t.*, i.owner, i.app_id, a.slug FROM installation_tokens t "
        "JOIN installations i ON i.id = t.installation_id JOIN apps a ON a.id = i.app_id WHERE t.token = ?",
        token,
    )
    if not rows or rows[0]["expires_at"] <= forge.clock.stamp():
        return None
    row = rows[0]
    reach = row["repositories"]
    return Identity(
        login=f"{row['slug']}[bot]",
        type="Bot",
        permissions=json.loads(row["permissions"]),
        repositories=None if reach is None else tuple(json.loads(reach)),
        owner=row["owner"],
        installation=row["installation_id"],
    )


def _reach(forge: Forge, installation: Installation, names: tuple[str, ...] | None) -> tuple[str, ...] | None:
    if names is None:
        return installation.selected
    wanted = tuple(f"{installation.owner}/{name}" for name in names)
    given = installation.selected
    known = None if given is None else {name.casefold() for name in given}
    for full_name in wanted:
        found = forge.find(*full_name.split("/", 1))
        if found is None or (known is not None and full_name.casefold() not in known):
            raise Refusal(
                422,
                "There is at least one repository that does not exist or is not accessible to the parent installation.",
            )
    return wanted
