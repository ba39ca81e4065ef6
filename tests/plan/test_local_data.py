"""What becomes of the database on a developer's machine, by the Compose files of before and after."""

from __future__ import annotations

import pytest

from syncbot.formats.images import Libc
from syncbot.plan.files.local_data import LocalData, local_data

DATA = "/var/lib/postgresql/data"
NEW = f"""\
name: shop
services:
  db:
    image: postgres:16
    environment: {{POSTGRES_USER: app, POSTGRES_PASSWORD: app, POSTGRES_DB: app}}
    volumes: ["pgdata16:{DATA}"]
volumes: {{pgdata16: {{}}}}
"""


def found(old: str, new: str = NEW, folder: str = "shop") -> LocalData | None:
    return local_data(old.encode(), new.encode(), folder)


def test_nothing_is_said_where_the_data_stays() -> None:
    """The same server; other services and settings; and where there is no Postgres before or after."""
    assert found(NEW) is None
    assert found(NEW.replace("services:", "services:\n  app: {build: .}")) is None
    assert found(NEW.replace("name: shop\n", "")) is None  # the folder's name
    assert found("services: {app: {image: redis:8}}") is None
    assert found(NEW, "services: {app: {image: redis:8}}") is None
    assert found("services: [") is None


@pytest.mark.parametrize(
    ("was", "now", "volume"),
    [
        ("name: shop", "name: store", "store_pgdata16"),
        ("pgdata16", "data", "shop_data"),
        ("pgdata16: {}", "pgdata16: {name: shared}", "shared"),
        ("pgdata16: {}", "pgdata16: {external: true}", "pgdata16"),
        (f"pgdata16:{DATA}", f"./data:{DATA}", "./data"),
        (f"pgdata16:{DATA}", DATA, ""),
        (f'volumes: ["pgdata16:{DATA}"]', "tty: true", ""),
        (f'volumes: ["pgdata16:{DATA}"]', f"volumes: [{{type: volume, source: pg, target: {DATA}}}]", "shop_pg"),
    ],
)
def test_another_volume_is_an_empty_one(was: str, now: str, volume: str) -> None:
    """By the names that Docker gives: the project's and the volume's, or the volume's own, or a path."""
    data = found(NEW.replace(was, now))
    assert data and not data.is_kept and data.is_known
    assert (data.old.volume, data.new.volume) == (volume, "shop_pgdata16")
    assert not (data.is_locked_out or data.is_sorted_otherwise or data.is_unreadable)


def test_a_folder_is_named_as_compose_names_it() -> None:
    """In lower case, with letters, digits, `_` and `-` alone, and no sign ahead."""
    data = found(NEW.replace("name: shop\n", ""), folder="_Shop.API-2")
    assert data and data.old.project == "shopapi-2" and not data.old.is_named


def test_another_mount_finds_nothing() -> None:
    """The volume is the same, and the data in it is not where the server looks."""
    data = found(NEW.replace(f":{DATA}", ":/var/lib/postgresql"))
    assert data and not data.is_kept


@pytest.mark.parametrize("key", ["POSTGRES_USER", "POSTGRES_DB"])
def test_another_user_or_database_is_not_made_in_a_volume_that_is_there(key: str) -> None:
    """The image makes both in an empty volume alone."""
    data = found(NEW.replace(f"{key}: app", f"{key}: shop"))
    assert data and data.is_kept and data.is_locked_out
    away = found(NEW.replace(f"{key}: app", f"{key}: shop").replace("pgdata16", "data"))
    assert away and not away.is_locked_out


