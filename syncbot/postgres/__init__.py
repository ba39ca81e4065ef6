"""Postgres parameters: catalogue, checks, local and RDS values, formulas, upgrades. Pure: reads only its own data."""
