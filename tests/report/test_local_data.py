"""What a pull request says of the database on a developer's machine, and the commands that it gives."""

from __future__ import annotations

import re
import subprocess

import pytest

from syncbot.model.files import Ownership
from syncbot.plan.actions import NoOp
from syncbot.plan.file_status import FileStatus, Proposal
from syncbot.plan.repo_plan import Changeset, RepoPlan
from syncbot.plan.states import FileState
from syncbot.report.local_data import local_data_section
from tests.plan.reasons import example
from tests.plan.test_local_data import NEW


def section(old: str, new: str = NEW, path: str = "docker-compose.yml") -> str:
    """The section for a pull request that brings `new` in place of `old` in acme/shop."""
    status = FileStatus(
        path=path,
        ownership=Ownership.FILE,
        state=FileState.UNMANAGED,
        desired=None,
        live=None,
        delivered=None,
        proposal=Proposal(content=new.encode(), mode="100644", before=old.encode()),
    )
    changeset = Changeset(
        name="takeover", branch="b", action=NoOp(), why=example("drift"), files=(status,), proposed={}
    )
    return local_data_section(RepoPlan(repo="acme/shop", listed_as="shop", changesets=(changeset,)), changeset)


def commands(text: str) -> str:
    """All that stands in the blocks of code, which a shell reads without running it."""
    found = "".join(re.findall(r"```sh\n(.*?)```", text, re.DOTALL))
    assert subprocess.run(["bash", "-n"], input=found, text=True, check=False).returncode == 0
    return found


def test_nothing_where_nothing_happens() -> None:
    """Not for the same server, nor for another file."""
    assert section(NEW) == ""
    assert section(NEW.replace("pgdata16", "data"), path="README.md") == ""


def test_data_moves_to_another_volume_user_and_database() -> None:
    """Old and new of each stand beside each other, and the commands name the service, user and database of each."""
    old = NEW.replace("  db:", "  postgres:").replace("pgdata16", "data").replace(": app", ": ledger")
    text = section(old)
    for row in (
        "| Service | `postgres` | `db` |",
        "| Volume | `shop_data` | `shop_pgdata16` |",
        "| User | `ledger` | `app` |",
        "| Database | `ledger` | `app` |",
    ):
        assert row in text
    assert "| Image" not in text and "Compose project" not in text and "In a clone" not in text
    assert "**The new server starts with an empty volume**; `shop_data` stays as it is." in text
    assert "The old data is removed with `docker volume rm shop_data`." in text
    assert commands(text) == (
        "docker compose up -d postgres\n"
        "docker compose exec -T postgres sh -c 'until pg_isready -q -h 127.0.0.1; do sleep 1; done'\n"
        "docker compose exec -T postgres pg_dump --no-owner --no-privileges -U ledger -d ledger "
        "> before-this-change.dump.sql\n"
        "docker compose down\n"
        "docker compose up -d db\n"
        "docker compose exec -T db sh -c 'until pg_isready -q -h 127.0.0.1; do sleep 1; done'\n"
        "docker compose exec -T db psql -q -v ON_ERROR_STOP=1 -U app -d app < before-this-change.dump.sql\n"
    )


def test_a_user_that_is_not_there_is_said_and_the_volume_taken_away_between() -> None:
    """On the same volume nothing would make it."""
    text = section(NEW.replace("_USER: app", "_USER: me"))
    assert "in which the user `app` or the database `app` is missing**" in text
    assert "down\ndocker volume rm shop_pgdata16\ndocker compose up -d db\n" in commands(text)
    bound = NEW.replace("pgdata16:/", "./data:/")
    assert "\nmv ./data ./data-before\n" in commands(section(bound.replace("_USER: app", "_USER: me"), bound))


def test_alpine_and_debian_on_one_volume() -> None:
    """A warning, and the indexes are made anew; where the user differs as well, a dump does both."""
    alpine = NEW.replace("postgres:16", "postgres:16-alpine")
    text = section(alpine)
    assert "**Warning: the volume was written on Alpine, and the new image is built on Debian.**" in text
    assert commands(text).endswith("docker compose exec -T db reindexdb --all -U app\n")
    both = section(alpine.replace("_USER: app", "_USER: me"))
    assert "**Warning:" in both and "reindexdb" not in both and "pg_dump" in both
    unknown = section(NEW.replace("postgres:16", "acme/postgresql:16"))
    assert "**Warning: the two images may have different C libraries.**" in unknown


def test_what_the_file_does_not_tell_is_asked_in_the_container() -> None:
    """User and database from variables are read where they are set."""
    old = NEW.replace("pgdata16", "data").replace("_USER: app", "_USER: '${ME}'").replace("_DB: app", "_DB: '${IT}'")
    text = section(old)
    assert "| User | depends on your variables | `app` |" in text
    asked = '-U "${POSTGRES_USER:-postgres}" -d "${POSTGRES_DB:-${POSTGRES_USER:-postgres}}"'
    assert f"sh -c 'pg_dump --no-owner --no-privileges {asked}' > before-this-change.dump.sql\n" in commands(text)


def test_a_file_in_a_folder_is_named_in_the_commands() -> None:
    """There the folder names the project."""
    text = section(NEW.replace("name: shop\n", ""), path="deploy/compose.yaml")
    assert "| Volume | `deploy_pgdata16` | `shop_pgdata16` |" in text and "in a folder `deploy`" in text
    assert commands(text).startswith("docker compose -f deploy/compose.yaml up -d db\n")


@pytest.mark.parametrize("name", ["x; rm -rf ~", "$(id)", "a`b", "@acme/all", "-x", "a b"])
def test_no_name_gets_into_a_shell(name: str) -> None:
    """What is no plain name stands in the table as code; the commands ask for it, or are left out."""
    user = section(NEW.replace("_USER: app", f"_USER: '{name}'"))
    assert name not in commands(user) and "@acme" not in user.replace("`@acme/all`", "")
    volume = section(NEW.replace("pgdata16: {}", f"pgdata16: {{name: '{name}'}}").replace("_USER: app", "_USER: me"))
    assert name not in commands(volume) and "Volume" in volume
    service = section(NEW.replace("  db:", f"  '{name}':").replace("pgdata16", "data"))
    assert commands(service) == "" and "empty volume" in service


def test_a_relative_folder_is_that_of_the_compose_file() -> None:
    """Compose takes `./data` from beside its file; the commands are run from the root."""
    old = NEW.replace("pgdata16:/var", "./data:/var")
    text = section(
        old, NEW.replace("pgdata16:/var", "./data:/var").replace("postgres:16", "postgres:17"), "dev/compose.yaml"
    )
    assert "mv dev/data dev/data-before" in text


def test_a_volume_that_others_may_use_is_not_said_to_be_removed() -> None:
    """One with a name of its own, or made elsewhere: only where the data has to go, and with a word."""
    named = NEW.replace("{pgdata16: {}}", "{pgdata16: {external: true, name: company_pg}}")
    assert "docker volume rm" not in section(named)
    text = section(named, named.replace("postgres:16", "postgres:17"))
    assert "Only if no other project uses this volume" in text


def test_what_cannot_be_told_has_no_commands() -> None:
    """The table says on what it depends; nothing is dumped, moved or removed."""
    text = section(NEW.replace("postgres:16", "postgres:${PG}"))
    assert "cannot be told from the files" in text
    assert "| Image | depends on your variables | `postgres:16` |" in text
    assert "volume rm" not in text
