"""syncbot keeps the files that a platform team owns in step across every service repo, by pull request."""

__version__ = "0.1.0"
