"""Generated answer sets, the same on every run: believable ones, and hostile ones."""

from __future__ import annotations

import datetime
import random

HOSTILE: tuple[object, ...] = (
    "",
    " ",
    'a"b',
    "it's",
    "two\nlines",
    "carriage\r\nreturn",
    "trailing\n",
    "tab\there",
    "${{ secrets.TOKEN }}",
    "$HOME",
    "${HOME}",
    "%{if true}",
    "{{ port }}",
    "{% raw %}",
    "{# comment",
    "# comment",
    "key: value",
    "- item",
    "&anchor",
    "*alias",
    "!tag",
    "naïve-Ünïcode-名前",
    "\u202eright-to-left",
    "nul\x00",
    "x" * 300,
    "../escape",
    "../../etc/passwd",
    "/absolute",
    "a/../b",
    "yes",
    "no",
    "on",
    "null",
    "~",
    "true",
    "1e3",
    "0x10",
    "010",
    "1_0",
    " 8080 ",
    "\\",
    "a\\nb",
    "$(reboot)",
    "`reboot`",
    "; rm -rf /",
    "<script>",
    "\ufeffbom",
    None,
    True,
    False,
    0,
    -1,
    1,
    22,
    18.1,
    99999,
    10**30,
    float("inf"),
    float("nan"),
    [],
    ["a"],
    {},
    {"a": 1},
    datetime.date(2027, 1, 31),
)

PARAMETERS: tuple[tuple[str, object], ...] = (
    ("work_mem", "64MB"),
    ("work_mem", "65536"),
    ("work_mem", 4096),
    ("shared_buffers", "1.5GB"),
    ("shared_buffers", "100kB"),
    ("max_connections", 200),
    ("max_connections", 200.0),
    ("max_connections", "200MB"),
    ("autovacuum", True),
    ("autovacuum", "off"),
    ("autovacuum", "maybe"),
    ("jit", "no"),
    ("random_page_cost", 1.1),
    ("random_page_cost", "1e1"),
    ("seq_page_cost", "0.50"),
    ("checkpoint_timeout", "5min"),
    ("checkpoint_timeout", "5 min"),
    ("checkpoint_timeout", "5m"),
    ("statement_timeout", "30s"),
    ("statement_timeout", -1),
    ("vacuum_cost_delay", "1.5ms"),
    ("log_temp_files", -1),
    ("log_temp_files", "-1"),
    ("wal_keep_size", "1TB"),
    ("synchronous_commit", False),
    ("synchronous_commit", "remote_apply"),
    ("log_statement", "ddl"),
    ("log_statement", "DDL"),
    ("default_transaction_isolation", "read committed"),
    ("shared_preload_libraries", "pg_stat_statements,auto_explain"),
    ("shared_preload_libraries", 'it\'s ${a} %{b} \\ "quoted"'),
    ("shared_preload_libraries", ""),
    ("track_functions", "all"),
    ("no_such_parameter", 1),
    ("Work_Mem", "1MB"),
    ("work_mem ", "1MB"),
)


GOOD_PARAMETERS: tuple[tuple[str, object], ...] = (
    ("work_mem", "64MB"),
    ("max_connections", 200),
    ("shared_buffers", "1.5GB"),
    ("jit", False),
    ("random_page_cost", 1.1),
    ("statement_timeout", "30s"),
    ("synchronous_commit", "remote_apply"),
    ("shared_preload_libraries", "pg_stat_statements,auto_explain"),
)


def base(rng: random.Random) -> dict[str, object]:
    """What syncbot itself always supplies."""
    name = rng.choice(("payments-api", "Billing.Core", "x", "a_b", "9lives", ".github", "-", "true", "1e3", "a" * 100))
    return {
        "service_name": name,
        "organization": "acme",
        "team": rng.choice(("@acme/payments", "@octocat", "@acme/a @acme/b")),
        "owners": "@acme/platform",
        "runtime": "node",
    }


def believable(rng: random.Random) -> dict[str, object]:
    """An answer set that a user could have written, some of it left to the defaults."""
    chosen = {
        "node_version": rng.choice(("18", "20", "22", "22.11", "24.1.0")),
        "package_manager": "npm",
        "port": rng.randint(1024, 65535),
        "entry": rng.choice(("server.js", "src/main.mjs", "src/http/index.js")),
        "health_path": rng.choice(("/", "/healthz", "/health/live")),
        "postgres_version": rng.choice(("13", "14", "15", "16", "17", "18", "none")),
        "postgres_parameters": dict(rng.sample(GOOD_PARAMETERS, rng.randint(0, 5))),
    }
    kept = rng.sample(sorted(chosen), rng.randint(0, len(chosen)))
    return {**base(rng), **{name: chosen[name] for name in kept}}


def hostile(rng: random.Random) -> dict[str, object]:
    """A believable set with one or two answers replaced by something else, or taken away."""
    answers = believable(rng)
    names = (*answers, "node_version", "port", "entry", "health_path", "postgres_version", "postgres_parameters")
    for name in rng.sample(sorted(set(names)), rng.choice((1, 1, 2))):
        match rng.randint(0, 9):
            case 0:
                answers.pop(name, None)
            case 1 | 2:
                answers[name] = f"{answers.get(name, '22')}{rng.choice(HOSTILE)}"
            case 3 | 4:
                answers["postgres_parameters"] = dict(rng.sample(PARAMETERS, rng.randint(1, 3)))
            case 5:
                answers["postgres_parameters"] = {rng.choice(("work_mem", "log_statement", 7)): rng.choice(HOSTILE)}
            case _:
                answers[name] = rng.choice(HOSTILE)
    return answers


def generate(seed: int, count: int) -> tuple[dict[str, object], ...]:
    """`count` answer sets, one in three believable."""
    rng = random.Random(seed)
    return tuple(believable(rng) if index % 3 == 0 else hostile(rng) for index in range(count))
