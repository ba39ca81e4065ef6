"""Compare and plan: states, changesets and actions as functions of values. Imports only model and ownership."""
