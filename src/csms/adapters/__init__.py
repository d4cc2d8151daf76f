"""How ports are met: database, bus.

Imports domain (its tables) and kit.
"""
