"""Compose files as people write them, and which Postgres each runs: a table written by hand.

A row is a name, the services (or, from column 0, the whole file) and what is right: the majors of all servers in order,
None for one whose major the file does not tell. Tags are from the pages of the images.
"""

from __future__ import annotations

from textwrap import indent

Majors = tuple[int | None, ...]


def image(reference: str) -> str:
    """One service of this image, and a volume where Postgres keeps its data."""
    return f'db:\n  image: {reference}\n  volumes: ["data:/var/lib/postgresql/data"]\n'


def inline(*lines: str, more: str = "") -> str:
    """A service with its Dockerfile inside the Compose file."""
    return f"db:\n  build:{more}\n    dockerfile_inline: |\n" + "".join(f"      {line}\n" for line in lines)


def whole(services: str) -> str:
    """The Compose file around services."""
    return "services:\n" + indent(services, "  ") + "volumes: {data: {}}\n"


TAGS: tuple[tuple[str, int | None], ...] = (
    ("postgres:17", 17),
    ("postgres:17.2-alpine3.21", 17),
    ("postgres:17beta1", 17),
    ("postgres:18rc1-bookworm", 18),
    ("postgres:9.6", 9),
    ("postgres", None),
    ("postgres:latest", None),
    ("postgres:alpine", None),
    ("postgres:bookworm", None),
    ("postgres:17@sha256:16bc17c64a573ef34162af9298258d1aec548232985b33ed7b1eac33ba35ca9c", 17),
    ("postgres@sha256:16bc17c64a573ef34162af9298258d1aec548232985b33ed7b1eac33ba35ca9c", None),
    ("'postgres:17'", 17),
    ("&server postgres:17", 17),
    ("!!str postgres:17", 17),
    (">-\n    postgres:17", 17),
    ('"postgres:\\x31\\x37"', 17),
    ("docker.io/library/postgres:17", 17),
    ("public.ecr.aws/docker/library/postgres:17", 17),
    ("registry.acme.example:5000/postgres:17.4", 17),
    ("localhost/postgres:17", 17),
    ("localhost:5000/postgres", None),
    ("ghcr.io/immich-app/postgres:17-vectorchord0.4.3", 17),
    ("ghcr.io/immich-app/postgres:14-vectorchord0.3.0-pgvectors0.2.0", 14),
    ("postgis/postgis:17-3.5", 17),
    ("postgis/postgis:latest", None),
    ("mdillon/postgis:11-alpine", 11),
    ("kartoza/postgis:17-3.5--v2024.12.01", 17),
    ("imresamu/postgis:17-3.5.0-alpine3.20", 17),
    ("pgrouting/pgrouting:17-3.5-3.7.3", 17),
    ("pgvector/pgvector:pg17", 17),
    ("pgvector/pgvector:0.8.0-pg17-trixie", 17),
    ("ankane/pgvector:v0.5.1", None),
    ("timescale/timescaledb:2.17.2-pg16", 16),
    ("timescale/timescaledb:latest-pg17-oss", 17),
    ("timescale/timescaledb:2.17.2", None),
    ("timescale/timescaledb-ha:pg17-ts2.17", 17),
    ("timescale/timescaledb-ha:pg17.2-ts2.17.2-all", 17),
    ("pgautoupgrade/pgautoupgrade:17-debian", 17),
    ("pgautoupgrade/pgautoupgrade:latest", None),
    ("bitnami/postgresql:17.2.0-debian-12-r3", 17),
    ("bitnamilegacy/postgresql-repmgr:16.4.0", 16),
    ("supabase/postgres:15.1.0.147", 15),
    ("supabase/postgres:0.13.0", None),
    ("citusdata/citus:12.1", None),
    ("citusdata/citus:12.1.5-pg15", 15),
    ("citusdata/citus:postgres_15", 15),
    ("tensorchord/pgvecto-rs:pg16-v0.3.0", 16),
    ("tensorchord/vchord-postgres:pg17-v0.2.1", 17),
    ("cimg/postgres:17.2-postgis", 17),
    ("paradedb/paradedb:v0.21.4-pg17", 17),
    ("paradedb/paradedb:v0.22.2", None),
    ("apache/age:release_PG17_1.6.0", 17),
    ("apache/age:PG16_latest", 16),
    ("apache/age:v1.5.0-pg16", 16),
    ("groonga/pgroonga:4.0.1-alpine-16", 16),
    ("groonga/pgroonga:latest-alpine-17-slim", 17),
    ("ghcr.io/zalando/spilo-17:4.0-p2", 17),
    ("registry.redhat.io/rhel9/postgresql-16:latest", 16),
    ("quay.io/sclorg/postgresql-15-c9s", 15),
    ("registry.developers.crunchydata.com/crunchydata/crunchy-postgres:ubi8-16.6-0", 16),
    ("percona/percona-distribution-postgresql:17.2-1", 17),
    ("google/alloydbomni:16.3.0", 16),
    ("acme/mypostgres:17", None),
    ("acme/postgres:1.4", None),
    ("acme/ledger-store:3", None),
    ("postgres:${PG_MAJOR:-17}", 17),
    ("postgres:${PG_MAJOR-17}-alpine", 17),
    ("postgres:${PG_MAJOR:-${DEFAULT_MAJOR:-17}}", 17),
    ("${POSTGRES_IMAGE:-postgres:17-alpine}", 17),
    ("${REGISTRY:-docker.io}/library/postgres:17", 17),
    ("${REGISTRY}/postgres:17", 17),
    ("postgres:17-${VARIANT}", 17),
    ("postgres:17.${MINOR}", 17),
    ("postgres:$PG_MAJOR", None),
    ("postgres:${PG_MAJOR}", None),
    ("postgres:${PG_MAJOR:?name the major}", None),
    ("postgres:${PG_MAJOR:+17}", None),
    ("postgres:17${SUFFIX}", None),
    ("postgres:1${MINOR:-7}", 17),
    ("${POSTGRES_IMAGE}", None),
    ("postgres${TAG}", None),
)

