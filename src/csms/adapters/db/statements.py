"""SQL for change classes, made from what `@writes` says of them: one statement for many rows.

Every statement that runs lets other threads in and waits to be let in again; so rows go in by the handful, not one by one.
"""

from csms.kit.changes import Kind, Write


def sqlite_statement(write: Write, rows: int) -> str:
    """A statement that writes `rows` rows, with `?` for every column of every row in the order of the change's fields."""
    values = ", ".join([f"({', '.join('?' * len(write.columns))})"] * rows)
    if write.kind is Kind.UPDATE:
        return _update(write, values)
    insert = f"INSERT INTO {write.table} ({', '.join(write.columns)}) VALUES {values}"  # noqa: S608 - our own names
    if write.if_absent:
        return f"{insert} ON CONFLICT DO NOTHING"
    if write.kind is Kind.UPSERT:
        sets = ", ".join(f"{name} = excluded.{name}" for name in write.columns if name not in write.key)
        return f"{insert} ON CONFLICT ({', '.join(write.key)}) DO UPDATE SET {sets}"
    return insert


def _update(write: Write, values: str) -> str:
    """An update of many rows, each by its key; keys must differ, for only one of two rows would count."""
    sets = ", ".join(f"{name} = new.{name}" for name in write.columns if name not in write.key)
    where = " AND ".join(f"{write.table}.{name} = new.{name}" for name in write.key)
    columns = ", ".join(write.columns)
    return f"WITH new ({columns}) AS (VALUES {values}) UPDATE {write.table} SET {sets} FROM new WHERE {where}"  # noqa: S608
