"""The use cases and what they stand on, importable without the command line: sessions, plans, publishing."""
