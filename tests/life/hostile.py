"""What a developer could commit or say in a repo to stop a run, by a name: locks, owned files, comments."""

from __future__ import annotations

from collections.abc import Mapping

from tests.cli.harness import LOCK
from tests.sandbox_support import Content

DEEP = 20_000
OID = "1" * 40
STANZA = f'[files."tool.conf"]\nid = "{OID}"\nmode = "100644"\ntemplate = "small"\n'

LOCKS: Mapping[str, Content] = {
    "nested": f"version = 1\nx = {'[' * DEEP}",
    "digits": f"version = 1\nx = {'1' * 5000}\n",
    "dotted": f"version = 1\n{'a.' * DEEP}a = 1\n",
    "nul": "version = 1\n\0\n",
    "mark": f"\ufeffversion = 1\n{STANZA}",
    "megabyte": "version = 1\n" + "# x\n" * 262_144,
    "one-line": "x" * 1_000_000,
    "many-stanzas": "version = 1\n" + "".join(STANZA.replace("tool.conf", f"f{n}") for n in range(3000)),
    "twice": f"version = 1\n{STANZA}{STANZA}",
    "types": 'version = 1\n[files."tool.conf"]\nid = 7\nmode = true\ntemplate = []\n',
    "table-as-text": 'version = 1\nfiles = "x"\n',
    "other-version": f"version = 99\n{STANZA}",
    "surrogate": f"version = 1\n{STANZA.replace('tool.conf', chr(92) + 'ud800')}",
    "escapes": f"version = 1\n{STANZA.replace('tool.conf', chr(92) * 4001)}",
    "quotes": 'version = 1\n[files.""""""]\n' + '"' * DEEP,
    "path-out": f"version = 1\n{STANZA.replace('tool.conf', '../../etc/passwd')}",
    "root": f"version = 1\n{STANZA.replace('tool.conf', '/')}",
    "unknown-config": f'version = 1\n{STANZA}config = "{"f" * 40}"\n',
    "crlf": f"version = 1\n{STANZA}".replace("\n", "\r\n"),
    "binary": bytes(range(256)) * 64,
    "not-utf8": b"version = 1\n# \xff\xfe\n",
    "empty": "",
    "symlink": ("../../../etc/passwd", "120000"),
    "symlink-loop": ("syncbot.lock", "120000"),
    "submodule": (OID, "160000"),
    "executable": (f"version = 1\n{STANZA}", "100755"),
}
"""Contents of .github/syncbot.lock."""

_BOMB = "a0: &a0 [x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]\n" for n in range(1, 12)
)
_BEGIN = "# BEGIN syncbot\n"
SERVICE_FILES: Mapping[str, Mapping[str, Content]] = {
    "compose-deep": {"docker-compose.yml": "services: " + "[" * DEEP},
    "compose-deep-block": {"docker-compose.yml": "".join(f"{' ' * n}a:\n" for n in range(700))},
    "compose-bomb": {"docker-compose.yml": f"{_BOMB}services:\n  postgres:\n    image: *a11\n"},
    "compose-anchors": {"docker-compose.yml": "".join(f"x{n}: &x{n} {{a: 1}}\n" for n in range(10_000))},
    "compose-self": {"docker-compose.yml": "services: &s\n  postgres: *s\n"},
    "compose-merge": {"docker-compose.yml": "services:\n  postgres: &p\n    <<: *p\n    image: postgres:16\n"},
    "compose-tags": {"docker-compose.yml": "services: !!python/object/apply:os.system ['true']\n"},
    "compose-null": {"docker-compose.yml": "services:\n"},
    "compose-list": {"docker-compose.yml": "- services\n- 1\n"},
    "compose-types": {"docker-compose.yml": "services:\n  1: 2\n  postgres: [image]\n  null: {image: 7}\n"},
    "compose-tabs": {"docker-compose.yml": "services:\n\tpostgres:\n\t\timage: postgres:16\n"},
    "compose-crlf": {"docker-compose.yml": "services:\r\n  postgres:\r\n    image: postgres:16\r\n"},
    "compose-huge": {"docker-compose.yml": "services:\n" + "  a: {image: x}\n" * 30_000},
    "compose-not-utf8": {"docker-compose.yml": b"services:\n  postgres: {image: \xff}\n"},
    "compose-folder": {"docker-compose.yml/a": "x\n"},
    "compose-symlink": {"docker-compose.yml": ("/proc/self/environ", "120000")},
    "dockerfile-spaces": {"Dockerfile": "FROM node:18" + " " * 200_000 + "x\n"},
    "dockerfile-continued": {"Dockerfile": "FROM node:18\nRUN a \\\n" * 20_000},
    "dockerfile-heredocs": {"Dockerfile": "FROM node:18\n" + "RUN <<A <<B <<C\n" * 3000},
    "dockerfile-variables": {"Dockerfile": "ARG A=" + "${A:-" * 5000 + "\nFROM ${A}\n"},
    "dockerfile-slashes": {"Dockerfile": "FROM " + "a/" * 50_000 + "b:1@sha256:" + "0" * 64 + "\n"},
    "dockerfile-digits": {"Dockerfile": "FROM node:" + "1." * 50_000 + "\n"},
    "dockerfile-submodule": {"Dockerfile": (OID, "160000")},
    "owners-lines": {".github/CODEOWNERS": "* @acme/ours\n" * 60_000},
    "owners-long": {".github/CODEOWNERS": "* " + "@a " * 150_000 + "\n"},
    "owners-begins": {".github/CODEOWNERS": _BEGIN * 10_000},
    "owners-half": {".github/CODEOWNERS": f"* @acme/ours\n{_BEGIN}"},
    "owners-escapes": {".github/CODEOWNERS": "\\" * 100_000 + " @a\n"},
    "owners-stars": {".github/CODEOWNERS": "/".join(["**"] * 20_000) + " @a\n"},
    "owners-not-utf8": {".github/CODEOWNERS": b"* @a\xff\n"},
    "github-is-a-file": {".github": "x\n"},
    "lock-is-a-folder": {f"{LOCK}/x": "x\n"},
}
"""Files of a repo that takes the service template, by path."""

COMMENTS: Mapping[str, str] = {
    "spaces": "/syncbot hold x" + " " * 65_000 + "y",
    "quotes": ">" * 60_000 + " /syncbot hold",
    "lists": "".join(f"{' ' * n}- a\n" for n in range(350)),
    "brackets": "[" * 65_000,
    "emphasis": "*a _b " * 10_000,
    "ticks": "`" * 30_000 + " " + "`" * 29_999,
    "html": "<div><pre><!--" * 4_000 + "\n/syncbot hold",
    "comments": "<!--" * 16_000,
    "links": "[a](" * 16_000,
    "entities": "&#x0;&#0;&amp;" * 4_000,
    "commands": "/syncbot recreate\n/syncbot decline until 9999-99-99\n" * 1_000,
    "until": "/syncbot decline until " + "1" * 60_000,
    "controls": "\x1b]0;x\x07\u202e::set-output name=x::y\n##[group]\n",
    "proposals": "<!-- syncbot:proposed\n" * 2_900,
}
"""What somebody with write access says on a pull request."""

NAMES = ("-x", "_", ".github", "a.git-b", "x" * 100, "CON", "1", "a..b", "--config", "a_-.")
"""Names of repos that GitHub allows."""