@pytest.mark.parametrize(
    ("environment", "user", "database"),
    [
        ("{POSTGRES_PASSWORD: x}", "postgres", "postgres"),
        ("{POSTGRES_USER: me}", "me", "me"),
        ("[POSTGRES_USER=me, POSTGRES_DB=mine]", "me", "mine"),
        ("{POSTGRES_USER: '${DB_USER:-me}'}", "me", "me"),
        ("{POSTGRES_USER: '${DB_USER}', POSTGRES_DB: mine}", None, "mine"),
        ("{POSTGRES_USER: , POSTGRES_DB: mine}", None, "mine"),
        ("[POSTGRES_USER, POSTGRES_DB=mine]", None, "mine"),
        ("{POSTGRES_USER_FILE: /run/user}", None, None),
    ],
)
def test_user_and_database_are_those_of_the_image(environment: str, user: str | None, database: str | None) -> None:
    """As the official image's page has its defaults; what the file does not tell is not guessed."""
    given = "{POSTGRES_USER: app, POSTGRES_PASSWORD: app, POSTGRES_DB: app}"
    data = found(NEW.replace(given, environment))
    assert data and (data.old.user, data.old.database) == (user, database)
    more = found(NEW.replace(given, f"{environment}\n    env_file: .env.db"))
    if environment == "{POSTGRES_PASSWORD: x}":
        assert more and more.old.user is None


@pytest.mark.parametrize(
    ("image", "libc", "is_said"),
    [
        ("postgres:16-alpine", Libc.MUSL, True),
        ("postgres:16.4-alpine3.20", Libc.MUSL, True),
        ("postgis/postgis:16-3.4-alpine", Libc.MUSL, True),
        ("timescale/timescaledb:2.17.2-pg16", Libc.MUSL, True),
        ("registry.acme.test/mirror/postgres:16", Libc.GLIBC, False),
        ("postgres:16-bookworm", Libc.GLIBC, False),
        ("pgvector/pgvector:pg16", Libc.GLIBC, False),
        ("acme/postgresql:16", None, True),
    ],
)
def test_another_c_library_sorts_text_otherwise(image: str, libc: Libc | None, is_said: bool) -> None:
    """Alpine's and Debian's; one that is not known may."""
    data = found(NEW.replace("postgres:16", image))
    assert (data.is_sorted_otherwise if data else False) == is_said
    if data:
        assert (data.old.libc, data.new.libc) == (libc, Libc.GLIBC)


def test_another_major_does_not_start_on_the_data() -> None:
    """Each major has a format of its own."""
    data = found(NEW.replace("postgres:16", "postgres:15"))
    assert data and data.is_unreadable


def test_of_several_the_one_with_its_name_is_replaced() -> None:
    """Else the first."""
    two = NEW.replace(
        "  db:", "  audit:\n    image: postgres:15\n    volumes: ['audit:/var/lib/postgresql/data']\n  db:"
    )
    assert found(two) is None
    first = found(two.replace("  db:", "  main:"))
    assert first and (first.old.service, first.old.volume) == ("audit", "shop_audit")


def test_a_volume_by_a_variable_is_not_known() -> None:
    """It is no reason to say that nothing happens."""
    data = found(NEW.replace("pgdata16: {}", "pgdata16: {name: '${VOLUME}'}"))
    assert data and not data.is_known and not data.is_kept


@pytest.mark.parametrize("image", ["postgres:latest", "postgres:${PG}", "mycorp/postgres:blue"])
def test_a_version_that_is_not_told_is_no_other_version(image: str) -> None:
    """It may be the very one: nobody says that the server does not start, only that it cannot be told."""
    data = found(NEW.replace("postgres:16", image))
    assert data is not None
    assert (data.is_unreadable, data.is_locked_out, data.is_unsure) == (False, False, True)


def test_a_user_from_an_env_file_is_no_other_user() -> None:
    """`.env` may say the same."""
    old = NEW.replace("environment: {POSTGRES_USER: app, POSTGRES_PASSWORD: app, POSTGRES_DB: app}", "env_file: .env")
    data = found(old)
    assert data is not None
    assert (data.is_locked_out, data.is_unsure) == (False, True)


def test_each_server_is_looked_at() -> None:
    """The first stays as it is, and the second begins with nothing."""
    second = f'  orders:\n    image: postgres:16\n    volumes: ["t16:{DATA}"]\n'
    old = NEW.replace("volumes: {pgdata16", f"{second}volumes: {{t16: {{}}, pgdata16")
    data = found(old, old.replace("t16", "t17").replace("pgdata17", "pgdata16"))
    assert data is not None
    assert (data.new.service, data.is_kept) == ("orders", False)
