"""`csms db copy`: moves everything from one database to another."""

import asyncio
from contextlib import ExitStack
from pathlib import Path
from typing import Annotated

import typer

from csms.adapters.db.bulk import Place, copy_database
from csms.adapters.db.copying import Copied
from csms.adapters.db.postgres import is_postgres
from csms.app.home import Home
from csms.app.progress import Progress
from csms.kit.clock import SystemClock
from csms.kit.errors import Invalid

DATABASE = "csms.db"


class NoSuchPlace(Invalid):
    """A place is a data directory, an SQLite file (*.db), or a URL that begins with postgresql://."""

    code = "no_such_place"


class SamePlace(Invalid):
    """Source and target are the same."""

    code = "same_place"


def place_of(said: str) -> Place:
    """A PostgreSQL URL, a data directory, or an SQLite file (a path that ends in `.db`)."""
    if is_postgres(said) or said.endswith(".db"):
        return Place(said)
    if "://" in said:
        raise NoSuchPlace(place=said.partition("://")[0] + "://…")  # there may be a password in the rest
    return Place(str(Path(said) / DATABASE))


def copy(
    source: Annotated[str, typer.Argument(help="A data directory, an SQLite file, or a PostgreSQL URL.")],
    target: Annotated[str, typer.Argument(help="The same; it must be empty, and is made if it does not exist.")],
) -> None:
    """Copy a whole database to another one, and prove that every row arrived. Stop the server first.

    Keys, certificates and files stay in the data directory, which the server needs whatever its database is.
    """
    copied = asyncio.run(_copy(place_of(source), place_of(target)))
    for name, content in copied.tables.items():
        if content.rows:
            energy = f"  {content.energy_wh:,} Wh" if content.energy_wh else ""
            print(f"{name:<26}{content.rows:>14,}{energy}")
    print(f"{copied.rows:,} rows were copied, read back and found equal.")
    if copied.mended:
        print(f"{copied.mended:,} rows had the character NUL, which the target cannot hold; it is U+FFFD there.")


async def _copy(source: Place, target: Place) -> Copied:
    now = SystemClock().now()
    if source.file is not None and target.file is not None and source.file.resolve() == target.file.resolve():
        raise SamePlace(path=str(target.file))
    with ExitStack() as stack:
        for place in (source, target):
            if place.file is not None and place.file.name == DATABASE and (place is target or place.file.exists()):
                stack.enter_context(Home(place.file.parent).held())
        await source.require_current()
        await source.require_idle(now)
        progress = Progress("rows")
        try:
            return await copy_database(source, target, now, progress)
        finally:
            progress.end()
