"""Observe: repo names in, observations (or the reason why there is none) out, in batches of one query each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from syncbot.github import documents
from syncbot.github.batches import batched, name_variables, path_variables
from syncbot.github.connection import Connection, Json
from syncbot.github.further import completed
from syncbot.github.parse import failure_of, login, parse_blob, parse_history, parse_survey, requires_signatures
from syncbot.model import LABEL, Failure, Observation

Seen = Observation | Failure


def survey(
    connection: Connection,
    repos: Sequence[str],
    paths: Sequence[str],
    text_paths: Sequence[str],
    identities: Sequence[str],
) -> dict[str, Seen]:
    """Head and ids of `paths` in each repo, and the texts of `text_paths` (some of `paths`), by the name asked for.

    Raises ForgeError where GitHub cannot be read at all.
    """
    ordered = (*(path for path in paths if path not in text_paths), *text_paths)

    def query(batch: Sequence[str]) -> tuple[str, Json]:
        variables = {"label": LABEL} | name_variables(batch) | path_variables(ordered)
        return documents.survey(len(batch), len(ordered), len(text_paths)), variables

    ours = frozenset(login(identity) for identity in identities)
    seen: dict[str, Seen] = {}
    for repo, node in batched(connection, repos, query):
        seen[repo] = node if isinstance(node, Failure) else failure_of(node) or parse_survey(node, ordered, ours)
    return seen


def with_history(
    connection: Connection, observations: Sequence[Observation], paths: Sequence[str], identities: Sequence[str]
) -> dict[str, Seen]:
    """The observations with the bot's branches and pull requests, by their present name. Raises ForgeError."""
    ours = frozenset(login(identity) for identity in identities)
    by_name = {observation.name: observation for observation in observations}

    def query(batch: Sequence[str]) -> tuple[str, Json]:
        return documents.history(len(batch), len(paths)), {"label": LABEL} | name_variables(batch) | path_variables(
            paths
        )

    answered = dict(batched(connection, list(by_name), query))
    seen: dict[str, Seen] = {}
    for name, node in completed(connection, answered, paths, ours).items():
        if isinstance(node, Failure):
            seen[name] = node
            continue
        branches, pull_requests = parse_history(node, paths, ours)
        seen[name] = replace(
            by_name[name],
            branches=branches,
            pull_requests=pull_requests,
            signatures_required=requires_signatures(node),
        )
    return seen


def with_blobs(connection: Connection, wanted: Sequence[tuple[Observation, frozenset[str]]]) -> dict[str, Seen]:
    """The observations with the named git expressions read into `blobs`, by their present name. Raises ForgeError."""
    by_name = {observation.name: (observation, sorted(names)) for observation, names in wanted}

    def query(batch: Sequence[str]) -> tuple[str, Json]:
        expressions = [by_name[name][1] for name in batch]
        variables = {f"x{i}_{j}": name for i, names in enumerate(expressions) for j, name in enumerate(names)}
        return documents.blobs([len(names) for names in expressions]), name_variables(batch) | variables

    seen: dict[str, Seen] = {}
    for name, node in batched(connection, list(by_name), query):
        observation, expressions = by_name[name]
        if isinstance(node, Failure):
            seen[name] = node
        else:
            read = {expression: parse_blob(node.get(f"b{j}")) for j, expression in enumerate(expressions)}
            seen[name] = replace(observation, blobs={**observation.blobs, **read})
    return seen
