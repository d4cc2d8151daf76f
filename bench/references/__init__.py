"""Servers to compare with, each a process of its own: `python -m bench.references.echo HOST:PORT`."""
