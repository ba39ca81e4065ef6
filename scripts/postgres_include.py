"""Print the template's table of parameters, made from the catalogue: `python -m scripts.postgres_include`.

JSON in a Jinja string, one parameter a line: read at once by `from_json`, and looked up as fast as any dict. Left out
is what no configuration file can set.
"""

from __future__ import annotations

import json
import sys

from syncbot.postgres.catalogue import MAJORS, Parameter, load
from syncbot.postgres.facts import not_modifiable, rds_extensions, rds_parameters
from syncbot.postgres.values import NO_EFFECT

HEAD = """\
{#- Made by scripts/postgres_include.py from real servers' pg_settings; not to be edited by hand.
    major: name: [type, base unit, context, least, most, labels, whether RDS lets nobody change it]. -#}
{%- set catalogue = '{
"""
RDS = """\

{#- What only RDS has: its own parameters, each with the way in which a change is applied, and the prefixes of its
    extensions that the official image lacks. -#}
{%- set own = {
"""


def include() -> str:
    """The whole include: an object of objects, by major and name."""
    tables = (f'"{major}": {{\n{table(major)}\n}}' for major in MAJORS)
    own = "".join(f"  {json.dumps(name)}: {json.dumps(method)},\n" for name, method in sorted(rds_parameters().items()))
    prefixes = json.dumps(sorted(rds_extensions()))
    rds = f"{RDS}{own}}} -%}}\n{{%- set prefixes = {prefixes} -%}}\n"
    return HEAD + ",\n".join(tables) + "\n}' | from_json -%}\n" + rds


def table(major: int) -> str:
    """One line for each parameter that a configuration file can set."""
    parameters = load(major).parameters.values()
    return ",\n".join(line(each) for each in parameters if each.context != "internal" and each.name not in NO_EFFECT)


def line(parameter: Parameter) -> str:
    """Bounds that no number reaches are null."""
    bounds = [None if bound is None or abs(bound) > 1e300 else bound for bound in (parameter.min, parameter.max)]
    labels = [label for label in parameter.labels if label]
    row = [parameter.type, parameter.unit, parameter.context, *bounds, labels, parameter.name in not_modifiable()]
    return f"{json.dumps(parameter.name)}: {json.dumps(row)}"


if __name__ == "__main__":
    sys.stdout.write(include())
