"""Stations' quirks: profiles as data, each a list of named repairs; a repair is a small pure function on a payload.

May import what dialects may.
"""
