"""Templates built by hand, and the start of a repos.yaml, for the tests of this folder."""

from syncbot.config import parse_fleet
from syncbot.errors import ConfigError
from syncbot.model.files import Ownership
from syncbot.model.templates import OwnedFile, Question, TemplateSpec

SUPPLIED = ("service_name", "organization", "team", "owners")


def _questions(*questions: Question) -> dict[str, Question]:
    return {question.name: question for question in questions}


SPECS = {
    "service": TemplateSpec(
        name="service",
        questions=_questions(
            *(Question(name=name, type="str") for name in SUPPLIED),
            Question(name="runtime", type="str", choices=("node", "python")),
            Question(name="node_version", type="str"),
            Question(name="port", type="int"),
            Question(name="replicas", type="int", choices=(1, 3)),
            Question(name="share", type="float"),
            Question(name="public", type="bool"),
            Question(name="entry", type="path"),
            Question(name="postgres_parameters", type="yaml"),
            Question(name="postgres", type="bool", computed=True),
        ),
        owned=(
            OwnedFile(path="Dockerfile"),
            OwnedFile(path=".github/CODEOWNERS", ownership=Ownership.BLOCK, locations=("CODEOWNERS",)),
        ),
        retired=("Makefile.old",),
    ),
    "bare": TemplateSpec(
        name="bare", questions=_questions(Question(name="template", type="str")), owned=(OwnedFile(path="LICENSE"),)
    ),
}

HEAD = """\
organization: acme
identities: ["acme-syncbot[bot]"]
owners: "@acme/platform"
defaults: {template: service, team: "@acme/core"}
repos:
"""


def errors(text: str) -> list[str]:
    """The lines that a user sees for this repos.yaml; none where it is fine."""
    try:
        parse_fleet(text, "repos.yaml", SPECS)
    except ConfigError as error:
        return str(error).split("\n")
    return []


def errors_in_repos(entries: str) -> list[str]:
    """The same for a file that differs in its repos only: `entries` begins on line 6."""
    return errors(HEAD + entries)
