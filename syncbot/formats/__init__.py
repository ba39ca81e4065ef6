"""Readers of file formats, one a format: text in, values with their places and diagnostics out.

The bottom layer: pure, and it imports nothing else of syncbot. A reader never raises for what stands in a file; it
says so in a `Diagnostic`.
"""
