"""The composition root: settings, wiring, roles, command line.

Imports everything; nothing imports it.
"""
