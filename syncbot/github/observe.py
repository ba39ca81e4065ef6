"""Observe: repo names in, observations (or the reason why there is none) out, in batches of one query each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from syncbot.github import queries
from syncbot.github.batches import HEADS, batched, name_variables, path_variables, prefix_variables, unread
from syncbot.github.connection import Connection, Json
from syncbot.github.decode import Nullable, UnreadError, Value
from syncbot.github.nodes import HistoryNode, Page, blob_text, history_node, opened_node
from syncbot.github.pagination import completed
from syncbot.github.parse import branch, is_ours, parse_survey, pull_request
from syncbot.model.blobs import Blobs, NoText
from syncbot.model.files import FILE_MODES, FOLDER, SYMLINK
from syncbot.model.fleet import Bot
from syncbot.model.observation import Failure, Observation
from syncbot.model.pull_request import LABEL, PullRequestState

Seen = Observation | Failure


def survey(
    connection: Connection,
    repos: Sequence[str],
    paths: Sequence[str],
    text_paths: Sequence[str],
    bot: Bot,
) -> dict[str, Seen]:
    """Head and ids of `paths` in each repo, and the texts of `text_paths` (some of `paths`), by the name asked for.

    Raises ForgeError where GitHub cannot be read at all.
    """
    ordered = (*(path for path in paths if path not in text_paths), *text_paths)
    shorter = _shorter(bot.prefixes)

    def query(batch: Sequence[str]) -> tuple[str, Json]:
        variables = {"label": LABEL} | name_variables(batch) | path_variables(ordered) | prefix_variables(bot.prefixes)
        variables |= {f"q{i}": HEADS + name for i, name in enumerate(shorter)}
        return queries.survey(len(batch), len(ordered), len(text_paths), len(bot.prefixes), len(shorter)), variables

    return batched(connection, repos, query, lambda _, value: parse_survey(value, ordered, bot, shorter))


def _shorter(prefixes: Sequence[str]) -> tuple[str, ...]:
    """The names of branches that would stand in the way of those under the prefixes: `a` and `a/b` of `a/b/`."""
    names = (prefix[:at] for prefix in prefixes for at, letter in enumerate(prefix) if letter == "/")
    return tuple(dict.fromkeys(names))


def with_history(
    connection: Connection, observations: Sequence[Observation], paths: Sequence[str], bot: Bot
) -> dict[str, Seen]:
    """The observations with the bot's branches and pull requests, by their present name. Raises ForgeError."""
    by_name = {observation.name: observation for observation in observations}
    folders = {observation.name: _folders(observation) for observation in observations}

    def query(batch: Sequence[str]) -> tuple[str, Json]:
        trees = [list(folders[name].values()) for name in batch]
        ids = {f"t{i}_{j}": oid for i, found in enumerate(trees) for j, oid in enumerate(found)}
        variables = {"label": LABEL} | name_variables(batch) | path_variables(paths) | ids
        variables |= prefix_variables(bot.prefixes)
        return queries.history([len(found) for found in trees], len(paths), len(bot.prefixes)), variables

    def read(name: str, value: Value) -> HistoryNode:
        return history_node(value, paths, folders[name], bot.prefixes)

    answered = batched(connection, list(by_name), query, read)
    return {
        name: node if isinstance(node, Failure) else _with_history(by_name[name], node, bot)
        for name, node in completed(connection, answered, paths, bot).items()
    }


def _with_history(observation: Observation, node: HistoryNode, bot: Bot) -> Seen:
    try:
        ours = {pull.number: pull for pull in node.pulls.nodes if is_ours(pull.opened, bot)}
    except UnreadError as error:
        return unread(observation.name, str(error))
    pulls = tuple(
        replace(pull, linear_history=pull.linear_history or any(names.cover(pull.branch) for names in node.linear))
        for pull in (pull_request(ours[number], bot.logins) for number in sorted(ours))
    )
    # One prefix may begin with another.
    branches = {found.name: found for page in node.branches.values() for found in page.nodes}
    return replace(
        observation,
        branches=tuple(branch(found, bot.logins) for found in branches.values()),
        pull_requests=pulls,
        opened_at=tuple(pull.created_at for pull in pulls if pull.state is PullRequestState.OPEN),
        signatures_required=node.signatures_required,
        names=node.names,
    )


