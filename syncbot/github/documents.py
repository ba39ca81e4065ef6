"""The GraphQL that the bot sends. Each builder returns one document; values travel as variables only.

Every document is validated against GitHub's own published schema in the tests. The numbers after `first` and `last`
are what GitHub charges for, nested ones multiplied: see docs/scale.md before raising one.
"""

from __future__ import annotations

from collections.abc import Sequence

SURVEY_FIELDS = """
fragment Survey on Repository {
  nameWithOwner isArchived isDisabled isEmpty viewerPermission mergeCommitAllowed
  prefix: ref(qualifiedName: "refs/heads/syncbot") { name }
  defaultBranchRef { name target { oid ... on Commit { tree { oid } statusCheckRollup { state } %(files)s } } }
  refs(refPrefix: "refs/heads/syncbot/", first: 10) {
    nodes { associatedPullRequests(states: [OPEN], first: 1) { nodes { ...Opened } } }
  }
  pullRequests(labels: [$label], states: [OPEN], first: 10) { nodes { ...Opened } }
}
fragment Opened on PullRequest { number createdAt isCrossRepository headRefName author { ...Who } }
fragment Who on Actor { __typename login }
"""

HISTORY_FIELDS = """
fragment History on Repository {
  defaultBranchRef {
    branchProtectionRule { requiresCommitSignatures }
    refUpdateRule { requiresSignatures }
    rules(first: 100) { nodes { type } }
  }
  branches: refs(refPrefix: "refs/heads/syncbot/", first: 100) {
    nodes {
      prefix
      name
      target { oid ... on Commit { message author { ...Actor } committer { ...Actor } } }
    }
  }
  refs(refPrefix: "refs/heads/syncbot/", first: 10) {
    nodes { associatedPullRequests(first: 3) { nodes { ...Pull } } }
  }
  pullRequests(labels: [$label], first: 15, orderBy: {field: CREATED_AT, direction: DESC}) { nodes { ...Pull } }
}
fragment Pull on PullRequest {
  number url state title body createdAt isCrossRepository author { ...Who }
  headRefName headRefOid baseRefName mergeable reviewDecision isInMergeQueue
  autoMergeRequest { enabledAt }
  labels(first: 10) { nodes { name } }
  events: timelineItems(
    itemTypes: [BASE_REF_CHANGED_EVENT, BASE_REF_DELETED_EVENT, CLOSED_EVENT, REOPENED_EVENT, UNLABELED_EVENT]
    last: 10
  ) {
    nodes {
      __typename
      ... on BaseRefChangedEvent { actor { ...Who } }
      ... on BaseRefDeletedEvent { createdAt }
      ... on ClosedEvent { actor { ...Who } createdAt }
      ... on ReopenedEvent { actor { ...Who } createdAt }
      ... on UnlabeledEvent { actor { ...Who } label { name } }
    }
  }
  comments(last: 100) { nodes { author { ...Who } body createdAt } }
  mergeCommit { ...Files }
  headRef { target { oid ... on Commit { tree { oid } statusCheckRollup { state } ...Files } } }
  commits(last: 100) { nodes { commit { oid message author { ...Actor } committer { ...Actor } } } }
}
fragment Who on Actor { __typename login }
fragment Actor on GitActor { email user { login } }
fragment Files on Commit { oid %(files)s }
"""

COMMIT_ON_BRANCH = """
mutation Commit($input: CreateCommitOnBranchInput!) {
  createCommitOnBranch(input: $input) { commit { oid } }
}
"""
"""A commit that GitHub makes and signs itself: files only, one parent, no modes."""

STRAYS = """
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
fragment Who on Actor { __typename login }
"""
"""Pull requests by a search ($q), 50 a page: to find the bot's own in repos that left the fleet."""

BLOB = "oid ... on Blob { isBinary isTruncated text }"
ENTRY = "oid mode"
TEXT_ENTRY = f"oid mode object {{ {BLOB} }}"


def survey(repos: int, paths: int, text_paths: int) -> str:
    """One read of `repos` repositories ($oI, $nI): head, ids of `paths` ($pI), texts of the last `text_paths`."""
    files = _files(paths, text_paths)
    return _batch("Survey", repos, paths, "$label: String!", SURVEY_FIELDS % {"files": files})


def history(repos: int, paths: int) -> str:
    """The bot's pull requests in `repos` repositories, with `paths` at their heads and merge commits; $label."""
    return _batch("History", repos, paths, "$label: String!", HISTORY_FIELDS % {"files": _files(paths, 0)})


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


def _files(paths: int, text_paths: int) -> str:
    first_text = paths - text_paths
    return " ".join(f"f{i}: file(path: $p{i}) {{ {TEXT_ENTRY if i >= first_text else ENTRY} }}" for i in range(paths))


def _batch(name: str, repos: int, paths: int, extra: str, fragments: str) -> str:
    variables = [extra] if extra else []
    variables += [f"$o{i}: String!, $n{i}: String!" for i in range(repos)]
    variables += [f"$p{i}: String!" for i in range(paths)]
    fields = "\n".join(f"  r{i}: repository(owner: $o{i}, name: $n{i}) {{ ...{name} }}" for i in range(repos))
    head = f"query {name}({', '.join(variables)})"
    return f"{head} {{\n  rateLimit {{ cost remaining resetAt }}\n{fields}\n}}\n{fragments}"
