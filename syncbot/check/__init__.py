"""Rendered files in, findings out: every linter and every rule that a file has to pass before it is proposed.

May run linters as subprocesses. Never touches the network, a repo, or the files of the platform team's checkout.
"""
