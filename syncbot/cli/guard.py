"""`syncbot guard`: tell a pull request which of its changes are in files that the platform team owns."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

import click

from syncbot.app.actions_context import ActionsContext, actions_context, by_bot
from syncbot.app.checkout import Checkout
from syncbot.cli.output import say_command
from syncbot.formats.codeowners import LOCATIONS, read_codeowners
from syncbot.formats.locations import read_before
from syncbot.model.files import LOCK_PATH, Ownership
from syncbot.model.fleet import BRANCH_PREFIX, Bot
from syncbot.plan.files.guard import OwnedEdit, Versions, guarded_paths, owned_edits
from syncbot.plan.files.lock import read_lock
from syncbot.report.annotations import annotation, plain_line
from syncbot.report.wording import count, one_line
from syncbot.report.words import edit_words


@click.command()
@click.option("--base", metavar="REV", help="The branch that the pull request is for.  [default: from the event]")
@click.option("--head", metavar="REV", help="What it would merge.  [default: from the event, else HEAD]")
@click.option(
    "--identities",
    envvar="SYNCBOT_IDENTITIES",
    default="",
    metavar="LOGINS",
    help="The bot's logins, with commas between; without any, every app counts.  [env: SYNCBOT_IDENTITIES]",
)
@click.option(
    "--branch-prefixes",
    envvar="SYNCBOT_BRANCH_PREFIXES",
    default=BRANCH_PREFIX,
    show_default=True,
    metavar="PREFIXES",
    help="What the names of its branches begin with, with commas between.  [env: SYNCBOT_BRANCH_PREFIXES]",
)
@click.option(
    "--ask",
    envvar="SYNCBOT_ASK",
    default="",
    metavar="TEXT",
    help="Where to ask for a change, a URL say; the owners are named anyway.  [env: SYNCBOT_ASK]",
)
@click.option("--repo", type=click.Path(path_type=Path), default=Path(), help="The checkout.  [default: this folder]")
def guard(base: str | None, head: str | None, identities: str, branch_prefixes: str, ask: str, repo: Path) -> None:
    """Compare the owned files of a pull request with its base branch, in a checkout of a service's repo.

    The base branch's lock says what is owned. On GitHub Actions the commits come from the event, and each owned line
    that is changed gets an annotation. The bot's own pull requests pass. Exits with 1 if owned content is changed.
    """
    bot = Bot(identities=_listed(identities), prefixes=_listed(branch_prefixes) or (BRANCH_PREFIX,))
    checkout = Checkout(repo)
    found = actions_context(checkout, os.environ, base, head, bot)
    if found.is_bot:
        click.echo("This is the bot's own pull request.")
        return
    edits = tuple(_edits(checkout, found, bot.identities))
    owners = checkout.commit(found.base)
    on_actions = os.environ.get("GITHUB_ACTIONS") == "true"
    write, worded = (say_command, annotation) if on_actions else (click.echo, plain_line)
    for edit in edits:
        message = _message(edit, _owners(checkout, owners, edit.path), ask)
        write(worded(edit.path, edit.line, edit.end_line, message))
    paths = dict.fromkeys(edit.path for edit in edits)
    if paths:
        click.echo(f"{count(len(paths), 'owned file')} changed: {', '.join(map(one_line, paths))}")
        sys.exit(1)
    click.echo("No owned file is changed.")


def _listed(text: str) -> tuple[str, ...]:
    return tuple(name.strip() for name in text.split(",") if name.strip())


def _edits(checkout: Checkout, found: ActionsContext, identities: Sequence[str]) -> Iterator[OwnedEdit]:
    """The edits between the commits; in a merge queue those of each merge that is not the bot's."""
    if not found.groups:
        base, head = checkout.commit(found.base), checkout.commit(found.head)
        yield from edits_between(checkout, base, head)
        return
    for merge in reversed(checkout.commits(checkout.commit(found.base), checkout.commit(found.head), "--first-parent")):
        first = merge.parents[0] if merge.parents else merge.id
        if not any(by_bot(commit, identities) for commit in checkout.commits(first, merge.id)):
            yield from edits_between(checkout, first, merge.id)


def edits_between(checkout: Checkout, base: str, head: str) -> Iterator[OwnedEdit]:
    """The edits of owned content that merging `head` into `base` would bring."""
    start = checkout.merge_base(base, head) or base
    text = checkout.file(base, LOCK_PATH)
    lock = read_lock(text.content if text else None)
    for path in guarded_paths(lock):
        if any(checkout.file(base, other) for other in read_before(path)):
            # Nobody reads it, and no pull request of the bot's would restore it.
            continue
        versions = Versions(
            start=checkout.file(start, path), base=checkout.file(base, path), head=checkout.file(head, path)
        )
        yield from owned_edits(path, lock, versions)


def _owners(checkout: Checkout, base: str, path: str) -> str:
    for location in LOCATIONS:
        file = checkout.file(base, location)
        if file:
            return " ".join(read_codeowners(file.content).owners(path) or ())
    return ""


def _message(edit: OwnedEdit, owners: str, ask: str) -> str:
    """What was changed, whose it is, and where to go; for a block also where one's own lines belong."""
    if edit.path == LOCK_PATH:
        whose = f"{edit.path} is written by syncbot alone"
    elif edit.ownership is Ownership.BLOCK:
        whose = f"the syncbot block of {edit.path} is kept by the platform team; your own lines go above it"
    else:
        whose = f"{edit.path} is kept by the platform team"
    where = " or ".join(part for part in (owners, ask) if part) or "the platform team"
    return f"{edit_words(edit.what)}: {whose}. A later pull request would undo it. Ask for it: {where}"
