"""Every combination of runtime, package manager, kind, database and deployment, and one with all the rarer answers."""

from __future__ import annotations

from itertools import product

from syncbot.model.files import File
from tests.render.answers import MANAGERS

Answers = dict[str, object]

DATABASES = ("none", "13", "17", "18")
DEPLOYMENTS = ("none", "app-runner", "ecs")
BASE: Answers = {
    "service_name": "payments-api",
    "organization": "acme",
    "team": "@acme/payments",
    "owners": "@acme/platform",
}
ON_AWS: Answers = {
    "deploy_workflows": "acme/platform@0123456789abcdef0123456789abcdef01234567",
    "aws_account": "123456789012",
}
RARER: Answers = {
    "owned_by": "shared",
    "build_command": "make build",
    "start_command": ["sh", "-c", 'exec run --name="$NAME" \\ é'],
    "system_packages": ["libpq5", "curl"],
    "build_packages": ["g++", "libpq-dev"],
    "environment": ["STRIPE_API_KEY", "no", "LOG_LEVEL"],
    "debian": "trixie",
    "base_image_prefix": "registry.acme.example:5000/mirror/",
    "base_image_digest": "sha256:" + "0123456789abcdef" * 4,
    "postgres_parameters": {"work_mem": "64MB", "max_connections": 200},
}


def runtimes() -> tuple[Answers, ...]:
    """Each runtime with each of its package managers, as a service and as a worker."""
    return tuple(
        {"runtime": runtime, "package_manager": manager, "kind": kind}
        for runtime, managers in MANAGERS.items()
        for manager in managers
        for kind in ("web", "worker")
    )


def combinations() -> tuple[Answers, ...]:
    """All of them, each also with the rarer answers."""
    return tuple(
        {
            **BASE,
            **runtime,
            "postgres_version": database,
            "deploy": deploy,
            **(ON_AWS if deploy != "none" else {}),
            **more,
        }
        for runtime, database, deploy, more in product(
            runtimes(), DATABASES, DEPLOYMENTS, ({}, RARER, {**RARER, "platforms": ["linux/arm64", "linux/amd64"]})
        )
        if not (deploy == "app-runner" and ("platforms" in more or runtime["kind"] == "worker"))
    )


def name(answers: Answers) -> str:
    """What a combination is called in a message."""
    words = ("runtime", "package_manager", "kind", "postgres_version", "deploy")
    rarer = " rarer" if "debian" in answers else ""
    return " ".join(str(answers[word]) for word in words) + rarer


def text(files: dict[str, File], path: str) -> str:
    return files[path].content.decode()
