"""SQL for change classes, made once from what `@writes` says of them."""

from csms.kit.changes import Kind, Write


def sqlite_statement(write: Write) -> str:
    """One statement with `?` for every column, in the order of the change's fields."""
    columns = ", ".join(write.columns)
    if write.kind is Kind.UPDATE:
        sets = ", ".join(f"{name} = ?" for name in write.columns if name not in write.key)
        where = " AND ".join(f"{name} = ?" for name in write.key)
        return f"UPDATE {write.table} SET {sets} WHERE {where}"  # noqa: S608 - names come from our own models
    marks = ", ".join("?" * len(write.columns))
    insert = f"INSERT INTO {write.table} ({columns}) VALUES ({marks})"  # noqa: S608 - as above
    if write.if_absent:
        return f"{insert} ON CONFLICT DO NOTHING"
    if write.kind is Kind.UPSERT:
        sets = ", ".join(f"{name} = excluded.{name}" for name in write.columns if name not in write.key)
        return f"{insert} ON CONFLICT ({', '.join(write.key)}) DO UPDATE SET {sets}"
    return insert