FILES: tuple[tuple[str, str, Majors], ...] = (
    ("flow style", "db: {image: 'postgres:17', environment: {POSTGRES_PASSWORD: local}}\n", (17,)),
    ("flow style without quotes", "db: {image: postgres:17, ports: [127.0.0.1:5432:5432]}\n", (17,)),
    ("a quoted key", 'db:\n  "image": postgres:17\n', (17,)),
    ("JSON", '{"services": {"db": {"image": "postgres:17"}}}', (17,)),
    ("CRLF", "services:\r\n  db:\r\n    image: postgres:17\r\n", (17,)),
    ("a byte order mark", "\ufeffservices:\n  db:\n    image: postgres:17\n", (17,)),
    ("a comment", "db:\n  image: postgres:17 # was postgres:16\n# image: postgres:15\n", (17,)),
    ("an alias", "services:\n  a: {image: &pg 'postgres:17'}\n  b: {image: *pg}\n", (17, 17)),
    ("a merge key", "x-db: &db {image: 'postgres:17'}\nservices:\n  db: {<<: *db, restart: always}\n", (17,)),
    (
        "a merge key that is overridden",
        "x-db: &db {image: postgres}\nservices:\n  db: {<<: *db, image: 'postgres:17'}\n",
        (17,),
    ),
    (
        "merge keys in a list",
        "x-a: &a {image: 'postgres:17'}\nx-b: &b {image: 'x:1'}\nservices:\n  db: {<<: [*a, *b]}\n",
        (17,),
    ),
    ("two servers", "old:\n  image: postgres:15\nnew:\n  image: postgres:17\n", (15, 17)),
    ("a profile", "db:\n  image: postgres:17\n  profiles: [tools]\n", (17,)),
    ("extends here", "base:\n  image: postgres:17\ndb:\n  extends: {service: base}\n", (17, 17)),
    ("extends as a word", "base:\n  image: postgres:17\ndb:\n  extends: base\n", (17, 17)),
    ("extends with its own image", "db:\n  extends: {file: base.yml, service: db}\n  image: postgres:17\n", (17,)),
    ("extends from another file", "db:\n  extends: {file: base.yml, service: db}\n", (None,)),
    ("extends itself", "db:\n  extends: db\n  ports: ['5432:5432']\n", (None,)),
    ("an include", "services: {}\ninclude: [db.yml]\n", (None,)),
    ("an include beside a server", "services:\n  db: {image: 'postgres:17'}\ninclude:\n  - path: db.yml\n", (17, None)),
    ("a build", "db:\n  build: ./db\n", (None,)),
    ("a build of another name", "store:\n  build: {context: ./docker/postgres}\n", (None,)),
    ("a build with an image's name", "db:\n  build: ./db\n  image: postgres:17\n", (None,)),
    ("a Dockerfile inside", inline("FROM postgres:17", "RUN x"), (17,)),
    ("one of more stages", inline("FROM x AS y", "FROM postgis/postgis:17-3.5"), (17,)),
    ("one with arguments", inline("ARG V=17", "FROM postgres:$$V", more="\n    args: [V=16]"), (None,)),
    ("one with defaults", inline("ARG V=17", "FROM postgres:$$V"), (17,)),
    ("a build with data", "store:\n  build: .\n  volumes: ['data:/var/lib/postgresql/data']\n", (None,)),
    ("the port alone", "store:\n  image: acme/store:3\n  ports: ['127.0.0.1:${PORT:-5433}:5432/tcp']\n", (None,)),
    ("the port in the long form", "store:\n  image: acme/store:3\n  ports: [{target: 5432}]\n", (None,)),
    ("an account and no host", "store:\n  image: acme/store:3\n  environment: [POSTGRES_PASSWORD=x]\n", (None,)),
    ("settings of a server", "store:\n  image: acme/store:3\n  environment: {PGDATA: /data}\n", (None,)),
    ("the command", "store:\n  image: acme/store:3\n  command: [postgres, -c, fsync=off]\n", (None,)),
    ("data elsewhere", "store:\n  image: acme/store:3\n  volumes: ['d:/home/postgres/pgdata']\n", (None,)),
    ("the first format", "db:\n  image: postgres:17\nweb:\n  build: .\n", (17,)),
    ("two documents", "services: {db: {image: 'postgres:17'}}\n---\nservices: {}\n", (None,)),
    ("a key given twice", "services:\n  db: {image: 'postgres:17', image: 'postgres:16'}\n", (None,)),
    ("broken YAML", "services:\n  db: {image: [postgres\n", (None,)),
    ("tabs", "services:\n\tdb:\n\t\timage: postgres:17\n", (None,)),
    ("a list", "- image: postgres:17\n", (None,)),
    ("an image taken away", "db:\n  image: !reset null\n  build: ./mysql\n", ()),
)
NONE: tuple[tuple[str, str], ...] = (
    ("nothing", ""),
    ("a comment", "# image: postgres:17\n"),
    ("no services", "services:\n"),
    ("an app alone", "web:\n  build: .\n  ports: ['8080:8080']\n"),
    ("other databases", "db:\n  image: mysql:8\ncache:\n  image: redis:8\n"),
    ("a Dockerfile inside of another image", "web:\n  build:\n    dockerfile_inline: FROM caddy:2\n"),
    ("a database that is built", "db:\n  build: ./mysql\n"),
    ("a client by URL", "web:\n  build: .\n  environment: {DATABASE_URL: 'postgres://db.acme.example:5432/x'}\n"),
    ("a client by account", "web:\n  build: .\n  environment: [POSTGRES_HOST=db.acme.example, POSTGRES_PASSWORD=x]\n"),
    ("an image by variable", "web:\n  image: ${APP_IMAGE}\n"),
    ("tools", "a:\n  image: dpage/pgadmin4:9\nb:\n  image: edoburu/pgbouncer:1.24\n  ports: ['5432:5432']\n"),
    ("a backup", "a:\n  image: prodrigestivill/postgres-backup-local:17\n  environment: [POSTGRES_PASSWORD=x]\n"),
    ("names that only sound so", "a:\n  image: acme/rpg-game:3\nb:\n  image: acme/jpg:1\nc:\n  image: filippo/age:1\n"),
    ("a word in a label", "web:\n  image: acme/web:1\n  labels: {image: 'postgres:17'}\n"),
    ("a config of that text", "web:\n  image: acme/web:1\n  command: |\n    image: postgres:17\n"),
)
BESIDE = "db:\n  image: postgres:17\nweb:\n  build: .\n  environment: {POSTGRES_PASSWORD: x, POSTGRES_USER: y}\n"
"""A client that knows its host by heart: the server is the other one."""


def _file(text: str) -> str:
    is_whole = text.startswith(("services", "x-", "{", "-", "\ufeff")) or not text.strip() or text.startswith("#")
    return text if is_whole else whole(text)


FIRST_FORMAT = "the first format"
TABLE: tuple[tuple[str, str, Majors], ...] = (
    *((reference, whole(image(reference)), (major,)) for reference, major in TAGS),
    *((name, text if name == FIRST_FORMAT else _file(text), majors) for name, text, majors in FILES),
    *((name, _file(text), ()) for name, text in NONE),
    ("a client beside a server", whole(BESIDE), (17,)),
)
