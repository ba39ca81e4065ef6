"""What happens in a history: changes of the config and the template, what people do, and runs of the bot."""

from __future__ import annotations

import re
from collections.abc import Callable

from tests.oracle.history import History, Violation
from tests.oracle.template import (
    CODEOWNERS,
    COMPOSE,
    DOCKERFILE,
    FIRST,
    IGNORE,
    LOCK,
    OWNABLE,
    READ_IN,
    shown,
)
from tests.oracle.world import PERSON, TEAM_FILE, Exemption, State


def run(history: History, steps: int = 26) -> list[Violation]:
    """A run of the bot, random steps, and then all that is open merged; gives what did not hold."""
    history.night()
    names, weights = zip(*((name, weight) for name, (weight, _) in _EVENTS.items()), strict=True)
    for _ in range(steps):
        history.steps += 1
        _EVENTS[history.random.choices(names, weights, k=1)[0]][1](history)
    history.settle()
    return history.violations


def _template(history: History) -> None:
    """A place of the template changes."""
    place = history.random.choice([place for place, _ in FIRST])
    number = dict(history.world.configs[-1][0])[place]
    match place:
        case "extra":
            number = (number + 1) % 5
        case "knows24":
            number = 1
        case "deb" | "nvmrc" | "label":
            number = 1 - number
        case _:
            number += 1
    history.world.change(tree={place: number})


def _answer(history: History) -> None:
    """An answer changes that is no move."""
    answer = history.random.choice(["port", "work_mem", "deploy"])
    now = history.world.configs[-1][1][answer]
    history.world.change(answers={answer: not now if answer == "deploy" else now + 1})


def _node(history: History) -> None:
    """Another Node; of 24 the template comes to know at once."""
    node = history.random.choice([18, 20, 22, 24])
    history.world.change(tree={"knows24": 1} if node == 24 else {}, answers={"node": node})


def _postgres(history: History) -> None:
    """A newer Postgres, or none."""
    now = history.world.configs[-1][1]["pg"]
    major = history.random.choice([*(each for each in (15, 16, 17, 18) if each >= now), 0])
    history.world.change(answers={"pg": major})


def _debian(history: History) -> None:
    """A Debian of its own, or the one that follows Node."""
    history.world.change(answers={"debian": history.random.choice(["bookworm", "trixie", None])})


def _exempt_move(history: History) -> None:
    """The repo keeps the value of a move for some days."""
    move = history.random.choice(["node", "pg"])
    there = shown(move, history.repo.live())
    keep = there if isinstance(there, int) else history.world.configs[-1][1][move]
    until = history.world.today + history.random.randrange(1, 6)
    history.world.exemptions.append(Exemption(move=move, keep=keep, until=until))


def _exempt_path(history: History) -> None:
    """A file of the repo is exempt for some days."""
    path = history.random.choice([path for path in OWNABLE if path != CODEOWNERS])
    until = history.world.today + history.random.randrange(1, 6)
    history.world.exemptions.append(Exemption(path=path, until=until))


def _end_exemptions(history: History) -> None:
    """No exemption is left."""
    history.world.exemptions = []


def _rollout(history: History) -> None:
    """A rollout of Node begins; or ends, finished or rolled back."""
    world = history.world
    if world.rollout is None:
        world.rollout = "node", history.random.choice([20, 22])
        return
    if history.random.random() < 0.5:
        world.change(answers=dict([world.rollout]))
    world.rollout = None


def _edit(history: History, beside: bool = False) -> None:
    """A person's line on the default branch."""
    repo = history.repo
    path = history.random.choice([*(path for path in OWNABLE if path in repo.live()), TEAM_FILE])
    files = history.write_line(repo.live(), path, beside)
    repo.lines |= set(PERSON.findall(files[path])) - set(PERSON.findall(repo.live()[path]))
    repo.write(files)


def _edit_beside(history: History) -> None:
    """The same, at the end of a line that the bot wrote."""
    _edit(history, beside=True)


def _edit_branch(history: History) -> None:
    """A person's commit on a branch of the bot."""
    if opened := history.repo.open():
        pull = history.random.choice(opened)
        files = history.repo.git.files(pull.branch)
        path = history.random.choice([path for path in sorted(files) if path != LOCK])
        pull.people = True
        pull.branch = history.repo.git.commit(history.write_line(files, path), pull.branch)


