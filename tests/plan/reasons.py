"""An example of every kind of reason, for the tests of what is done and said about it."""

from __future__ import annotations

from datetime import date

from syncbot.formats.diagnostics import Diagnostic, Place
from syncbot.model.fleet import Exemption
from syncbot.plan.file_reasons import EntryKind, Exempted, NotAFolder
from syncbot.plan.reasons import BaseMerge, Limit, Quiet, Reason
from syncbot.plan.states import FileState, Gone
from syncbot.plan.why import (
    AskedAnew,
    BaseMoved,
    BaseSwitched,
    BotLoop,
    BranchBlocked,
    CheckFailed,
    CommandFlaw,
    Conflicts,
    Declined,
    Downgrade,
    DriftGone,
    Duplicate,
    FileRef,
    Files,
    Held,
    HeldBack,
    HoldRefused,
    LeftFleet,
    LimitReached,
    LosesUnseen,
    NotBrought,
    Plain,
    ProposedElsewhere,
    Reopened,
    Retargeted,
    StaysOpen,
    StaysQuiet,
    Superseded,
    TeamConflict,
    Unread,
    UnverifiedCommand,
    Why,
    Withdrawn,
)

DAY = date(2027, 1, 31)
BEHIND = FileRef(path="Dockerfile", state=FileState.BEHIND)
MISSING = FileRef(path="Procfile", state=FileState.MISSING)
EXEMPT = FileRef(
    path="a.yml",
    state=FileState.EXEMPT,
    why=Exempted(exemption=Exemption(path="a.yml", until=DAY, owner="@acme/a", reason="busy")),
)
BLOCKED = FileRef(path="b/c", state=FileState.BLOCKED, why=NotAFolder(path="b", kind=EntryKind.SYMLINK))
FILES = (BEHIND, MISSING)

