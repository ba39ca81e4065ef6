"""The GraphQL that the bot sends. Each builder returns one document; values travel as variables only.

Every document is validated against GitHub's own published schema in the tests. The numbers after `first` and `last`
are what GitHub charges for, nested ones multiplied: see docs/scale.md before raising one.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

Gap = Literal["comments", "commits"]
"""What a pull request may have more of than one answer holds."""

WHO = "fragment Who on Actor { __typename login }\n"
ACTOR = "fragment Actor on GitActor { email user { login } }\n"

SURVEY_FIELDS = """
fragment Survey on Repository {
  nameWithOwner isArchived isDisabled isEmpty viewerPermission mergeCommitAllowed squashMergeAllowed
  %(in_the_way)s
  defaultBranchRef { name target { oid ... on Commit { tree { oid } statusCheckRollup { state } %(files)s } } }
  %(refs)s
  pullRequests(labels: [$label], states: [OPEN], first: 10) { pageInfo { hasNextPage } nodes { ...Opened } }
}
"""

REFS = (
    "refs(refPrefix: {prefix}, first: 10) {{ pageInfo {{ hasNextPage }} "
    "nodes {{ associatedPullRequests(states: [OPEN], first: 1) {{ nodes {{ ...Opened }} }} }} }}"
)

OPENED = "fragment Opened on PullRequest { number createdAt isCrossRepository headRefName author { ...Who } }\n"

BRANCHES_FIELDS = """
fragment Branches on RefConnection {
  pageInfo { hasNextPage endCursor }
  nodes {
    prefix
    name
    target { oid ... on Commit { message author { ...Actor } committer { ...Actor } } }
    associatedPullRequests(first: 3) { nodes { ...Opened } }
  }
}
"""

HISTORY_FIELDS = """
fragment History on Repository {
  defaultBranchRef {
    branchProtectionRule { requiresCommitSignatures }
    refUpdateRule { requiresSignatures }
    rules(first: 100) { nodes { type repositoryRuleset { conditions { refName { include exclude } } } } }
  }
  %(branches)s
  pullRequests(labels: [$label], first: 15, orderBy: {field: CREATED_AT, direction: DESC}) { ...Page }
}
"""

PAGE_FIELDS = """
fragment Page on PullRequestConnection {
  totalCount
  pageInfo { hasNextPage endCursor }
  nodes { ...Pull }
}
"""

COMMENTS = "pageInfo { hasPreviousPage startCursor } nodes { author { ...Who } body createdAt }"
COMMITS = (
    "pageInfo { hasPreviousPage startCursor } "
    "nodes { commit { oid message author { ...Actor } committer { ...Actor } } }"
)

PULL_FIELDS = """
fragment Pull on PullRequest {
  number url state title body createdAt isCrossRepository author { ...Who }
  headRefName headRefOid baseRefName mergeable reviewDecision isInMergeQueue
  autoMergeRequest { enabledAt }
  latestOpinionatedReviews(first: 10, writersOnly: true) { nodes { state } }
  labels(first: 100) { nodes { name } }
  events: timelineItems(
    itemTypes: [BASE_REF_CHANGED_EVENT, BASE_REF_DELETED_EVENT, CLOSED_EVENT, REOPENED_EVENT]
    last: 10
  ) {
    nodes {
      __typename
      ... on BaseRefChangedEvent { actor { ...Who } }
      ... on BaseRefDeletedEvent { createdAt }
      ... on ClosedEvent { actor { ...Who } createdAt }
      ... on ReopenedEvent { actor { ...Who } createdAt }
    }
  }
  edits: timelineItems(itemTypes: [RENAMED_TITLE_EVENT, UNLABELED_EVENT], last: 50) {
    nodes {
      __typename
      ... on RenamedTitleEvent { actor { ...Who } }
      ... on UnlabeledEvent { actor { ...Who } label { name } }
    }
  }
  comments(last: 100) { %(comments)s }
  mergeCommit { ...Files }
  headRef {
    branchProtectionRule { requiresLinearHistory }
    refUpdateRule { requiresLinearHistory }
    target { oid ... on Commit { tree { oid } statusCheckRollup { state } ...Files } }
  }
  commits(last: 100) { %(commits)s }
}
fragment Files on Commit { oid %(files)s }
"""

COMMIT_ON_BRANCH = """
mutation Commit($input: CreateCommitOnBranchInput!) {
  createCommitOnBranch(input: $input) { commit { oid } }
}
"""
"""A commit that GitHub makes and signs itself: files only, one parent, no modes."""

OPEN_PULL_REQUESTS = (
    """
