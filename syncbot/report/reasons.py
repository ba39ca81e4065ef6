"""The words of each reason, one row a code: what is the case, what syncbot does, and what comments say of it."""

from __future__ import annotations

from dataclasses import dataclass

from syncbot.plan.reasons import Quiet, Reason
from syncbot.report.values import ActionName
from syncbot.tables import total


@dataclass(frozen=True, slots=True, kw_only=True)
class ReasonText:
    """What documentation and comments say of a reason, as Markdown.

    `actions` are those that it is given for. `after_closing` ends the comment that closes the pull request,
    `after_telling` the one that leaves it open to people who committed to it: there just where it is so used.
    `is_ordinary`: the columns of `status` say as much. `is_plain`: the signs in front of the files do.
    """

    actions: tuple[ActionName, ...]
    case: str
    does: str
    after_closing: str = ""
    after_telling: str = ""
    is_ordinary: bool = False
    is_plain: bool = False


_OPEN, _UPDATE, _CLOSE, _NONE = ActionName.OPEN, ActionName.UPDATE, ActionName.CLOSE, ActionName.NONE
_ENDS = (_CLOSE, _UPDATE, _NONE)

REASONS = total(
    Reason,
    {
        Reason.DRIFT: ReasonText(
            actions=(_OPEN,),
            case="owned files differ from what the template renders",
            does="opens a pull request",
            is_plain=True,
        ),
        Reason.UNMANAGED: ReasonText(
            actions=(_OPEN,),
            case="files that were never delivered would be replaced",
            does="opens one of its own, with the loss shown as a diff",
        ),
        Reason.POSTGRES_MAJOR: ReasonText(
            actions=(_OPEN,),
            case="another Postgres major",
            does=(
                "opens one of its own, with what the move means for this service in it; see [postgres.md](postgres.md)"
            ),
        ),
        Reason.MOVE: ReasonText(
            actions=(_OPEN,),
            case="an answer that the template declares a move changed: another Node, another Debian",
            does="opens one of its own, with nothing in it but what the move alters",
            is_plain=True,
        ),
        Reason.NEEDS_MOVE: ReasonText(
            actions=(_NONE,),
            case="a move does not render without another one, which people said no to or which has no way back",
            does="nothing for that move until the other one may go",
        ),
        Reason.POSTGRES_DOWNGRADE: ReasonText(
            actions=(_NONE, _CLOSE, _UPDATE),
            case="the answers ask for a lower version than the repo has, where there is no way back (Postgres)",
            does=(
                "nothing, and closes an open one: a server cannot read newer data. Where somebody committed to that "
                "one: one comment"
            ),
            after_closing="There will be no pull request for this move while that is so.",
            after_telling="Please do not merge it: take over what you need from this branch, then close it.",
        ),
        Reason.POSTGRES_HELD_BACK: ReasonText(
            actions=(_NONE,),
            case="a file that belongs to a move is exempt, blocked or moved by hand, and it makes no sense without",
            does=(
                "nothing for all of that move, since half of it would not work, until the exemption ends or the file "
                "is mended"
            ),
        ),
        Reason.POSTGRES_WITHDRAWN: ReasonText(
            actions=_ENDS,
            case="the open one makes a move that the answers do not ask for now",
            does="closes it with a word why. Where somebody committed to it: one comment",
            after_closing="If the config asks for that move again, there will be a new pull request.",
            after_telling=(
                "Merging it may change the version all the same: take over what you need from this branch, then "
                "close it."
            ),
        ),
        Reason.PROPOSED_ELSEWHERE: ReasonText(
            actions=_ENDS,
            case=("all that it proposes belongs to another pull request now, which adopts the files or makes a move"),
            does="closes it with a word why. Where somebody committed to it: one comment",
            after_closing="Nobody has to do anything: that one shows what it means for these files.",
            after_telling="Take over what you need from this branch, then close it.",
        ),
        Reason.UP_TO_DATE: ReasonText(
            actions=(_NONE,),
            case="the open one proposes just what is rendered now",
            does="nothing, not one write",
            is_ordinary=True,
            is_plain=True,
        ),
        Reason.DESIRED_CHANGED: ReasonText(
            actions=(_UPDATE, _OPEN),
            case="the template or the answers changed since",
            does=(
                "commits on top of the branch, merged with what people did there. Where a file is wanted now that the "
                "default branch changed meanwhile (a restore, for one): merges the base into the branch, so that the "
                "diff holds it; where the repo allows rebasing only, or the branch takes no merge commit, and nobody "
                "else committed: closes it and opens a new one"
            ),
            is_plain=True,
        ),
        Reason.NOT_BROUGHT: ReasonText(
            actions=(_NONE,),
            case=(
                "people committed another version of a file to its branch, so that merging it would not bring what is "
                "rendered now"
            ),
            does="nothing: what people wrote stays. `/syncbot recreate` asks for a new one without it",
        ),
        Reason.REPLACED: ReasonText(
            actions=(_UPDATE,),
            case=(
                "its branch does not hold what it proposes, though all commits on it carry the bot's name: somebody "
                "else made one of them"
            ),
            does="commits what is rendered on top",
        ),
        Reason.UNLABELLED: ReasonText(
            actions=(_UPDATE,),
            case="an earlier run could not label it",
            does=(
                "labels it; from a week after it was opened, only along with an update, since GitHub seems to refuse it"
            ),
        ),
        Reason.TITLE_PREFIX: ReasonText(
            actions=(_UPDATE,),
            case="the config asks for another `title_prefix` than when it was written, and nobody changed its title",
            does="gives it the title with that prefix; the commits on its branch stay as they are",
        ),
        Reason.DRIFT_GONE: ReasonText(
            actions=_ENDS,
            case="the default branch is as desired, or the files are exempt",
            does=(
                "closes it with a word why; that is no refusal. Where somebody committed to it: one comment, it stays "
                "open, and goes on if the files differ again"
            ),
            after_closing=(
                "Nobody has to do anything, and this does not count as a no: if the files differ again, or their "
                "exemption ends while they differ, there will be a new pull request."
            ),
            after_telling=(
                "If the files differ again, syncbot goes on here. Until then better do not merge it, since its files "
                "are not what is asked for now; what is of use by itself fits a branch of your own."
            ),
        ),
        Reason.CONFLICT: ReasonText(
            actions=(_UPDATE, _OPEN, _NONE),
            case="it conflicts with its base",
            does=(
                "merges the base into the branch, path by path. Where the repo allows rebasing only, so that a merge "
                "commit could not be merged, or the branch takes none by its protection or a ruleset for all branches, "
                "and nobody else committed: closes it and opens a new one. Where the "
                "conflict is in the team's files: one comment, and nothing more. The same where it is approved, queued "
                "or merges by itself, and the base got lines in an owned file that would be lost: nobody would look at "
                "them any more"
            ),
        ),
        Reason.QUEUED: ReasonText(
            actions=(_NONE,),
            case="it is in the merge queue",
            does="nothing: a push would take it out",
            is_ordinary=True,
        ),
        Reason.AUTO_MERGE: ReasonText(
            actions=(_NONE,),
            case="it merges by itself once green",
            does="nothing: a push would start the checks anew",
            is_ordinary=True,
        ),
        Reason.APPROVED: ReasonText(
            actions=(_NONE,),
            case=(
                "it is approved; where no review is required: somebody with write access approved it, and nobody asks "
                "for changes"
            ),
            does="nothing: a push could dismiss the approval",
            is_ordinary=True,
        ),
        Reason.HELD: ReasonText(
            actions=(_NONE, _UPDATE),
            case="somebody said `/syncbot hold`, or `/syncbot hold until …` and that day is not over",
            does="nothing; a hold with a day is confirmed in one comment, and ends by itself",
            after_telling=(
                "It is neither updated nor closed up to and including that day (in UTC); after it syncbot goes on by "
                "itself. `/syncbot hold` holds it without an end."
            ),
        ),
        Reason.HOLD_REFUSED: ReasonText(
            actions=(_UPDATE,),
            case=(
                "somebody asked to hold it until what is no day, until a day that was past already, or until one that "
                "is more than a year away"
            ),
            does="says so in one comment, and nothing else in that run; after that as if it had not been said",
            after_telling=(
                "So that holds nothing, and from the next run on it is as if it had not been said. Say "
                "`/syncbot hold until YYYY-MM-DD` with a day within a year, or `/syncbot hold` for as long as you say "
                "nothing else."
            ),
        ),
        Reason.UNVERIFIED_COMMAND: ReasonText(
            actions=(_NONE,),
            case=(
                "somebody gave it a command, and GitHub does not say whether they may: the look-up failed, or the "
                "account is gone"
            ),
            does=(
                "nothing, until the look-up succeeds or somebody with write access gives a command; what was declined "
                "like that stays unproposed until its day"
            ),
        ),
        Reason.RECREATE: ReasonText(
            actions=(_OPEN, _CLOSE),
            case="somebody said `/syncbot recreate`",
            does="closes it and opens a new one, if there is anything to propose now",
            after_closing=(
                "If the files differ again, there will be a new pull request. What people committed on this branch "
                "stays on it."
            ),
        ),
        Reason.DECLINED: ReasonText(
            actions=(_NONE, _CLOSE),
            case="somebody closed it, or said `/syncbot decline until …`",
            does=(
                "nothing until something else is asked ([what a no refuses](#what-a-no-refuses)), or until that day is "
                "over. If it changes and then back, without a merge in between, the no still holds"
            ),
            after_closing=(
                "These files are left alone up to and including that day, whatever the template does. If they still "
                "differ on the day after, there will be a new pull request. Reopening this one takes that word back."
            ),
        ),
        Reason.REVERTED: ReasonText(
            actions=(_NONE,),
            case="it was merged, and a person took it back",
            does="nothing until the desired content changes",
        ),
        Reason.KEPT_EDIT: ReasonText(
            actions=(_NONE,),
            case=(
                "a person's edit of the file was merged with the bot's pull request: made on its branch, or merged in "
                "by syncbot"
            ),
            does="nothing until the desired content changes; then the edit is merged with it",
        ),
        Reason.OVERRIDDEN: ReasonText(
            actions=(_NONE,),
            case=(
                "the change did not arrive in a file: other lines stand where it would, and were merged like that with "
                "the bot's pull request"
            ),
            does=(
                "nothing until the desired content changes, and asks nobody; `status` shows it to the platform team, "
                "who may merge it by hand or exempt the file"
            ),
        ),
        Reason.RETARGETED: ReasonText(
            actions=(_NONE,),
            case="somebody pointed it at another branch than the default one",
            does="nothing: it is left to people",
        ),
        Reason.BASE_SWITCHED: ReasonText(
            actions=(_OPEN, _NONE),
            case="it points at what was the default branch, and another one is now",
            does=(
                "closes it and opens a new one there. Where somebody committed to it, reopened it or lets it merge: "
                "nothing, until they point it at the new default branch or say `/syncbot recreate`. Closed by GitHub "
                "because that branch was deleted: opens a new one, that is no refusal"
            ),
        ),
        Reason.NOT_NOW: ReasonText(
            actions=(_NONE,),
            case=(
                "what it proposed is blocked now, or in a state that is proposed otherwise; or its base has to be "
                "merged in, and cannot be"
            ),
            does="nothing, until a person has looked",
        ),
        Reason.REWRITTEN: ReasonText(
            actions=(_NONE,),
            case="no commit of the bot is left on its branch: they were squashed into another, or reworded",
            does=(
                "nothing: it is the team's now. Closing or merging it is heard like any other answer, as long as its "
                "description says what it proposed (hidden at the end)"
            ),
        ),
        Reason.REOPENED: ReasonText(
            actions=(_NONE,),
            case="a person reopened it, though nothing is left to change",
            does="nothing",
        ),
        Reason.DUPLICATE: ReasonText(
            actions=(_CLOSE, _NONE),
            case="another one is open for the same changeset, which people reopened or worked on",
            does=(
                "closes this one, unless people worked on it too. Where this one would be replaced by a new one: "
                "closes it, and goes on with the other"
            ),
            after_closing="Nobody has to do anything: what this one proposed is proposed there.",
        ),
        Reason.BOT_LOOP: ReasonText(
            actions=(_NONE,),
            case="five commits by the bot, none by a person between, that each brought what the branch held before",
            does="nothing: somebody has to look",
        ),
        Reason.BRANCH_BLOCKED: ReasonText(
            actions=(_NONE,),
            case="a branch named as the prefix of the bot's branches is (`syncbot`) stands in the way of all of them",
            does="nothing until it is renamed or deleted",
        ),
        Reason.LEFT_FLEET: ReasonText(
            actions=_ENDS,
            case="the repo was taken out of the config",
            does=(
                "closes what is open there, but for what is held, or was reopened. Where somebody committed: one "
                "comment, and it stays open"
            ),
            after_closing=(
                "Nobody has to do anything. There will be no more pull requests here, unless that config lists the "
                "repo again."
            ),
            after_telling="syncbot no longer looks after it: merge it or close it, as you like.",
        ),
        Reason.LIMIT: ReasonText(
            actions=(_NONE,),
            case="the limit on open or new pull requests is reached",
            does="opens it in a later run",
        ),
        Reason.CHECK_FAILED: ReasonText(
            actions=(_NONE,),
            case="`syncbot check` finds an error in what it would bring",
            does=(
                "nothing of it until the template or the answers are mended, and exits with 1; the rest goes "
                "on. What is open stays as it is. Warnings and exempt files stop nothing; see [check.md](check.md)"
            ),
        ),
    },
)

QUIET = total(
    Quiet,
    {
        Quiet.DECLINED: "a person closed its pull request; quiet until the desired content changes",
        Quiet.REVERTED: "merged before, then reverted by a person",
        Quiet.KEPT_EDIT: "edited on the bot's own pull request and merged like that",
        Quiet.OVERRIDDEN: "other lines stand where the change would, and were merged like that: it did not arrive",
        Quiet.UNVERIFIED: "declined on its closed pull request, and GitHub does not say whether who did may",
    },
)
