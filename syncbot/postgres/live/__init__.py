"""Postgres as it runs: servers by SQL, in containers, started for a moment, and parameter groups on RDS. Reads only."""
