"""`syncbot postgres import`: a hand-written file as the entry for config/repos.yaml. Prints, writes nothing."""

from __future__ import annotations

from pathlib import Path

import click

from syncbot.errors import ConfigError
from syncbot.formats.diagnostics import Diagnostic
from syncbot.postgres.catalogue import MAJORS
from syncbot.postgres.importer import import_conf, import_group
from syncbot.postgres.live.terraform import read_file
from syncbot.report.postgres_import import entry_yaml


@click.command("import", short_help="Print a hand-written file as the entry for config/repos.yaml.")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--postgres-version",
    "major",
    type=click.Choice([str(major) for major in MAJORS]),
    help="The major it is for; told from the file if not given.",
)
def import_file(file: Path, major: str | None) -> None:
    """Print a postgresql.conf, or an RDS parameter group in Terraform's languages, as `postgres_parameters`.

    What is not understood stands in comments: nothing is dropped.
    """
    chosen = int(major) if major else None
    if file.suffix in (".tf", ".json"):
        for group in read_file(file):
            click.echo(entry_yaml(file.name, import_group(group, chosen), name=group.name), nl=False)
        return
    content = file.read_bytes()
    try:
        content.decode()
    except UnicodeDecodeError:
        raise ConfigError(Diagnostic(path=str(file), message="is not UTF-8 text")) from None
    click.echo(entry_yaml(file.name, import_conf(content, chosen)), nl=False)
