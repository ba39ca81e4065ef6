"""GitHub's documented rules for CODEOWNERS, each with rows written by hand: (lines, path, owners).

Owners are None where no line matches, empty where the last one that does names none. Source: "About code owners" in
GitHub's documentation, and for what it leaves to gitignore, gitignore's own page.
"""

from __future__ import annotations

RULES: dict[str, tuple[tuple[str, str, str | None], ...]] = {
    "a line is a pattern and its owners; a file that no pattern matches has none": (
        ("*.js @js", "x.js", "@js"),
        ("*.js @js", "x.ts", None),
        ("", "x", None),
        ("* @a @b", "x", "@a @b"),
    ),
    "`*` alone is the default for everything in the repo": (
        ("* @a", "any/where/x.js", "@a"),
        ("* @a", ".github/CODEOWNERS", "@a"),
        ("* @a", "x", "@a"),
    ),
    "the last pattern that matches takes precedence": (
        ("* @a\n*.js @js", "x.js", "@js"),
        ("* @a\nDockerfile @b", "service/Dockerfile", "@b"),
        ("/Dockerfile @b\n* @a", "Dockerfile", "@a"),
        ("/x @a\n/x @b", "x", "@b"),
        ("* @a\n/Dockerfile @b", "service/Dockerfile", "@a"),
    ),
    "an owner is a user, a team of an organization, or an address": (
        ("* @Some-User", "x", "@Some-User"),
        ("* @org/team.name_1", "x", "@org/team.name_1"),
        ("*.go docs@example.com", "x.go", "docs@example.com"),
    ),
    "a comment begins with #, on a line of its own or behind a rule": (
        ("# * @a", "x", None),
        ("   # * @a", "x", None),
        ("* @a # and why", "x", "@a"),
        ("* @a #@b", "x", "@a"),
        ("/x # @a", "x", ""),
    ),
    "a # within a word is part of it, as in gitignore": (
        ("/a#b @a", "a#b", "@a"),
        ("/a#b @a", "a", None),
    ),
    "a folder with slashes before and behind it is that one at the root, with all that lies below": (
        ("/build/logs/ @a", "build/logs/x", "@a"),
        ("/build/logs/ @a", "build/logs/deep/x", "@a"),
        ("/build/logs/ @a", "src/build/logs/x", None),
        ("/docs/ @a", "docs/x/y", "@a"),
        ("/docs/ @a", "docs", None),
    ),
    "a lone * behind a folder means the files right inside, none further down": (
        ("docs/* @a", "docs/getting-started.md", "@a"),
        ("docs/* @a", "docs/build-app/troubleshooting.md", None),
        ("docs/* @a", "src/docs/x", None),
        ("/* @a", "x", "@a"),
        ("/* @a", "x/y", None),
        ("docs/*/ @a", "docs/app/x/y", "@a"),
        ("docs/*/ @a", "docs/x", None),
    ),
    "a folder without a slash before it is any of that name": (
        ("apps/ @a", "apps/x", "@a"),
        ("apps/ @a", "deep/apps/er/x", "@a"),
        ("apps/ @a", "apps", None),
        ("apps/ @a", "myapps/x", None),
    ),
    "** before a slash stands for any folders, none too": (
        ("**/logs @a", "logs/x", "@a"),
        ("**/logs @a", "build/logs/x", "@a"),
        ("**/logs @a", "deeply/nested/logs/x", "@a"),
        ("**/logs/ @a", "logs", None),
        ("a/**/b @a", "a/b", "@a"),
        ("a/**/b @a", "a/x/y/b", "@a"),
        ("a/**/b @a", "z/a/b", None),
    ),
    "** at the end stands for everything inside": (
        ("a/** @a", "a/x/y", "@a"),
        ("a/** @a", "a", None),
    ),
    "other asterisks in a row are ordinary ones": (
        ("a**b @a", "axb", "@a"),
        ("a**/b @a", "ax/y/b", None),
    ),
    "a line without owners takes ownership away": (
        ("/apps/ @a\n/apps/github", "apps/github/x", ""),
        ("/apps/ @a\n/apps/github", "apps/x", "@a"),
        ("/apps/ @a\n/apps/github @b", "apps/github/x", "@b"),
    ),
    "a slash in the middle ties a pattern to the root, as one at the start does": (
        ("src/*.js @a", "src/x.js", "@a"),
        ("src/*.js @a", "src/deep/x.js", None),
        ("src/*.js @a", "lib/src/x.js", None),
        ("/Dockerfile @a", "Dockerfile", "@a"),
        ("/Dockerfile @a", "x/Dockerfile", None),
    ),
    "a pattern without a slash is looked for at every depth, as a file or a folder": (
        ("CODEOWNERS @a", ".github/CODEOWNERS", "@a"),
        ("logs @a", "build/logs/x", "@a"),
        ("log @a", "logs/x", None),
    ),
    "* and ? stand for characters of a name and never for a slash": (
        ("a?c @a", "abc", "@a"),
        ("a?c @a", "a/c", None),
        ("/a*c @a", "a/b/c", None),
        ("/f*o/ @a", "foo/x", "@a"),
    ),
    "a backslash takes the next character as it is, a blank too": (
        ("with\\ space.txt @a", "with space.txt", "@a"),
        ("/docs/My\\ Guide.md @a", "docs/My Guide.md", "@a"),
        ("a\\*b @a", "axb", None),
        ("a\\*b @a", "a*b", "@a"),
    ),
    "case matters": (
        ("/dockerfile @a", "Dockerfile", None),
        ("/Docs/ @a", "docs/x", None),
    ),
    "! does not negate: the line is skipped": (
        ("* @a\n!Dockerfile @b", "Dockerfile", "@a"),
        ("!/src/** @a", "src/x", None),
    ),
    "[ ] makes no range: the line is skipped": (
        ("* @a\n[D]ockerfile @b", "Dockerfile", "@a"),
        ("/src/[ab].js @a", "src/a.js", None),
        ("/src/[ab].js @a", "src/[ab].js", None),
    ),
    "\\# does not escape a comment: the line is skipped": (("* @a\n\\#file @b", "#file", "@a"),),
    "a line with invalid syntax is skipped, the others count": (
        ("* @a\n/Dockerfile @b nobody", "Dockerfile", "@a"),
        ("* @a\n@b", "@b", "@a"),
        ("* @a\n/x\\", "x", "@a"),
        ("* @a\n/x @-b\n/y @c", "y", "@c"),
    ),
    "a slash alone matches nothing, nor does an empty name": (
        ("/ @a", "x", None),
        ("a//b @a", "a/b", None),
    ),
    "blanks around a line, and CR at its end, mean nothing": (
        ("  * @a", "x", "@a"),
        ("* @a\r\n", "x", "@a"),
        ("*\t@a", "x", "@a"),
        ("/docs/x @a   \n\n", "docs/x", "@a"),
    ),
}
ROWS = tuple((rule, *row) for rule, rows in RULES.items() for row in rows)