def _undo_half(history: History) -> None:
    """A person takes back a part of what a pull request brings, on its branch."""
    repo, chance = history.repo, history.random
    if not repo.open():
        return
    pull = chance.choice(repo.open())
    files = repo.git.files(pull.branch)
    chance.choice([path for path in sorted(files) if path != LOCK])
    pull.people = True
    if own := sorted(path for path in pull.last if path in repo.live()):
        path = chance.choice(own)
        repo.changed.add(path)
        history.half_taken = True
        if path == DOCKERFILE and chance.random() < 0.6:
            last = r"(?s)^(.*)\nFROM node:\d+-\w+-slim\n"
            files[path] = re.sub(last, r"\1\nFROM node:18-bookworm-slim\n", files[path])
        else:
            files[path] = repo.live()[path]
    pull.branch = repo.git.commit(files, pull.branch)


def _merge(history: History) -> None:
    """A person merges a pull request that is not held."""
    if pulls := [pull for pull in history.repo.open() if not pull.held]:
        pull = history.random.choice(pulls)
        history.merge(pull, history.random.choice(["merge", "squash", "rebase"]))


def _close(history: History) -> None:
    """A person closes a pull request."""
    if opened := history.repo.open():
        history.random.choice(opened).state = State.REFUSED


def _hold(history: History) -> None:
    """A person has a pull request held, or no longer."""
    if opened := history.repo.open():
        pull = history.random.choice(opened)
        pull.held = not pull.held


def _bump(history: History) -> None:
    """A person makes a move by hand, in the one file that shows it."""
    move = history.random.choice(["node", "pg"])
    path, live = READ_IN[move], history.repo.live()
    value = history.random.choice([20, 22, 24] if move == "node" else [16, 17, 18])
    if path in live:
        name = "node" if path != COMPOSE else "postgres"
        history.repo.write({path: re.sub(rf"{name}:\d+", f"{name}:{value}", live[path])})
        history.repo.changed.add(path)
        history.half_taken = True


def _tamper(history: History) -> None:
    """A person changes a line of the lock: an id or a number."""
    live = history.repo.live()
    if LOCK in live:
        lines = live[LOCK].split("\n")
        number = history.random.randrange(len(lines))
        line = lines[number]
        zeros = f'"{"0" * 40}"'
        lines[number] = re.sub(r'"[0-9a-f]{40}"', zeros, line) if "id" in line else re.sub(r"= (\d+)$", "= 22", line)
        history.tampered |= lines[number] != line
        history.repo.write({LOCK: "\n".join(lines)})


def _delete_lock(history: History) -> None:
    """A person removes the lock."""
    history.repo.write({LOCK: None})
    history.tampered = True


def _new_tool(history: History) -> None:
    """The tool is updated, and renders otherwise."""
    history.world.renderer.tool = 1


def _team_file(history: History) -> None:
    """The team makes a file of its own where the template may own one."""
    if IGNORE not in history.repo.live():
        line = history.next_line()
        history.repo.write({IGNORE: f"mine\n{line}\n"})
        history.repo.lines.add(line)
        history.repo.changed.add(IGNORE)


def _night(history: History) -> None:
    """A run of the bot."""
    history.night()


_EVENTS: dict[str, tuple[float, Callable[[History], None]]] = {
    "template": (10, _template),
    "answer": (6, _answer),
    "node": (5, _node),
    "postgres": (4, _postgres),
    "debian": (2, _debian),
    "exempt move": (2, _exempt_move),
    "exempt path": (2, _exempt_path),
    "end exemptions": (2, _end_exemptions),
    "rollout": (3, _rollout),
    "edit": (6, _edit),
    "edit beside": (2, _edit_beside),
    "edit branch": (4, _edit_branch),
    "merge": (16, _merge),
    "close": (3, _close),
    "hold": (1, _hold),
    "undo half": (2, _undo_half),
    "bump": (2, _bump),
    "tamper": (1, _tamper),
    "delete lock": (0.6, _delete_lock),
    "new tool": (1, _new_tool),
    "team file": (1, _team_file),
    "night": (22, _night),
}
