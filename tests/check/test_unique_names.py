"""Repos that would be one to Compose, RDS or ECS: found in what was rendered, each group of them said once."""

from __future__ import annotations

import pytest

from syncbot.check.fleet import check_fleet
from syncbot.check.types import Rendering
from syncbot.check.unique_names import unique_names_of
from syncbot.formats.compose import project_name
from syncbot.model.files import File
from tests.check.renderings import rendering, with_file

ECS = {
    "deploy": "ecs",
    "aws_account": "123456789012",
    "deploy_workflows": "acme/platform@" + "a" * 40,
}


def named(name: str, **answers: object) -> Rendering:
    return rendering(f"acme/{name}", service_name=name, **answers)


def said(*renderings: Rendering) -> dict[tuple[str, ...], str]:
    return {found.repos: found.finding.message for found in check_fleet(renderings) if found.finding.code == "identity"}


def test_names_that_one_slug_stands_for_are_an_error() -> None:
    """All that is shared is said once, with the names of all; a digit in front makes a name of its own."""
    found = said(named("shop.api"), named("shop_api"), named("shop-api"), named("3d-render"), named("other"))
    assert found == {
        ("acme/shop.api", "acme/shop_api", "acme/shop-api"): (
            "acme/shop.api, acme/shop_api, acme/shop-api share one Compose project shop-api, RDS parameter group "
            "shop-api-postgres17: rename one, or let the template tell them apart"
        )
    }


def test_what_ecs_has_is_shared_within_an_account() -> None:
    """The service with its log group, images and secrets; in two accounts only the laptop and the group are shared."""
    same = said(named("shop.api", **ECS), named("shop_api", **ECS))[("acme/shop.api", "acme/shop_api")]
    for each in ("ECS service and task family shop-api", "log group /ecs/shop-api", "ECR repository shop-api"):
        assert each in same
    assert "Parameter Store path /shop-api" in same
    apart = said(named("shop.api", **ECS), named("shop_api", **ECS | {"aws_account": "210987654321"}))
    assert "ECS" not in apart[("acme/shop.api", "acme/shop_api")]


def test_what_services_share_on_purpose_is_no_fault() -> None:
    """One image or one log group for two services is a choice."""
    web, worker = named("web", **ECS), named("worker", **ECS)
    task = web.files["ecs/task-definition.json"].content.decode()
    shared = task.replace('"family": "web"', '"family": "worker"')
    assert shared != task
    assert said(web, with_file(worker, "ecs/task-definition.json", shared)) == {}


@pytest.mark.parametrize("path", ["compose.yaml", "docker-compose.yml"])
def test_any_template_is_compared(path: str) -> None:
    """By what stands in the files, not by how a template makes it; one service alone shares nothing."""
    first = with_file(named("a"), "docker-compose.yml", "name: app\nservices: {}\n")
    second = with_file(named("b"), "docker-compose.yml", "services: {}\nname: 'app'\n")
    assert list(said(first, second)) == [("acme/a", "acme/b")]
    assert said(first) == {}
    assert unique_names_of({path: File(content=b"name: app\n")}) == unique_names_of(
        {path: File(content=b'"name" : "app"\n')}
    )


@pytest.mark.parametrize(
    ("text", "name"),
    [
        (b"name: app\n", "app"),
        (b'# name: no\nservices:\n  name: {}\nname: "shop" # ours\n', "shop"),
        (b"services: {}\n", ""),
        (b"name: 3\n", ""),
        (b"name: [broken\n", ""),
        (b"names: app\n", ""),
    ],
)
def test_a_project_is_named_at_the_top_level(text: bytes, name: str) -> None:
    """And nowhere else; what is no text is no name."""
    assert project_name(text) == name
