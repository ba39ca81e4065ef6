"""Listing: all files of a commit, and single blobs, by REST: for the few repos of which the survey says too little."""

from __future__ import annotations

from base64 import b64decode

from syncbot.github.connection import Connection
from syncbot.github.decode import UnreadError, Value
from syncbot.model.blobs import LiveFile, TreeListing


def tree_listing(connection: Connection, repo: str, tree: str) -> TreeListing:
    """Every file of `owner/name` under a commit or tree id, in one request. Raises RepoError.

    Not `complete` where GitHub says that the list is truncated: above 100,000 entries, or 7 MB.
    """
    answer = Value(connection.read(f"/repos/{repo}/git/trees/{tree}?recursive=1"))
    entries = (entry for entry in answer["tree"] if entry["type"].text != "tree")
    files = {entry["path"].text: LiveFile(id=entry["sha"].oid, mode=entry["mode"].text) for entry in entries}
    return TreeListing(files=files, complete=not answer["truncated"].flag)


def blob_content(connection: Connection, repo: str, blob: str) -> bytes:
    """The bytes of a blob. Raises RepoError."""
    answer = Value(connection.read(f"/repos/{repo}/git/blobs/{blob}"))
    if answer["encoding"].text != "base64":
        raise UnreadError(f"blob {blob} is encoded as {answer['encoding'].text!r}")
    try:
        return b64decode(answer["content"].text)
    except ValueError:
        raise UnreadError(f"blob {blob} is not encoded as GitHub says") from None
