"""Names by which other systems know a repo: two repos with one of them would share what it stands for. Pure.

They are narrower than names on GitHub (`shop.api` and `shop_api` are both `shop-api` to Compose), so that a template
can make one of two. Compared is what was rendered, whatever the template.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum

from syncbot.check.types import Rendering
from syncbot.formats.compose import is_compose, project_name
from syncbot.formats.diagnostics import Diagnostic
from syncbot.formats.parameter_group import read_groups
from syncbot.model.files import File

_SHOWN = 5


class NameKind(StrEnum):
    """What a name stands for, in the words of the message."""

    PROJECT = "Compose project"
    PARAMETER_GROUP = "RDS parameter group"
    FAMILY = "ECS service and task family"
    LOG_GROUP = "log group"
    IMAGES = "ECR repository"
    PARAMETERS = "Parameter Store path"


MAY_BE_SHARED = frozenset({NameKind.LOG_GROUP, NameKind.IMAGES, NameKind.PARAMETERS})
"""What services may share on purpose: it is said beside a name that they may not share, and by itself is no fault."""


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class UniqueName:
    """`account` is the AWS account and region in which the name counts, as far as the file tells them."""

    kind: NameKind
    name: str
    account: str = ""

    def __str__(self) -> str:
        return f"{self.kind} {self.name}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Shared:
    """Repos, in the fleet's order, that are one to each of `identities`."""

    repos: tuple[str, ...]
    identities: tuple[UniqueName, ...]

    def __str__(self) -> str:
        names = ", ".join(self.repos[:_SHOWN])
        more = f" and {len(self.repos) - _SHOWN} more" if len(self.repos) > _SHOWN else ""
        shared = ", ".join(map(str, self.identities))
        return f"{names}{more} share one {shared}: rename one, or let the template tell them apart"


def unique_names_of(files: Mapping[str, File]) -> frozenset[UniqueName]:
    """Every identity in one repo's owned files. What cannot be read has none: other checks say so."""
    return frozenset(found for path, file in files.items() for found in _identities(path, file.content))


def shared_names(by_repo: Mapping[str, frozenset[UniqueName]]) -> tuple[Shared, ...]:
    """The identities that more than one repo has, those of the same repos together."""
    repos: dict[UniqueName, list[str]] = defaultdict(list)
    for repo, identities in by_repo.items():
        for identity in identities:
            repos[identity].append(repo)
    groups: dict[tuple[str, ...], list[UniqueName]] = defaultdict(list)
    for identity, names in repos.items():
        if len(names) > 1:
            groups[tuple(names)].append(identity)
    return tuple(
        Shared(
            repos=names, identities=tuple(sorted(identities, key=lambda each: (list(NameKind).index(each.kind), each)))
        )
        for names, identities in groups.items()
        if not {identity.kind for identity in identities} <= MAY_BE_SHARED
    )


def check_unique_names(renderings: Iterable[Rendering]) -> Iterator[tuple[tuple[str, ...], Diagnostic]]:
    """A finding for the repos that would be one."""
    owned = {
        each.repo: unique_names_of({path: each.files[path] for path in each.owned_paths if path in each.files})
        for each in renderings
    }
    for shared in shared_names(owned):
        yield shared.repos, Diagnostic(code="identity", message=str(shared))


def _identities(path: str, content: bytes) -> Iterator[UniqueName]:
    if is_compose(path):
        if name := project_name(content):
            yield UniqueName(kind=NameKind.PROJECT, name=name)
    elif path.endswith(".json"):
        try:
            document = json.loads(content)
        except (ValueError, RecursionError):
            return
        yield from (
            UniqueName(kind=NameKind.PARAMETER_GROUP, name=group.name.lower())
            for group in read_groups(document)
            if group.name
        )
        match document:
            case {"family": str(family), "containerDefinitions": [*containers]}:
                yield from _task(family, containers)


def _task(family: str, containers: Iterable[object]) -> Iterator[UniqueName]:
    """Of an ECS task definition:
    https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task_definition_parameters.html
    """
    registry = ""
    for container in containers:
        match container:
            case {"image": str(image)} if ".dkr.ecr." in image:
                registry, _, name = image.partition("/")
                yield UniqueName(kind=NameKind.IMAGES, name=name.partition("@")[0].partition(":")[0], account=registry)
        match container:
            case {"logConfiguration": {"options": {"awslogs-group": str(group)}}}:
                yield UniqueName(kind=NameKind.LOG_GROUP, name=group, account=registry)
        match container:
            case {"secrets": [*secrets]}:
                yield from _parameters(secrets)
    yield UniqueName(kind=NameKind.FAMILY, name=family, account=registry)


def _parameters(secrets: Iterable[object]) -> Iterator[UniqueName]:
    for secret in secrets:
        match secret:
            case {"valueFrom": str(arn)} if ":parameter/" in arn:
                account, _, name = arn.partition(":parameter")
                yield UniqueName(kind=NameKind.PARAMETERS, name=name.rpartition("/")[0] or name, account=account)