def with_pulls_from(
    connection: Connection, wanted: Sequence[tuple[Observation, frozenset[str]]], paths: Sequence[str], bot: Bot
) -> dict[str, Seen]:
    """The observations with the bot's pull requests from these branches, by their present name. Raises ForgeError.

    For those that nothing else tells of: people deleted the branch, and took the label off.
    """
    by_name = {observation.name: (observation, sorted(names)) for observation, names in wanted}

    def query(batch: Sequence[str]) -> tuple[str, Json]:
        branches = [by_name[name][1] for name in batch]
        variables = {f"h{i}_{j}": name for i, names in enumerate(branches) for j, name in enumerate(names)}
        return queries.from_branches([len(names) for names in branches]), name_variables(batch) | variables

    def read(name: str, value: Value) -> HistoryNode:
        observation, names = by_name[name]
        known = {pull.number for pull in observation.pull_requests}
        found = (opened_node(pull) for j in range(len(names)) for pull in value[f"h{j}"]["nodes"])
        return HistoryNode(
            branches=dict.fromkeys(bot.prefixes, Page(nodes=(), further=None)),
            pulls=Page(nodes=(), further=None),
            pulls_in_all=0,
            signatures_required=observation.signatures_required,
            linear=(),
            names={},
            gone=tuple(pull for pull in found if pull.number not in known),
        )

    answered = batched(connection, list(by_name), query, read)
    return {
        name: node if isinstance(node, Failure) else _with_pulls(by_name[name][0], node, bot)
        for name, node in completed(connection, answered, paths, bot).items()
    }


def _with_pulls(observation: Observation, node: HistoryNode, bot: Bot) -> Seen:
    found = tuple(pull_request(pull, bot.logins) for pull in node.pulls.nodes)
    for pull in found:
        if pull.state is PullRequestState.OPEN:
            # It has a branch, which was not among those read: an answer before this one told of another time.
            return unread(observation.name, f"#{pull.number} is open, and its branch {pull.branch} is not told of")
    if not found:
        return observation
    pulls = sorted((*observation.pull_requests, *found), key=lambda pull: pull.number)
    return replace(observation, pull_requests=tuple(pulls))


def _folders(observation: Observation) -> dict[str, str]:
    """The root and the folders that the survey saw, by path, with the ids of their trees."""
    seen = {path: entry.id for path, entry in observation.files.items() if entry and entry.mode == FOLDER}
    return {"": observation.tree, **seen}


def with_blobs(connection: Connection, wanted: Sequence[tuple[Observation, frozenset[str]]]) -> dict[str, Seen]:
    """The observations with the named git expressions read into `blobs`, by their present name. Raises ForgeError."""
    by_name = {observation.name: (observation, sorted(names)) for observation, names in wanted}

    def query(batch: Sequence[str]) -> tuple[str, Json]:
        expressions = [by_name[name][1] for name in batch]
        variables = {f"x{i}_{j}": name for i, names in enumerate(expressions) for j, name in enumerate(names)}
        return queries.blobs([len(names) for names in expressions]), name_variables(batch) | variables

    def read(name: str, value: Value) -> Observation:
        observation, expressions = by_name[name]
        return replace(observation, blobs={**observation.blobs, **texts(value, expressions, _held(observation))})

    return batched(connection, list(by_name), query, read)


def texts(value: Value, expressions: Sequence[str], held: frozenset[str]) -> Blobs:
    """The contents by git expression; `held` are ids of blobs that the repo is known to hold. Raises UnreadError."""
    read: dict[str, bytes | NoText] = {}
    for j, expression in enumerate(expressions):
        blob = value.found(f"b{j}") if (f"b{j}",) in value.not_found else _object(value, f"b{j}")
        if blob is None and expression in held:
            raise UnreadError(f"{expression}, which the repo holds, is null")
        if blob is not None and ":" not in expression and blob["oid"].oid != expression:
            raise UnreadError(f"{blob} is {blob['oid'].oid} instead of {expression}")
        read[expression] = NoText.MISSING if blob is None else blob_text(blob)
    return read


def _object(value: Value, key: str) -> Value | None:
    return value.maybe(key, Nullable.NO_OBJECT, doubtful=True)


def _held(observation: Observation) -> frozenset[str]:
    """The ids of blobs that GitHub listed in the repo."""
    listed = [observation.files, *(pull.files for pull in observation.pull_requests)]
    for pull in observation.pull_requests:
        listed += [pull.trees.ancestor, pull.trees.base, pull.trees.branch] if pull.trees else []
    files = (*FILE_MODES, SYMLINK)
    return frozenset(entry.id for entries in listed for entry in entries.values() if entry and entry.mode in files)
