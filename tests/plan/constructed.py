"""Histories of a platform team's repo whose causes are known because they were built in.

A file is made of parts, a line that never changes between two of them. A part says what it writes, as a function and as
the same in Jinja, and which of the answers and commits that it was given are why its text is another at the end.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from random import Random

from syncbot.errors import RenderError
from syncbot.model.files import File
from syncbot.plan.causes import ConfigCommit
from syncbot.plan.files.attribution import Render, Step
from syncbot.plan.files.points import Point
from syncbot.render import Templates
from syncbot.render.sources import Sources
from syncbot.render.templates import compile_templates

Answers = Mapping[str, object]
Truth = set[tuple[str, object]]
"""`("commit", 3)`, `("answer", "a1")`, `("answer", ("a2", "work_mem"))`."""


@dataclass(frozen=True, kw_only=True)
class Part:
    """`text` and `jinja` write the part in the variant that the templates of a commit have; `variants` says which."""

    text: Callable[[int, Answers], str]
    jinja: Callable[[int], str]
    variants: tuple[int, ...]
    causes: Truth


@dataclass(kw_only=True)
class History:
    """Commits 0 (the delivery's) to `commits`; `answers` are what the repo gives at each, `defaults` of the template.

    `unasked` are answers that the templates ask for from a commit on; `exclusive` is a pair (kind, deploy) of which the
    template refuses worker with app-runner. A file is there where its answer in `conditions` is true.
    """

    commits: int
    random: Random
    answers: list[dict[str, object]] = field(default_factory=list)
    defaults: dict[str, object] = field(default_factory=dict)
    set_by: dict[str, int] = field(default_factory=dict)
    unasked: dict[str, int] = field(default_factory=dict)
    exclusive: tuple[str, str] | None = None
    conditions: dict[str, str] = field(default_factory=dict)
    removed: dict[str, int] = field(default_factory=dict)
    files: dict[str, list[Part]] = field(default_factory=dict)
    parts: int = 0

    def __post_init__(self) -> None:
        self.answers = [{} for _ in range(self.commits + 1)]

    # ------------------------------------------------------------ what parts are made of

    def answer(self, *values: object, default: object = "unset") -> str:
        """A new answer with these values, one after another; NO_ANSWER where it is not given."""
        name = f"a{len(self.defaults)}"
        self.defaults[name] = default
        turns = [0, *self.some_commits(len(values) - 1), self.commits + 1]
        for value, start, end in zip(values, turns[:-1], turns[1:], strict=True):
            for commit in range(start, end):
                if value is not NO_ANSWER:
                    self.answers[commit][name] = value
        self.set_by[name] = turns[-2]
        return name

    def some_commits(self, number: int) -> list[int]:
        return sorted(self.random.sample(range(1, self.commits + 1), number))

    def edits(self, *variants: int) -> tuple[tuple[int, ...], list[int]]:
        """The variant at each commit, and the commits that change it."""
        turns = self.some_commits(len(variants) - 1)
        at = [variants[sum(turn <= commit for turn in turns)] for commit in range(self.commits + 1)]
        return tuple(at), turns

    def words(self) -> str:
        """Words that no other part has: lines are followed by what they are."""
        self.parts += 1
        return f"part {self.parts}:"

    def constant(self) -> tuple[int, ...]:
        return (0,) * (self.commits + 1)

    # ------------------------------------------------------------ what is rendered and found

    @property
    def steps(self) -> tuple[Step, ...]:
        return tuple(Step(commit=commit_of(number), tree=self.tree(number)) for number in range(1, self.commits + 1))

    def tree(self, number: int) -> str:
        """A name of the templates at a commit: commits that change none have that of the one before."""
        parts = [[part.variants[number] for part in parts] for parts in self.files.values()]
        asked = [number >= first for first in self.unasked.values()]
        removed = [number >= last for last in self.removed.values()]
        return repr((parts, asked, removed))

    def point(self, number: int) -> Point:
        return Point(tree=self.tree(number), answers=self.answers[number])

    @property
    def truth(self) -> dict[str, Truth]:
        return {
            path: set[tuple[str, object]]().union(*(part.causes for part in parts))
            for path, parts in self.files.items()
        }

    def abstractly(self) -> Render:
        """Renders with the parts' functions."""
        numbers = {self.tree(number): number for number in range(self.commits + 1)}

        def render(point: Point) -> Mapping[str, File]:
            number = numbers[point.tree]
            for name, first in self.unasked.items():
                if name in point.answers and number < first:
                    raise RenderError(f"{name}: not a question of the template")
            answers = {**self.defaults, **point.answers}
            if self.exclusive and [answers[name] for name in self.exclusive] == ["worker", "app-runner"]:
                raise RenderError(f"{self.exclusive[1]}: App Runner runs only what has a port")
            return {
                path: File(content=self._joined(part.text(part.variants[number], answers) for part in parts))
                for path, parts in self.files.items()
                if number < self.removed.get(path, number + 1)
                and (path not in self.conditions or answers[self.conditions[path]])
            }

        return render

    def really(self) -> Render:
        """Renders with syncbot's own renderer, each tree loaded once."""
        numbers = {self.tree(number): number for number in range(self.commits + 1)}
        loaded: dict[str, Templates] = {}

        def render(point: Point) -> Mapping[str, File]:
            if point.tree not in loaded:
                loaded[point.tree] = compile_templates(self._sources(numbers[point.tree]))
            return loaded[point.tree].render_owned("tool", point.answers)

        return render

    def _sources(self, number: int) -> Sources:
        texts = {
            "copier.yml": _COPIER + "".join(self._question(name, number) for name in self.defaults).encode(),
            "templates/tool/ownership.yaml": b"owned:\n" + b"".join(b"  - path: %b\n" % p.encode() for p in self.files),
        }
        for path, parts in self.files.items():
            name = f"{{% if {self.conditions[path]} %}}{path}{{% endif %}}" if path in self.conditions else path
            if number >= self.removed.get(path, number + 1):
                name = f"{{% if false %}}{path}{{% endif %}}"
            texts[f"templates/tool/files/{name}.jinja"] = self._joined(
                part.jinja(part.variants[number]) for part in parts
            )
        return Sources(files={path: File(content=text) for path, text in texts.items()}, refused=())

    def _question(self, name: str, number: int) -> str:
        if number < self.unasked.get(name, 0):
            return ""
        lines = [f"{name}:", "  type: yaml", f'  default: "{{{{ {self.defaults[name]!r} | tojson }}}}"']
        if self.exclusive and name == self.exclusive[1]:
            refused = f"{self.exclusive[0]} == 'worker' and {name} == 'app-runner'"
            lines.append(f'  validator: "{{% if {refused} %}}App Runner runs only what has a port{{% endif %}}"')
        return "\n".join(lines) + "\n"

    @staticmethod
    def _joined(parts: Iterable[str]) -> bytes:
        """The parts with a line after each that is always the same."""
        return "".join(f"{text}\n# {number}\n" for number, text in enumerate(parts)).encode()


NO_ANSWER = object()
_COPIER = b"""\
_subdirectory: "templates/{{ template }}/files"
_envops: {undefined: jinja2.StrictUndefined}
template: {type: str, choices: [tool], default: tool}
"""


def commit_of(number: int) -> ConfigCommit:
    return ConfigCommit(id=f"{number:040x}", subject=f"Commit {number}")


# ---------------------------------------------------------------- parts


def _answers(*names: str) -> Truth:
    return {("answer", name) for name in names}


def _commits(numbers: Sequence[int]) -> Truth:
    return {("commit", number) for number in numbers}


def _decided(history: History, jinja: str, decide: Callable[[Answers], object], causes: Truth) -> Part:
    """A part that is `on` or `off`, by answers alone."""
    words = history.words()
    return Part(
        text=lambda _, answers: f"{words} {'on' if decide(answers) else 'off'}",
        jinja=lambda _: f"{words} {{% if {jinja} %}}on{{% else %}}off{{% endif %}}",
        variants=history.constant(),
        causes=causes,
    )


def _shown(history: History, name: str, causes: Truth) -> Part:
    """A part that is an answer as it stands."""
    return Part(
        text=lambda _, answers: f"{name} {answers[name]}",
        jinja=lambda _: f"{name} {{{{ {name} }}}}",
        variants=history.constant(),
        causes=causes,
    )


def _guarded(history: History, mask: str, name: str, causes: Truth) -> Part:
    """A part that shows an answer where another is true."""
    return Part(
        text=lambda _, answers: f"{answers[name]}" if answers[mask] else "nothing",
        jinja=lambda _: f"{{% if {mask} %}}{{{{ {name} }}}}{{% else %}}nothing{{% endif %}}",
        variants=history.constant(),
        causes=causes,
    )


def _written(history: History, variants: tuple[int, ...], causes: Truth) -> Part:
    """A part that the templates alone decide."""
    words = history.words()
    return Part(
        text=lambda variant, _: f"{words} {variant}",
        jinja=lambda variant: f"{words} {variant}",
        variants=variants,
        causes=causes,
    )


def plain(history: History) -> Part:
    name = history.answer(1, 2)
    return _shown(history, name, _answers(name))


def over_and_over(history: History) -> Part:
    name = history.answer(1, 2, 3)
    return _shown(history, name, _answers(name))


def given_now(history: History) -> Part:
    name = history.answer(NO_ANSWER, "new", default="old")
    return _shown(history, name, _answers(name))


def given_as_default(history: History) -> Part:
    return _shown(history, history.answer(NO_ANSWER, "same", default="same"), set())


def left_out_now(history: History) -> Part:
    name = history.answer("old", NO_ANSWER, default="new")
    return _shown(history, name, _answers(name))


def there_and_back(history: History) -> Part:
    return _shown(history, history.answer(1, 2, 1), set())


def idle(history: History) -> Part:
    history.answer(1, 2)
    return _decided(history, "true", lambda _: True, set())


def both(history: History) -> Part:
    one, two = history.answer(False, True), history.answer(False, True)
    return _decided(history, f"{one} and {two}", lambda a: a[one] and a[two], _answers(one, two))


def either(history: History) -> Part:
    one, two = history.answer(False, True), history.answer(False, True)
    return _decided(history, f"{one} or {two}", lambda a: a[one] or a[two], _answers(one, two))


def any_of_three(history: History) -> Part:
    names = [history.answer(False, True) for _ in range(3)]
    return _decided(history, " or ".join(names), lambda a: any(a[name] for name in names), _answers(*names))


def two_of_three(history: History) -> Part:
    names = [history.answer(0, 1) for _ in range(3)]
    return _decided(
        history, f"{' + '.join(names)} >= 2", lambda a: sum(a[name] for name in names) >= 2, _answers(*names)
    )


def cancelling(history: History) -> Part:
    one, two = history.answer(False, True), history.answer(False, True)
    return _decided(history, f"{one} != {two}", lambda a: a[one] != a[two], set())


def masked_now(history: History) -> Part:
    mask, name = history.answer(True, False), history.answer(1, 2)
    return _guarded(history, mask, name, _answers(mask))


def unmasked_now(history: History) -> Part:
    mask, name = history.answer(False, True), history.answer(1, 2)
    return _guarded(history, mask, name, _answers(mask, name))


def always_masked(history: History) -> Part:
    return _guarded(history, history.answer(False), history.answer(1, 2), set())


def one_key(history: History) -> Part:
    name = history.answer({"a": 1, "b": 1, "c": 1}, {"a": 2, "b": 2, "c": 1}, default={})
    return Part(
        text=lambda _, answers: f"{answers[name]['a']}",
        jinja=lambda _: f"{{{{ {name}['a'] }}}}",
        variants=history.constant(),
        causes={("answer", (name, "a"))},
    )


def keys_come_and_go(history: History) -> Part:
    name = history.answer({"a": 1, "b": 1}, {"b": 1, "c": 1}, default={})
    return Part(
        text=lambda _, answers: " ".join(answers[name]),
        jinja=lambda _: f"{{{{ {name} | join(' ') }}}}",
        variants=history.constant(),
        causes={("answer", (name, "a")), ("answer", (name, "c"))},
    )


def edited(history: History) -> Part:
    variants, turns = history.edits(0, 1)
    return _written(history, variants, _commits(turns))


def edited_thrice(history: History) -> Part:
    variants, turns = history.edits(0, 1, 2, 3)
    return _written(history, variants, _commits(turns))


def undone(history: History) -> Part:
    variants, _ = history.edits(0, 1, 0)
    return _written(history, variants, set())


def undone_and_done(history: History) -> Part:
    variants, turns = history.edits(0, 1, 0, 1)
    return _written(history, variants, _commits(turns[2:]))


def summed(history: History) -> Part:
    """One commit adds and another takes away, in two places that together make one number."""
    variants, _ = history.edits(0, 1, 2)
    sums = [(1, 1), (2, 1), (2, 0)]
    return Part(
        text=lambda variant, _: str(sum(sums[variant])),
        jinja=lambda variant: "{{{{ {} + {} }}}}".format(*sums[variant]),
        variants=variants,
        causes=set(),
    )


def without_effect(history: History) -> Part:
    """Commits to a comment of the template, and to a branch that this repo does not take."""
    mask = history.answer(False)
    variants, _ = history.edits(0, 1, 2, 3)
    return Part(
        text=lambda variant, answers: f"branch {variant}" if answers[mask] else "text",
        jinja=lambda v: f"{{# {v} #}}{{% if {mask} %}}branch {v}{{% else %}}text{{% endif %}}",
        variants=variants,
        causes=set(),
    )


def reworded_answer(history: History) -> Part:
    name = history.answer(1, 2)
    variants, turns = history.edits(0, 1)
    return Part(
        text=lambda variant, answers: f"word {variant}: {answers[name]}",
        jinja=lambda variant: f"word {variant}: {{{{ {name} }}}}",
        variants=variants,
        causes=_answers(name) | _commits(turns),
    )


def comes_with_mask(history: History) -> Part:
    """A branch that the repo takes now, reworded meanwhile: the answer brings it, the commit its words."""
    mask = history.answer(False, True)
    variants, turns = history.edits(0, 1)
    return Part(
        text=lambda variant, answers: f"branch {variant}" if answers[mask] else "nothing",
        jinja=lambda variant: f"{{% if {mask} %}}branch {variant}{{% else %}}nothing{{% endif %}}",
        variants=variants,
        causes=_answers(mask) | _commits(turns),
    )


ANSWER_PARTS = (
    plain,
    over_and_over,
    given_now,
    given_as_default,
    left_out_now,
    there_and_back,
    idle,
    both,
    either,
    any_of_three,
    two_of_three,
    cancelling,
    masked_now,
    unmasked_now,
    always_masked,
    one_key,
    keys_come_and_go,
)
COMMIT_PARTS = (edited, edited_thrice, undone, undone_and_done, summed, without_effect)
MIXED_PARTS = (reworded_answer, comes_with_mask)
PARTS = (*ANSWER_PARTS, *COMMIT_PARTS, *MIXED_PARTS)


# ---------------------------------------------------------------- whole files and histories


def _alone(history: History, path: str) -> None:
    """A file that would be the same by an answer alone, and by a commit alone: both are why."""
    name = history.answer(False, True)
    variants, turns = history.edits(0, 1)
    history.files[path] = [
        Part(
            text=lambda variant, answers: "on" if answers[name] or variant else "off",
            jinja=lambda variant: "on" if variant else f"{{% if {name} %}}on{{% else %}}off{{% endif %}}",
            variants=variants,
            causes=_answers(name) | _commits(turns),
        )
    ]


def _appearing(history: History, path: str) -> None:
    name = history.answer(False, True)
    history.conditions[path] = name
    history.files[path] = [_written(history, history.constant(), _answers(name))]


def _removed(history: History, path: str) -> None:
    (number,) = history.some_commits(1)
    history.removed[path] = number
    history.files[path] = [_written(history, history.constant(), _commits([number]))]


def _asked_since(history: History, path: str) -> None:
    """A question that a commit adds, with what it decides: earlier templates refuse its answer."""
    name = history.answer(NO_ANSWER, "given", default="default")
    first = history.random.randint(1, history.set_by[name])
    history.unasked[name] = first
    variants = tuple(int(number >= first) for number in range(history.commits + 1))
    history.files[path] = [
        Part(
            text=lambda variant, answers: f"{answers[name]}" if variant else "nothing",
            jinja=lambda variant: f"{{{{ {name} }}}}" if variant else "nothing",
            variants=variants,
            causes=_answers(name) | _commits([first]),
        )
    ]


def _exclusive(history: History, path: str) -> None:
    """Two answers of which the templates do not take the new one with the old other; two files read one each."""
    kind, deploy = history.answer("web", "worker", default="web"), history.answer("app-runner", "ecs", default="ecs")
    history.exclusive = kind, deploy
    history.files[f"{path}-kind"] = [_shown(history, kind, _answers(kind))]
    history.files[f"{path}-deploy"] = [_shown(history, deploy, _answers(deploy))]


def constructed(seed: int) -> History:
    """A history with up to five files of up to four parts."""
    random = Random(seed)
    history = History(commits=random.randint(4, 9), random=random)
    for number in range(random.randint(1, 3)):
        parts = random.sample(PARTS, random.randint(1, 4))
        history.files[f"file-{number}"] = [part(history) for part in parts]
    wholes = [_alone, _appearing, _removed, _exclusive, None]
    whole = random.choice(wholes)
    if whole:
        whole(history, "whole")
    return history


def asked_since(seed: int) -> History:
    """The same with a question that is new; templates before it show no more than the old answers let them."""
    random = Random(seed)
    history = History(commits=random.randint(4, 9), random=random)
    parts = random.sample((*ANSWER_PARTS, *COMMIT_PARTS, reworded_answer), random.randint(1, 4))
    history.files["file"] = [part(history) for part in parts]
    _asked_since(history, "whole")
    return history
