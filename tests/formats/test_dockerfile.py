"""Dockerfiles of three styles, Docker's rules one by one, and any text."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from syncbot.formats.dockerfile import Dockerfile, is_dockerfile, read_dockerfile
from syncbot.formats.variables import UNSET

NODE = r"""# syntax=docker/dockerfile:1
ARG NODE_VERSION=22
ARG VARIANT="bookworm-slim"

FROM --platform=$BUILDPLATFORM node:${NODE_VERSION}-${VARIANT} AS deps
WORKDIR /app
COPY package.json package-lock.json ./
RUN --mount=type=cache,target=/root/.npm,sharing=locked \
    --mount=type=bind,source=.npmrc,target=.npmrc \
    # the lock file decides
    npm ci --omit=dev \

    && npm cache verify

FROM deps AS build
COPY . .
RUN npm run build

FROM node:${NODE_VERSION}-${VARIANT}
ENV NODE_ENV=production
COPY --from=deps --chown=node:node /app/node_modules ./node_modules
COPY --from=build ["/app/dist", "./dist"]
USER node
EXPOSE 3000
HEALTHCHECK --interval=30s CMD ["node", "health.js"]
CMD ["node", "dist/main.js"]
"""
GO = r"""FROM golang:1.24-bookworm AS build
WORKDIR /src
COPY go.mod go.sum* ./
COPY <<"EOF" /healthcheck/main.go
package main

# FROM nothing
func main() { println("$HOME") }
EOF
RUN <<-SCRIPT
	go mod download
	go build -o /out/ ./...
	SCRIPT

from scratch
COPY --from=0 /out/ /
ENTRYPOINT ["/server"]
"""
DEBIAN = """# escape=`
# check=skip=all
ARG MAJOR=17
ARG BASE=postgres:${MAJOR:-16}-bookworm
FROM ${BASE} as server
SHELL ["/bin/bash", "-c"]
RUN apt-get update && `
    apt-get install -y --no-install-recommends `
      postgresql-${PG_MAJOR}-cron && `
    rm -rf /var/lib/apt/lists/*
WORKDIR C:\\data\\
FROM server
LABEL a="b" `
      c="d e"
"""


def test_the_style_of_node() -> None:
    """A syntax directive, arguments in FROM, stages by name, flags, comments inside a continuation, JSON."""
    read = read_dockerfile(NODE.encode())
    assert [(stage.name, stage.image, stage.base) for stage in read.stages] == [
        ("deps", "node:22-bookworm-slim", None),
        ("build", "deps", 0),
        ("", "node:22-bookworm-slim", None),
    ]
    assert read.base_image(read.stages[1]) == read.final_image == "node:22-bookworm-slim"
    deps = read.stages[0].instructions
    assert deps[0].flag("platform") == "$BUILDPLATFORM"
    assert (deps[3].line, deps[3].rest.split()) == (8, ["npm", "ci", "--omit=dev", "&&", "npm", "cache", "verify"])
    assert [flag.partition("=")[0] for flag in deps[3].flags] == ["--mount", "--mount"]
    last = {instruction.name: instruction for instruction in read.stages[2].instructions}
    assert last["COPY"].flag("from") == "build"
    assert last["COPY"].arguments == ("/app/dist", "./dist")
    assert (last["HEALTHCHECK"].flag("interval"), last["HEALTHCHECK"].rest) == ("30s", 'CMD ["node", "health.js"]')
    assert last["CMD"].arguments == ("node", "dist/main.js")


def test_the_style_of_go() -> None:
    """Heredocs are no instructions, behind `<<-` the end may have tabs before it; a stage by its number, scratch."""
    read = read_dockerfile(GO.encode())
    assert [(each.line, each.name) for each in read.instructions] == [
        (1, "FROM"),
        (2, "WORKDIR"),
        (3, "COPY"),
        (4, "COPY"),
        (10, "RUN"),
        (15, "FROM"),
        (16, "COPY"),
        (17, "ENTRYPOINT"),
    ]
    assert read.final_image == "scratch"


def test_the_style_of_debian() -> None:
    """Another escape sign, an argument made of an earlier one, a last stage that goes on from a named one."""
    read: Dockerfile = read_dockerfile(DEBIAN.encode())
    assert read.final_image == "postgres:17-bookworm"
    assert (read.stages[0].name, read.stages[1].base) == ("server", 0)
    run, folder = read.stages[0].instructions[2:]
    assert run.rest.endswith("rm -rf /var/lib/apt/lists/*")
    assert folder.rest == "C:\\data\\"
    assert read.stages[1].instructions[1].arguments == ('a="b"', 'c="d e"')


@pytest.mark.parametrize(
    ("text", "image"),
    [
        ("FROM postgres:17", "postgres:17"),
        ("\ufeffFROM postgres:17", "postgres:17"),
        ("FROM postgres:17\r\nRUN x\r\n", "postgres:17"),
        ("  FROM   postgres:17   AS   db", "postgres:17"),
        ("FROM --platform=linux/amd64 postgres:17", "postgres:17"),
        ("FROM \\\n  postgres:17", "postgres:17"),
        ("FROM post\\\ngres:17", "postgres:17"),
        ("FROM postgres:17 \\  \n AS db", "postgres:17"),
        ("# escape=`\nFROM postgres`\n:17", "postgres:17"),
        ("#ESCAPE = `\nFROM postgres`\n:17", "postgres:17"),
        ("\n# escape=`\nFROM post\\\ngres:17", "postgres:17"),
        ("# a comment\n# escape=`\nFROM post\\\ngres:17", "postgres:17"),
        ("ARG M=17\nFROM postgres:$M", "postgres:17"),
        ("ARG M=17 V=alpine\nFROM postgres:$M-$V", "postgres:17-alpine"),
        ("ARG M='17'\nFROM postgres:${M}", "postgres:17"),
        ("ARG M\nFROM postgres:${M:-17}", "postgres:17"),
        ("ARG M=\nFROM postgres:${M:-17}", "postgres:17"),
        ("ARG M=\nFROM postgres:1${M-0}7", "postgres:17"),
        ("ARG M=1\nFROM postgres:${M:+17}", "postgres:17"),
        ("ARG M=16\nARG M=17\nFROM postgres:$M", "postgres:17"),
        ("FROM x\nARG M=17\nFROM postgres:$M", "postgres:\0"),
        ("ARG M\nFROM postgres:$M", "postgres:\0"),
        ("ARG P=${Q:-17}\nFROM postgres:$P", "postgres:17"),
        ("FROM a AS one\nFROM ONE AS two\nFROM two", "a"),
        ("FROM a AS b\nFROM b:1", "b:1"),
        ("FROM a\nRUN echo '<<EOF'\nFROM b", "b"),
        ("FROM a\nRUN <<A <<B\nFROM x\nA\nFROM y\nB\nFROM b", "b"),
        ("FROM a\nRUN cat <<EOF > /x && true\nFROM x\nEOF\nFROM b", "b"),
        ("FROM a\nRUN 3<<'EOF' cat\nFROM x\nEOF\nFROM b", "b"),
        ("FROM a\nCOPY --chmod=755 <<EOF /x\nFROM x\nEOF\nFROM b", "b"),
        ("FROM a\nRUN <<EOF\nFROM x", "a"),
        ("FROM a\nLABEL x=<<EOF\nFROM b", "b"),
        ("FROM a\nRUN x \\\n# FROM c\n\n  y\nFROM b", "b"),
        ("FROM a\nRUN x \\\\\nFROM b", "b"),
        ("from a as x\nfrom x", "a"),
        ("RUN x", ""),
        ("", ""),
        ("FROM", ""),
    ],
)
def test_what_the_image_rests_on(text: str, image: str) -> None:
    """Docker's rules for directives, continuations, heredocs, arguments and stages, by what comes out at the end."""
    assert read_dockerfile(text.encode()).final_image == image


