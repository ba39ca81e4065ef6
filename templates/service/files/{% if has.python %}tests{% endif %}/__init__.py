"""Run by `python -m unittest`, or by pytest."""