WORDED: tuple[tuple[Why, str], ...] = (
    (Files(reason=Reason.DRIFT, files=FILES), "behind: Dockerfile; missing: Procfile"),
    (Files(reason=Reason.UNMANAGED, files=(BEHIND, BEHIND)), "behind: Dockerfile, Dockerfile"),
    (Files(reason=Reason.POSTGRES_MAJOR, files=FILES), "behind: Dockerfile; missing: Procfile"),
    (
        Files(reason=Reason.DESIRED_CHANGED, files=FILES),
        "the desired content changed: behind: Dockerfile; missing: Procfile",
    ),
    (
        Files(reason=Reason.REPLACED, files=FILES),
        "its branch does not hold what syncbot put there: behind: Dockerfile; missing: Procfile",
    ),
    (
        NotBrought(paths=("a", "b/c")),
        "people's version stays on the branch: merging it would not bring what is wanted in a, b/c",
    ),
    (
        NotBrought(paths=("a",), by=("autofix[bot]", "style[bot]")),
        "the version of autofix[bot] and style[bot] stays on the branch: merging it would not bring what is wanted in "
        "a",
    ),
    (Files(reason=Reason.NOT_NOW, files=(BLOCKED,)), "what it proposed cannot be proposed now: blocked: b/c"),
    (Plain(reason=Reason.UP_TO_DATE), "the open pull request proposes just this"),
    (Plain(reason=Reason.UNLABELLED), "its label is missing"),
    (Plain(reason=Reason.TITLE_PREFIX), "its title has another prefix than the config asks for"),
    (Plain(reason=Reason.QUEUED), "it is in the merge queue; a push would take it out"),
    (
        Plain(reason=Reason.AUTO_MERGE),
        "it merges by itself once its checks pass; a push would start them anew",
    ),
    (Plain(reason=Reason.APPROVED), "it is approved; a push could dismiss the approval"),
    (Plain(reason=Reason.REWRITTEN), "no commit of the bot is left on its branch: it is the team's now"),
    (
        BranchBlocked(branch="syncbot"),
        "a branch named `syncbot` stands in the way of `syncbot/…`: rename or delete it",
    ),
    (
        Plain(reason=Reason.NEEDS_MOVE),
        "it does not render without another move, which people said no to or which has no way back",
    ),
    (Files(reason=Reason.MOVE, files=FILES), "behind: Dockerfile; missing: Procfile"),
    (Declined(author="ada", until=DAY), "@ada declined it until 2027-01-31"),
    (
        StaysQuiet(answers=(Quiet.DECLINED,)),
        "a person closed its pull request; quiet until the desired content changes",
    ),
    (
        StaysQuiet(answers=(Quiet.REVERTED, Declined(author="ada", until=DAY))),
        "merged before, then reverted by a person; @ada declined it until 2027-01-31",
    ),
    (
        StaysQuiet(answers=(Quiet.OVERRIDDEN,)),
        "other lines stand where the change would, and were merged like that: it did not arrive",
    ),
    (StaysQuiet(answers=(Quiet.KEPT_EDIT,)), "edited on the bot's own pull request and merged like that"),
    (
        Downgrade(before="17", after="16"),
        "Postgres 16 cannot read the data of Postgres 17, which is here now: set postgres_version to 17, or restore a "
        "snapshot from before the move",
    ),
    (
        HeldBack(after="17", files=(EXEMPT, BLOCKED)),
        "half a move to Postgres 17 would not work, and a.yml is exempt (until 2027-01-31 (@acme/a): busy); "
        "b/c is blocked (b is a symlink, so nothing can be put below it)",
    ),
    (Held(author="ada"), "@ada asked to hold it"),
    (Held(author="ada", beside=4), "@ada asked to hold it; #4 is open for the same files"),
    (Held(author="ada", until=DAY), "@ada asked to hold it until 2027-01-31"),
    *(
        (HoldRefused(author="ada", line="/syncbot hold until x", flaw=flaw), f"@ada asked to hold it {words}")
        for flaw, words in (
            (CommandFlaw.UNREADABLE, "in words that syncbot cannot follow"),
            (CommandFlaw.PAST, "until a day that was past already"),
            (CommandFlaw.TOO_FAR, "until a day more than a year away"),
        )
    ),
    (AskedAnew(author="ada", is_empty=False), "@ada asked for a new one"),
    (
        UnverifiedCommand(author="ada"),
        "@ada gave it a command, and GitHub does not say whether they may: whoever has write access says again what "
        "is wanted",
    ),
    (
        UnverifiedCommand(author="ada", beside=4),
        "@ada gave it a command, and GitHub does not say whether they may: whoever has write access says again what "
        "is wanted; #4 is open for the same files",
    ),
    (
        StaysQuiet(answers=(Quiet.UNVERIFIED,)),
        "declined on its closed pull request, and GitHub does not say whether who did may",
    ),
    (
        AskedAnew(author="ada", is_empty=True),
        "@ada asked for a new one, and nothing is to be proposed now",
    ),
    (Retargeted(base="next"), "it points at next, which is not the default branch: left to people"),
    (
        BaseSwitched(base="master", default="main", is_wanted=False),
        "the default branch is main now, and it points at master",
    ),
    (
        BaseSwitched(base="master", default="main", is_wanted=True),
        "the default branch is main now, and it points at master, where people want it: point it at main, or say "
        "`/syncbot recreate`",
    ),
    (Reopened(), "a person reopened it, though nothing is left to change"),
    (
        Reopened(left_fleet=True),
        "a person reopened it, though the repo is no longer in the platform team's config",
    ),
    (
        DriftGone(gone=tuple(Gone)),
        "nothing is left to change: the default branch is as desired, or the platform team's config exempts the "
        "files, or people said no to it",
    ),
    (DriftGone(gone=()), "nothing is left to change: the template does not own the files now"),
    (
        Withdrawn(move="postgres-17"),
        "the move `postgres-17` is not what the platform team's config asks for now, or is made already",
    ),
    (
        ProposedElsewhere(paths=("a", "b")),
        "what it proposed is part of another pull request now: a, b",
    ),
    (LeftFleet(), "the repo is no longer in the platform team's config"),
    (
        StaysOpen(ending=LeftFleet()),
        "the repo is no longer in the platform team's config; people committed to it, so it stays open",
    ),
    (
        StaysOpen(ending=LeftFleet(), by=("autofix[bot]",)),
        "the repo is no longer in the platform team's config; autofix[bot] committed to it, so it stays open",
    ),
    (Conflicts(outcome=BaseMerge.MERGED), "it conflicts with its base: the base is merged into it"),
    (
        Conflicts(outcome=BaseMerge.REBASE_ONLY),
        "it conflicts with its base, and the repo allows rebasing only",
    ),
    (
        Conflicts(outcome=BaseMerge.REBASE_ONLY_SHARED),
        "it conflicts with its base, the repo allows rebasing only, and people committed",
    ),
    (Conflicts(outcome=BaseMerge.LINEAR), "it conflicts with its base, and its branch takes no merge commit"),
    (
        Conflicts(outcome=BaseMerge.LINEAR_SHARED),
        "it conflicts with its base, its branch takes no merge commit, and people committed",
    ),
    (Conflicts(outcome=BaseMerge.UNLISTED), "it conflicts with its base; GitHub could not list the files"),
    *(
        (
            BaseMoved(paths=("a", "b"), outcome=outcome),
            f"the desired content changed, and the default branch changed a, b since it was opened{end}",
        )
        for outcome, end in (
            (BaseMerge.MERGED, ": the base is merged into it"),
            (BaseMerge.REBASE_ONLY, "; the repo allows rebasing only"),
            (BaseMerge.REBASE_ONLY_SHARED, "; the repo allows rebasing only, and people committed"),
            (BaseMerge.LINEAR, "; its branch takes no merge commit"),
            (BaseMerge.LINEAR_SHARED, "; its branch takes no merge commit, and people committed"),
            (BaseMerge.UNLISTED, "; GitHub could not list the files"),
        )
    ),
    (
        TeamConflict(paths=("a", "b")),
        "it conflicts with its base in files that are the team's to resolve: a, b",
    ),
    (
        LosesUnseen(paths=("a",), accepted=Plain(reason=Reason.APPROVED)),
        "it conflicts with its base in a, and what came there since would be lost unseen: it is approved; a push "
        "could dismiss the approval",
    ),
    (Unread(paths=("a", "b")), "the default branch moved while this was read: a, b"),
    (BotLoop(commits=5), "5 bot commits in a row: somebody has to look at it"),
    (Duplicate(of=4, is_theirs=False), "#4 is open for the same files"),
    (Duplicate(of=4, is_theirs=True), "#4 is open for the same files, and people worked on this one"),
    (
        Superseded(because=AskedAnew(author="ada", is_empty=False), by=4),
        "@ada asked for a new one; #4 is open for the same files, and goes on",
    ),
    (LimitReached(limit=Limit.PER_RUN), "waits for a later run: --max-prs is reached"),
    (
        CheckFailed(
            errors=(
                Diagnostic(path="Dockerfile", place=Place(3, 1), code="DL1000", message="no parse", tool="hadolint"),
                Diagnostic(path="a.yml", code="schema", message="not so"),
            )
        ),
        "not proposed: Dockerfile:3:1: no parse (hadolint DL1000) (and 1 more: syncbot check)",
    ),
    (
        CheckFailed(errors=(Diagnostic(path="a.yml", code="schema", message="not so"),)),
        "not proposed: a.yml: not so (schema)",
    ),
)
"""Each with its words, as people saw them before they were worded in one place."""


def example(reason: str) -> Why:
    """The first example with this code."""
    return next(why for why, _ in WORDED if why.reason == reason)