WORDS = st.from_regex(r"[a-z][a-z0-9./_-]{0,8}", fullmatch=True)
INSTRUCTIONS = st.tuples(st.sampled_from(("RUN", "COPY", "ENV", "LABEL")), st.lists(WORDS, min_size=2, max_size=4))


@settings(derandomize=True, deadline=None, max_examples=200)
@given(st.lists(INSTRUCTIONS, max_size=5), st.data())
def test_however_it_is_laid_out(wanted: list[tuple[str, list[str]]], data: st.DataObject) -> None:
    """Continuations, comments, blank lines and indentation between words change nothing of what is read."""
    gaps = st.sampled_from((" ", "  ", " \\\n", " \\  \n\t", " \\\n# no\n  ", " \\\n\n "))
    text = "".join(
        f"{name} {''.join(data.draw(gaps) + word for word in words)}\n{data.draw(st.sampled_from(('', '# x', ' ')))}\n"
        for name, words in wanted
    )
    read = read_dockerfile(text.encode())
    assert [(each.name, list(each.arguments)) for each in read.instructions] == wanted


@settings(derandomize=True, deadline=None, max_examples=300)
@given(st.binary(max_size=60) | st.text(alphabet="FROMARGUN a=$x{}:-<E\\`\n\"'[],#", max_size=60).map(str.encode))
def test_any_text(content: bytes) -> None:
    """Whatever stands in the file, it is read, each instruction with a line of its own."""
    read = read_dockerfile(content)
    lines = [instruction.line for instruction in read.instructions]
    assert lines == sorted(set(lines))
    assert all(1 <= line <= content.count(b"\n") + 1 for line in lines)
    assert sum(len(stage.instructions) for stage in read.stages) <= len(lines)


def test_names_of_the_file() -> None:
    """What is taken for a Dockerfile."""
    names = (
        "Dockerfile",
        "a/Dockerfile.worker",
        "a/worker.Dockerfile",
        "Dockerfile-x",
        "dockerfile",
        "Dockerfile.dockerignore",
    )
    assert [is_dockerfile(name) for name in names] == [True, True, True, False, False, False]


def test_arguments_that_hold_each_other_many_times_over() -> None:
    """Ten lines would make ten thousand million characters: what is that long is not known, and takes no time."""
    lines = ["ARG A0=aaaaaaaaaa", *(f"ARG A{number}={f'$A{number - 1}' * 10}" for number in range(1, 10))]
    (stage,) = read_dockerfile("\n".join([*lines, "FROM node:22-$A9\n"]).encode()).stages
    assert UNSET in stage.image and len(stage.image) < 100
