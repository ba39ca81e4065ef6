"""The command line: one module a command. The only place that prints, reads the clock, or exits."""
