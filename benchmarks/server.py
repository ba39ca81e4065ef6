"""`python -m benchmarks.server FOLDER SIZE LATENCY`: a fleet in a sandbox, served until standard input ends.

A process of its own, so that it shares neither interpreter nor memory with what is measured. Prints one line of
JSON once it serves: the config's path, and the environment that syncbot needs.
"""

from __future__ import annotations

import gc
import json
import sys
from pathlib import Path

from benchmarks.fleet import make_platform, make_services
from syncbot.cli.sandbox import bot_token, open_sandbox


def serve(folder: Path, size: int, latency: float) -> None:
    """Makes a fleet of `size` below `folder` and serves it, `latency` seconds added to every answer."""
    workspace = make_platform(folder / "platform", size)
    with open_sandbox(folder / "data") as sandbox:
        make_services(workspace, sandbox.forge)
        sandbox.latency = latency
        gc.freeze()  # a large fleet's config is left over, and would slow every answer
        environment = {
            "GITHUB_API_URL": sandbox.api_url,
            "GITHUB_GRAPHQL_URL": sandbox.graphql_url,
            "GITHUB_TOKEN": bot_token(sandbox.forge),
        }
        ready = {"config": str(workspace.config), "url": sandbox.url, "environment": environment}
        print(json.dumps(ready), flush=True)
        sys.stdin.read()


if __name__ == "__main__":
    serve(Path(sys.argv[1]), int(sys.argv[2]), float(sys.argv[3]))
