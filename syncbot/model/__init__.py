"""The values that flow from step to step: frozen, without I/O, and known to every other module."""
