"""The template's table of parameters is the catalogue's."""

from __future__ import annotations

from scripts.postgres_include import include
from scripts.postgres_servers import ROOT
from syncbot.postgres.catalogue import MAJORS, load
from syncbot.postgres.facts import not_modifiable, rds_extensions, rds_parameters
from syncbot.render.environment import make_environment
from syncbot.render.sources import read_sources

INCLUDE = "templates/service/includes/postgres_catalogue.jinja"


def test_the_committed_include_is_the_generated_one() -> None:
    """`python -m scripts.postgres_include` prints it, byte for byte."""
    assert (ROOT / INCLUDE).read_text() == include()


def test_jinja_reads_it_back() -> None:
    """Every parameter that a configuration file can set, with its type, in every major; and what only RDS has."""
    module = make_environment(read_sources(ROOT)).get_template(INCLUDE).module
    for major in MAJORS:
        rows = module.catalogue[str(major)]  # type: ignore[attr-defined]
        parameters = load(major).parameters
        assert len(rows) > 300
        for name, (kind, unit, context, _, _, labels, fixed) in rows.items():
            known = parameters[name]
            assert (kind, unit, context) == (known.type, known.unit, known.context)
            assert labels == [label for label in known.labels if label]
            assert fixed == (name in not_modifiable())
    assert module.own == rds_parameters()  # type: ignore[attr-defined]
    assert set(module.prefixes) == rds_extensions()  # type: ignore[attr-defined]