query Strays($q: String!, $after: String) {
  rateLimit { cost remaining resetAt }
  search(query: $q, type: ISSUE, first: 50, after: $after) {
    pageInfo { hasNextPage endCursor }
    nodes {
      ... on PullRequest {
        number url title createdAt isCrossRepository author { ...Who } headRefName headRefOid baseRefName
        comments(last: 100) { nodes { author { ...Who } body createdAt } }
        repository { nameWithOwner isArchived }
      }
    }
  }
}
"""
    + WHO
)
"""Pull requests by a search ($q), 50 a page: to find the bot's own in repos that left the fleet."""

BLOB = "oid ... on Blob { isBinary isTruncated text }"
NAMES = "oid ... on Tree { entries { name } }"
ENTRY = "oid mode"
TEXT_ENTRY = f"oid mode object {{ {BLOB} }}"


def survey(repos: int, paths: int, text_paths: int, prefixes: int = 1, shorter: int = 1) -> str:
    """One read of `repos` repositories ($oI, $nI): head, ids of `paths` ($pI), texts of the last `text_paths`.

    And the branches under `prefixes` ($bI), and whether there are `shorter` ones ($qI), below which git has none.
    """
    in_the_way = " ".join(f"q{i}: ref(qualifiedName: $q{i}) {{ name }}" for i in range(shorter))
    refs = " ".join(f"refs{i}: {REFS.format(prefix=f'$b{i}')}" for i in range(prefixes))
    fields = SURVEY_FIELDS % {"files": _files(paths, text_paths), "in_the_way": in_the_way, "refs": refs}
    variables = ["$label: String!", *_prefix_variables(prefixes), *(f"$q{i}: String!" for i in range(shorter))]
    return _batch("Survey", repos, paths, variables, fields + OPENED + WHO)


def history(repo_folders: Sequence[int], paths: int, prefixes: int = 1) -> str:
    """The bot's branches under `prefixes` ($bI), its pull requests ($label), `paths` at their heads and merge commits.

    And the names in `repo_folders[I]` trees ($tI_J) of repository I: entries are no connection, and cost no points.
    """
    branches = " ".join(f"branches{i}: refs(refPrefix: $b{i}, first: 100) {{ ...Branches }}" for i in range(prefixes))
    fragments = HISTORY_FIELDS % {"branches": branches} + BRANCHES_FIELDS + OPENED + PAGE_FIELDS + _pull_fields(paths)
    trees = [f"$t{i}_{j}: GitObjectID!" for i, count in enumerate(repo_folders) for j in range(count)]
    selections = [
        " ".join(["...History", *(f"t{j}: object(oid: $t{i}_{j}) {{ {NAMES} }}" for j in range(count))])
        for i, count in enumerate(repo_folders)
    ]
    variables = ["$label: String!", *_prefix_variables(prefixes), *_path_variables(paths), *trees]
    return _query("History", variables, selections, fragments)


def branches(repos: int) -> str:
    """The next 100 branches under $bI in `repos` repositories, after $cI, as in a history."""
    variables = [*(f"$c{i}: String!" for i in range(repos)), *_prefix_variables(repos)]
    selections = [f"branches: refs(refPrefix: $b{i}, first: 100, after: $c{i}) {{ ...Branches }}" for i in range(repos)]
    return _query("Branches", variables, selections, BRANCHES_FIELDS + OPENED + WHO + ACTOR)


def older(repos: int, paths: int) -> str:
    """The next $sI of the bot's pull requests in `repos` repositories, older than $cI, as in a history."""
    variables = ["$label: String!", *(f"$c{i}: String!, $s{i}: Int!" for i in range(repos)), *_path_variables(paths)]
    order = "orderBy: {field: CREATED_AT, direction: DESC}"
    selections = [
        f"pullRequests(labels: [$label], first: $s{i}, after: $c{i}, {order}) {{ ...Page }}" for i in range(repos)
    ]
    return _query("Older", variables, selections, PAGE_FIELDS + _pull_fields(paths))


def pulls(repo_numbers: Sequence[int], paths: int) -> str:
    """Pull requests by number ($mI_J), `repo_numbers[I]` of them in repository I, as in a history."""
    selections = [["...Pull"] * count for count in repo_numbers]
    return _numbered("Pulls", selections, _path_variables(paths), _pull_fields(paths))


