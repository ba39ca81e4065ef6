"""The fleet as people describe it: `config/repos.yaml` to `fleet.Fleet`."""

from syncbot.config.fleet import load_fleet, parse_fleet, read_fleet

__all__ = ["load_fleet", "parse_fleet", "read_fleet"]
