"""The three things people read besides the code: the schema, the example file and the documentation."""

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator
from pydantic import BaseModel
from ruamel.yaml import YAML

from syncbot.config import load_fleet, parse_fleet
from syncbot.config.document import (
    AdoptEntry,
    Defaults,
    Document,
    ExemptionEntry,
    FleetCommitsEntry,
    LimitsEntry,
    RepoEntry,
)
from syncbot.config.schema import schema_text
from syncbot.model.templates import Question, TemplateSpec
from syncbot.render import load_templates

ROOT = Path(__file__).parents[2]
SECTIONS: dict[str, type[BaseModel]] = {
    "Keys at the top": Document,
    "defaults": Defaults,
    "commits": FleetCommitsEntry,
    "limits": LimitsEntry,
    "repos": RepoEntry,
    "exemptions": ExemptionEntry,
    "adopt": AdoptEntry,
}
ROW = re.compile(r"^\| `(\w+)` \| (.+?) \| (.+?) \| (.+) \|$", re.MULTILINE)


def documentation() -> str:
    return (ROOT / "docs" / "configuration.md").read_text()


def test_the_schema_in_the_repo_is_current() -> None:
    """`make schema` would change nothing, and its command prints the schema and no warning."""
    assert (ROOT / "config" / "repos.schema.json").read_text() == schema_text()
    command = [sys.executable, "-W", "error", "-m", "syncbot.config.schema"]
    assert subprocess.run(command, capture_output=True, text=True, check=True).stdout == schema_text()


def test_the_schema_accepts_the_demo_fleet_and_knows_no_null() -> None:
    """config/repos.yaml is valid by the published schema, and an unknown or empty key is not."""
    schema = json.loads(schema_text())
    Draft202012Validator.check_schema(schema)
    validator = Draft202012Validator(schema, format_checker=Draft202012Validator.FORMAT_CHECKER)
    # JSON has no dates: an editor checks `until` as the text that is written.
    loaded = YAML(typ="safe").load((ROOT / "config" / "repos.yaml").read_text())
    document = json.loads(json.dumps(loaded, default=str))
    validator.validate(document)
    for key, value in (("team", None), ("teem", "@acme/core"), ("ownership", {"Dockerfile": "keys"})):
        document["repos"][0][key] = value
        assert not validator.is_valid(document)
        del document["repos"][0][key]
    document["repos"][0]["exemptions"][0]["until"] = "2027-02-30"
    assert not validator.is_valid(document)


def test_the_demo_fleet_suits_the_templates() -> None:
    """config/repos.yaml loads with the templates of this repo: twelve services of five teams, one exempt answer."""
    fleet = load_fleet(ROOT / "config" / "repos.yaml", load_templates(ROOT).specs)
    assert fleet.organization == "acme"
    assert len(fleet.repos) == 12
    assert len({repo.answers["team"] for repo in fleet.repos}) == 5
    assert len({repo.answers["port"] for repo in fleet.repos}) == 12
    assert [e.answer for repo in fleet.repos for e in repo.exemptions] == ["node_version"]


@pytest.mark.parametrize(("section", "model"), SECTIONS.items())
def test_every_key_is_documented_and_nothing_else(section: str, model: type[BaseModel]) -> None:
    """Each section's table has a row for each key of its model, in the same order, with the right default."""
    (text,) = re.findall(rf"^## {section}\n(.*?)(?=^##|\Z)", documentation(), re.MULTILINE | re.DOTALL)
    rows = ROW.findall(text)
    assert [key for key, *_ in rows] == list(model.model_fields)
    for key, _, default, meaning in rows:
        field = model.model_fields[key]
        assert (default == "required") == field.is_required(), key
        if isinstance(field.default, int | float):
            assert default == f"`{field.default}`"
        assert field.description
        assert len(meaning) > 20


def test_every_section_is_a_model() -> None:
    """No table of keys describes a model that does not exist."""
    titles = re.findall(r"^## (.+)$", documentation(), re.MULTILINE)
    assert [title for title in titles if title != "Mistakes"] == list(SECTIONS)


def test_the_example_in_the_documentation_is_right() -> None:
    """The example at the top is a fleet."""
    example, *_ = re.findall(r"```yaml\n(.*?)```", documentation(), re.DOTALL)
    questions = {
        "node_version": Question(name="node_version", type="str"),
        "postgres_version": Question(name="postgres_version", type="str"),
        "port": Question(name="port", type="int"),
        "postgres_parameters": Question(name="postgres_parameters", type="yaml"),
    }
    specs = {"service": TemplateSpec(name="service", questions=questions, owned=())}
    assert [repo.name for repo in parse_fleet(example, "example", specs).repos] == ["acme/payments-api"]
