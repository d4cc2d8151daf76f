"""`csms backup` and `csms restore`: a whole installation in one file."""

import asyncio
import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Annotated, Final

import typer

from csms import __version__
from csms.adapters.db import migrate, snapshot
from csms.adapters.db.bulk import Place, copy_database
from csms.app import archive
from csms.app.archive import Manifest, UnusableBackup
from csms.app.home import Home
from csms.app.progress import Progress
from csms.app.settings import Settings, load
from csms.kit.clock import SystemClock
from csms.kit.errors import Conflict

DATABASE: Final = "csms.db"
_OWN: Final = {"server.lock"}  # may be in a directory that counts as empty
_TRIES: Final = 3

Config = Annotated[Path | None, typer.Option(help="A TOML file with settings (default: csms.toml, if there is one).")]


class DirectoryNotEmpty(Conflict):
    """The data directory is not empty; with --replace what is in it is set aside."""

    code = "directory_not_empty"


def backup(
    to: Annotated[Path, typer.Option(help="The file to write; it must not exist. Compressed if it ends in .gz.")],
    data: Annotated[Path | None, typer.Option(help="The data directory.")] = None,
    config: Config = None,
) -> None:
    """Write a backup of the whole installation while the server runs: database, keys, certificates, files.

    It contains every secret of the installation, so only its owner can read it.
    """
    settings = load({"data": data}, file=config)
    manifest = asyncio.run(make_backup(settings, to))
    print(f"{to}: {sum(manifest.tables.values()):,} rows, {len(manifest.files):,} files, {to.stat().st_size:,} bytes.")


async def make_backup(settings: Settings, to: Path) -> Manifest:
    """Everything as it was at one moment; nothing stands at `to` until it is whole and on the disk.

    Files are gathered before and after the database, which must not know of one that is not there: one that was removed in between
    makes it begin again.
    """
    archive.require_absent(to)
    if settings.database_url is None and not (settings.data / DATABASE).is_file():
        raise archive.NoInstallation(path=str(settings.data))
    with _folder_beside(to) as folder:
        for _ in range(_TRIES):
            await asyncio.to_thread(_gather_files, settings, folder)
            await _gather_database(settings, folder / DATABASE)
            await asyncio.to_thread(_gather_files, settings, folder)
            missing = [name for name in snapshot.file_names(folder / DATABASE) if not _is_there(folder, name)]
            if not missing:
                break
        if missing:
            print(f"csms: {len(missing)} files that the database knows are not in {settings.data}.", file=sys.stderr)
        manifest = Manifest.of(folder, snapshot.describe(folder / DATABASE), __version__, SystemClock().now())
        with _shown("bytes") as progress:
            await asyncio.to_thread(archive.write, folder, manifest, to, progress)
    return manifest


@contextmanager
def _folder_beside(file: Path) -> Iterator[Path]:
    """A directory that only its owner can read, on the same disk as `file`; removed in the end."""
    with tempfile.TemporaryDirectory(prefix=".csms-", dir=archive.parent_of(file)) as folder:
        yield Path(folder)


@contextmanager
def _shown(unit: str) -> Iterator[Progress]:
    progress = Progress(unit)
    try:
        yield progress
    finally:
        progress.end()


def _is_there(folder: Path, name: str) -> bool:
    return (folder / "files" / name).is_file()


async def _gather_database(settings: Settings, to: Path) -> None:
    if settings.database_url is None:
        with _shown("pages") as progress:
            await asyncio.to_thread(snapshot.take, settings.data / DATABASE, to, progress)
        return
    await asyncio.to_thread(to.unlink, missing_ok=True)
    with _shown("rows") as progress:
        await copy_database(Place(settings.database_url), Place(str(to)), SystemClock().now(), progress)


def _gather_files(settings: Settings, folder: Path) -> None:
    """Keys, certificates and the file store; what is there already stays, for such files never change."""
    given = {"station.key": settings.station_key_file, "secret.key": settings.secret_file}
    for name, file in given.items():
        source = file or settings.data / name
        if source.is_file():
            _take(source, folder / name)
    for part in ("pki", "files"):
        for source in sorted((settings.data / part).rglob("*")):
            if source.is_file() and source.suffix != ".part":
                _take(source, folder / source.relative_to(settings.data))


def _take(source: Path, to: Path) -> None:
    if to.exists():
        return
    to.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    try:
        shutil.copyfile(source, to)
    except FileNotFoundError:
        to.unlink(missing_ok=True)  # removed this moment; if it was needed, the check finds out


def restore(
    file: Annotated[Path, typer.Argument(help="A file that `csms backup` wrote.")],
    data: Annotated[Path | None, typer.Option(help="The data directory; it must be empty.")] = None,
    replace: Annotated[bool, typer.Option("--replace", help="Set aside what is in the directory.")] = False,
    config: Config = None,
) -> None:
    """Bring an installation back from a backup, in the shape this version needs; into PostgreSQL if database_url says so."""
    settings = load({"data": data}, file=config)
    manifest = asyncio.run(bring_back(settings, file, replace=replace))
    rows = sum(manifest.tables.values())
    print(
        f"{settings.data}: {rows:,} rows and {len(manifest.files):,} files of {manifest.made_at:%Y-%m-%d %H:%M:%S} UTC."
    )


async def bring_back(settings: Settings, file: Path, *, replace: bool = False) -> Manifest:
    """Everything or nothing: it is unpacked beside the present content, checked, and only then put in its place."""
    home = Home(settings.data)
    with ExitStack() as stack:
        stack.enter_context(home.held())
        present = [entry for entry in settings.data.iterdir() if entry.name not in _OWN]
        if present and not replace:
            raise DirectoryNotEmpty(path=str(settings.data))
        folder = stack.enter_context(_folder_beside(settings.data / DATABASE))
        with _shown("bytes") as progress:
            manifest = await asyncio.to_thread(archive.read, file, folder, progress)
        found = snapshot.describe(folder / DATABASE)
        if found.tables != manifest.tables:
            raise UnusableBackup("The backup has not the rows that it says.")
        migrate.require_known(found.revision)
        await asyncio.to_thread(migrate.upgrade_sqlite, folder / DATABASE)
        if settings.database_url is not None:
            with _shown("rows") as progress:
                place = Place(settings.database_url)
                await copy_database(Place(str(folder / DATABASE)), place, SystemClock().now(), progress)
            (folder / DATABASE).unlink()
        if present:
            archive.set_aside(present, settings.data / f"replaced-{SystemClock().now():%Y%m%dT%H%M%S}")
        archive.put_in_place(folder, settings.data)
    return manifest
