"""Markdown from repos' text: read back with a CommonMark parser, the text is code and nothing but code."""

from __future__ import annotations

import html
import re
from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from markdown_it.token import Token

from syncbot.plan.file_reasons import Malformed
from syncbot.plan.reasons import Quiet
from syncbot.plan.states import FileState
from syncbot.report.comments import close_comment, kept_comment
from syncbot.report.markdown import apply_markdown, plan_markdown, status_markdown
from syncbot.report.markdown_escape import cell, code, cut, details, fence
from syncbot.report.pull_request import body

from .samples import NOW, OUTCOMES, REPORT, SOURCE, changeset, failed, plan, status

PARSER = MarkdownIt("commonmark").enable("table")
MENTION = re.compile(r"(?<![\w`/])@\w")
FRAGMENTS = (
    *("@acme/everyone ", "#1 ", "```", "````\n", "~~~\n", "`", "|", "\\", "](", "&#64;a", "  ", "\t", "end"),
    *("</details>", "</code>", "<!--", "<b>", "\n\n", "\r", "\r\n", "\x1b[31m", "\u202e", "\u2028"),
)
HOSTILE = st.one_of(
    st.text(max_size=60),
    st.lists(
        st.sampled_from(FRAGMENTS),
        max_size=10,
    ).map("".join),
)
PROVE = settings(derandomize=True, deadline=None, max_examples=200)


def parsed(markdown: str) -> list[Token]:
    """Every token, inline ones included."""
    return [inner for token in PARSER.parse(markdown) for inner in (token, *(token.children or ()))]


def bare_text(markdown: str) -> str:
    """What a reader, and GitHub's search for mentions, finds outside code."""
    words, in_code = [], False
    for token in parsed(markdown):
        if token.type == "html_block":
            words.append(re.sub(r"<code>.*?</code>", "", token.content))
        elif token.type == "html_inline" and token.content in ("<code>", "</code>"):
            in_code = token.content == "<code>"
        elif token.type in ("text", "html_inline") and not in_code:
            words.append(token.content)
    return " ".join(words)


@given(text=HOSTILE)
@PROVE
def test_a_fence_is_never_closed_from_within(text: str) -> None:
    """Whatever stands in it, a fence is one block of code, and what follows it is a paragraph."""
    tokens = PARSER.parse(f"{fence(text, 'diff')}\n\nafter")
    assert [token.type for token in tokens] == ["fence", "paragraph_open", "inline", "paragraph_close"]


@given(text=st.text(alphabet=st.characters(categories=["L", "N", "P", "S"]), max_size=40))
@PROVE
def test_a_fence_shows_the_text(text: str) -> None:
    """Printable text is shown as it is."""
    assert PARSER.parse(fence(text))[0].content == f"{text}\n"


@given(text=HOSTILE)
@PROVE
def test_inline_code_is_one_span(text: str) -> None:
    """The text is one code span amid a paragraph, and stays one in a table's cell."""
    spans = [token.type for token in parsed(f"a {code(text)} b") if token.type not in ("inline", "text")]
    assert spans == ["paragraph_open", "code_inline", "paragraph_close"]
    cells = [
        token for token in PARSER.parse(f"| a | b |\n|---|---|\n| {cell(text)} | end |") if token.type == "td_open"
    ]
    assert len(cells) == 2


@given(text=HOSTILE)
@PROVE
def test_a_cell_shows_the_text(text: str) -> None:
    """A bar does not end the cell, and is seen as a bar."""
    token = next(t for t in PARSER.parse(f"| a |\n|---|\n| {cell(text + '|x')} |") if t.content.endswith("</code>"))
    assert html.unescape(token.content).endswith("|x</code>")


@given(text=HOSTILE)
@PROVE
def test_details_cannot_be_left(text: str) -> None:
    """A path as a summary, and a diff inside, neither end the folded block nor open another."""
    tokens = PARSER.parse(f"{details(text, fence(text))}\n\nafter")
    assert [token.type for token in tokens][:3] == ["html_block", "fence", "html_block"]
    assert tokens[0].content.count("<") == len(["details", "summary", "code", "/code", "/summary"])


@given(text=HOSTILE)
@settings(PROVE, max_examples=60)
def test_no_report_pings_or_breaks_out(text: str) -> None:
    """Hostile paths, contents and reasons everywhere: no mention outside code in any Markdown."""
    file = status(text or "a", FileState.DIVERGED, text.encode("utf-8", "replace"), b"x\n", overwrites_edits=True)
    quiet = replace(file, path=f"{text}2", quiet=Quiet.DECLINED)
    blocked = replace(file, path=f"{text}3", state=FileState.BLOCKED, why=Malformed(detail=text), proposal=None)
    hostile = plan("acme/a", changeset(file), files=(quiet, blocked))
    report = replace(REPORT, plans=(*REPORT.plans, hostile, failed("acme/b", "not-found", text)))
    pages = (
        body(hostile, hostile.changesets[0], source=SOURCE, owners="@acme/platform", config_path="config/repos.yaml"),
        plan_markdown(report, diffs=True),
        apply_markdown(report, OUTCOMES, diffs=True),
        status_markdown(report, NOW, diffs=True),
        kept_comment([text, "Dockerfile"]),
        close_comment(hostile.changesets[0]) if not text else "",
    )
    for page in pages:
        assert MENTION.search(bare_text(page)) is None
        assert page.count("\n<details>") == page.count("\n</details>")


def test_cut_says_what_is_left_out() -> None:
    """A long text is cut at the end of a line, and the number of lines left out is said."""
    assert cut("one\ntwo\nthree\nfour\n", 9) == "one\ntwo\n… 2 more lines\n"
    assert cut("short\n", 9) == "short\n"