def from_branches(repo_branches: Sequence[int]) -> str:
    """Pull requests by the name of their branch ($hI_J), which may be gone, `repo_branches[I]` in repository I."""
    variables = [f"$h{i}_{j}: String!" for i, count in enumerate(repo_branches) for j in range(count)]
    selections = [
        " ".join(f"h{j}: pullRequests(headRefName: $h{i}_{j}, first: 3) {{ nodes {{ ...Opened }} }}" for j in range(n))
        for i, n in enumerate(repo_branches)
    ]
    return _query("FromBranches", variables, selections, OPENED + WHO)


def mergeable(repo_numbers: Sequence[int]) -> str:
    """Whether pull requests ($mI_J) can be merged, `repo_numbers[I]` of them in repository I."""
    return _numbered("Mergeable", [["number mergeable"] * count for count in repo_numbers], [], "")


def earlier(repo_gaps: Sequence[Sequence[Gap]]) -> str:
    """What is before the cursor $cI_J of the comments or commits of pull request $mI_J, in repository I."""
    fields = {"comments": COMMENTS, "commits": COMMITS}
    selections = [
        [f"number {gap}(last: 100, before: $c{i}_{j}) {{ {fields[gap]} }}" for j, gap in enumerate(gaps)]
        for i, gaps in enumerate(repo_gaps)
    ]
    cursors = [f"$c{i}_{j}: String!" for i, gaps in enumerate(repo_gaps) for j in range(len(gaps))]
    kinds = {gap for gaps in repo_gaps for gap in gaps}
    fragments = (WHO if "comments" in kinds else "") + (ACTOR if "commits" in kinds else "")
    return _numbered("Earlier", selections, cursors, fragments)


def blobs(repo_objects: Sequence[int]) -> str:
    """Texts of objects named by expression ($xI_J), `repo_objects[I]` of them in repository I ($oI, $nI)."""
    variables = []
    fields = []
    for i, count in enumerate(repo_objects):
        variables += [f"$o{i}: String!", f"$n{i}: String!"] + [f"$x{i}_{j}: String!" for j in range(count)]
        objects = " ".join(f"b{j}: object(expression: $x{i}_{j}) {{ {BLOB} }}" for j in range(count))
        fields.append(f"  r{i}: repository(owner: $o{i}, name: $n{i}) {{ {objects} }}")
    body = "\n".join(fields)
    return f"query Blobs({', '.join(variables)}) {{\n  rateLimit {{ cost remaining resetAt }}\n{body}\n}}\n"


def _pull_fields(paths: int) -> str:
    filled = {"files": _files(paths, 0), "comments": COMMENTS, "commits": COMMITS}
    return PULL_FIELDS % filled + WHO + ACTOR


def _files(paths: int, text_paths: int) -> str:
    first_text = paths - text_paths
    return " ".join(f"f{i}: file(path: $p{i}) {{ {TEXT_ENTRY if i >= first_text else ENTRY} }}" for i in range(paths))


def _batch(name: str, repos: int, paths: int, extra: Sequence[str], fragments: str) -> str:
    return _query(name, [*extra, *_path_variables(paths)], [f"...{name}"] * repos, fragments)


def _numbered(name: str, selections: Sequence[Sequence[str]], variables: Sequence[str], fragments: str) -> str:
    """A document that reads pull request $mI_J with `selections[I][J]`, as `pJ` of repository I."""
    numbers = [f"$m{i}_{j}: Int!" for i, fields in enumerate(selections) for j in range(len(fields))]
    repos = [
        " ".join(f"p{j}: pullRequest(number: $m{i}_{j}) {{ {field} }}" for j, field in enumerate(fields))
        for i, fields in enumerate(selections)
    ]
    return _query(name, [*variables, *numbers], repos, fragments)


def _path_variables(paths: int) -> list[str]:
    return [f"$p{i}: String!" for i in range(paths)]


def _prefix_variables(prefixes: int) -> list[str]:
    return [f"$b{i}: String!" for i in range(prefixes)]


def _query(name: str, variables: Sequence[str], selections: Sequence[str], fragments: str) -> str:
    """A document that reads `selections[I]` of repository I ($oI, $nI)."""
    names = [f"$o{i}: String!, $n{i}: String!" for i in range(len(selections))]
    fields = "\n".join(
        f"  r{i}: repository(owner: $o{i}, name: $n{i}) {{ {selection} }}" for i, selection in enumerate(selections)
    )
    head = f"query {name}({', '.join([*variables, *names])})"
    return f"{head} {{\n  rateLimit {{ cost remaining resetAt }}\n{fields}\n}}\n{fragments}"
