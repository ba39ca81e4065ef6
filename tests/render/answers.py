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
    ("work_mem", {"local": "1MB", "rds": "2MB"}),
    ("work_mem", {"local": None, "rds": "2MB", "reason": "x"}),
    ("work_mem", {"rds": "2MB", "reason": "two\nlines"}),
    ("jit", {"local": True, "rds": '{"', "reason": "x"}),
    ("rds.force_ssl", {"rds": 1}),
    ("rds.force_ssl", 1),
    ("rds.nothing", {"rds": 1}),
    ("pgaudit.log", {"rds": "ddl", "reason": "# it's {{ x }}"}),
    ("fsync", {"local": "off", "reason": "x"}),
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
    ("shared_buffers", {"local": "64MB", "rds": "{DBInstanceClassMemory/32768}", "reason": 'a "laptop" has no 64 GB'}),
    ("rds.force_ssl", {"rds": True}),
    ("logging_collector", {"local": "on", "reason": "naïve: {{ x }} # ${y}"}),
)


MANAGERS = {"node": ("npm", "pnpm", "yarn"), "python": ("uv", "pip", "poetry"), "go": ("go",)}
ENTRIES = {
    "node": ("server.js", "src/main.mjs", "src/http/index.js"),
    "python": ("app/main.py", "service.py", "src/payments/worker.py"),
    "go": (".", "cmd/server", "server"),
}
WORDS = (
    ["node", "--enable-source-maps", "server.js"],
    ["sh", "-c", "exec x \"$Y\" \\ 'z'"],
    ["gunicorn", "naïve:名前"],
)
PACKAGES = (["libpq5"], ["g++", "make"], ["ffmpeg", "ca-certificates"])
VARIABLES = (["STRIPE_API_KEY"], ["no", "On", "NULL"], ["a_1", "LOG_LEVEL"])


def base(rng: random.Random) -> dict[str, object]:
    """What syncbot itself always supplies."""
    name = rng.choice(("payments-api", "Billing.Core", "x", "a_b", "9lives", ".github", "-", "true", "1e3", "a" * 100))
    return {
        "service_name": name,
        "organization": "acme",
        "team": rng.choice(("@acme/payments", "@octocat", "@acme/a @acme/b")),
        "owners": "@acme/platform",
        "runtime": rng.choice(("node", "python", "go")),
    }


def believable(rng: random.Random) -> dict[str, object]:
    """An answer set that a user could have written, some of it left to the defaults."""
    always = base(rng)
    runtime = str(always["runtime"])
    deploy = rng.choice(("none", "none", "app-runner", "ecs"))
    if deploy != "none":
        always |= {"deploy": deploy, "deploy_workflows": "acme/platform@" + "0a" * 20, "aws_account": "123456789012"}
    chosen = {
        "kind": "web" if deploy == "app-runner" else rng.choice(("web", "worker")),
        "node_version": rng.choice(("18", "20", "22", "22.11", "24.1.0")),
        "python_version": rng.choice(("3.9", "3.11", "3.13", "3.14.1")),
        "go_version": rng.choice(("1.22", "1.26", "1.27.3")),
        "owned_by": rng.choice(("platform", "shared")),
        "package_manager": rng.choice(MANAGERS[runtime]),
        "port": rng.randint(1024, 65535),
        "entry": rng.choice(ENTRIES[runtime]),
        "health_path": rng.choice(("/", "/healthz", "/health/live")),
        "postgres_version": rng.choice(("13", "14", "15", "16", "17", "18", "none")),
        "rds_postgres_version": rng.choice(("13", "16", "18")),
        "rds_format": rng.choice(("terraform", "cloudformation", "aws-cli")),
        "postgres_parameters": dict(rng.sample(GOOD_PARAMETERS, rng.randint(0, 5))),
        "build_command": rng.choice(("", "npm run build", "make build && ./check || true # why not", 'echo "${A:-b}"')),
        "start_command": rng.choice(([], *WORDS)),
        "system_packages": rng.choice(([], *PACKAGES)),
        "build_packages": rng.choice(([], *PACKAGES)),
        "environment": rng.choice(([], *VARIABLES)),
        "debian": rng.choice(("bookworm", "trixie")),
        "base_image_prefix": rng.choice(("", "registry.acme.example:5000/", "mirror.acme.example/hub/library/")),
        "base_image_digest": rng.choice(("", "sha256:" + "0123456789abcdef" * 4)),
        "platforms": ["linux/amd64"]
        if deploy == "app-runner"
        else rng.choice((["linux/arm64", "linux/amd64"], ["linux/amd64"])),
        "default_branch": rng.choice(("main", "release/1.x", "on")),
        "aws_region": rng.choice(("eu-west-1", "us-gov-east-1")),
        "aws_role": rng.choice(("deploy", "a+b=c,d.e@f-_")),
        "ecs_cluster": rng.choice(("default", "yes")),
        "ecs_cpu": rng.choice((256, 1024)),
        "details": rng.choice((True, False)),
    }
    kept = rng.sample(sorted(chosen), rng.choice((0, 3, len(chosen))))
    return {**always, **{name: chosen[name] for name in kept}}


def hostile(rng: random.Random) -> dict[str, object]:
    """A believable set with one or two answers replaced by something else, or taken away."""
    answers = believable(rng)
    for name in rng.sample(sorted({*answers, *ASKED}), rng.choice((1, 1, 2))):
        match rng.randint(0, 9):
            case 0:
                answers.pop(name, None)
            case 1 | 2:
                answers[name] = f"{answers.get(name, '22')}{rng.choice(HOSTILE)}"
            case 3:
                answers["postgres_parameters"] = dict(rng.sample(PARAMETERS, rng.randint(1, 3)))
            case 4:
                answers["postgres_parameters"] = {rng.choice(("work_mem", "log_statement", 7)): rng.choice(HOSTILE)}
            case 5:
                answers[rng.choice(LISTS)] = rng.choice(([rng.choice(HOSTILE)], ["x", "x"], {"a": "b"}, "x"))
            case _:
                answers[name] = rng.choice(HOSTILE)
    return answers


LISTS = ("start_command", "system_packages", "build_packages", "environment", "platforms")
ASKED = (
    *("node_version", "python_version", "go_version", "package_manager", "package_manager_version", "owned_by", "kind"),
    *("port", "entry", "health_path", "postgres_version", "postgres_parameters", "build_command", "debian", "details"),
    *("rds_postgres_version", "rds_format"),
    *("base_image_prefix", "base_image_digest", "deploy", "deploy_workflows", "aws_account", "aws_region", "aws_role"),
    *("default_branch", "ecs_cluster", "ecs_cpu", "ecs_memory", "runtime", *LISTS),
)


def generate(seed: int, count: int) -> tuple[dict[str, object], ...]:
    """`count` answer sets, one in three believable."""
    rng = random.Random(seed)
    return tuple(believable(rng) if index % 3 == 0 else hostile(rng) for index in range(count))
