"""What a developer could commit or say in a repo to stop a run, by a name: locks, comments, names."""

from __future__ import annotations

from collections.abc import Mapping

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
