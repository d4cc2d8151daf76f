"""Words every module needs: clock, ids, errors, changes, facts, bus (port), paging.

Imports the standard library, msgspec and SQLAlchemy only.
"""
