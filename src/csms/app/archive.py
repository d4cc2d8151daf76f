"""The file that holds a backup: a tar with a manifest first, which says what must follow."""

import hashlib
import json
import os
import tarfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import datetime
from errno import EDQUOT, ENOSPC
from io import BytesIO
from pathlib import Path, PurePosixPath
from typing import IO, Any, Final

from csms.adapters.db.copying import Tell
from csms.adapters.db.snapshot import Described
from csms.kit.errors import Conflict, Invalid, NotFound, Unavailable

MANIFEST: Final = "manifest.json"
FORMAT: Final = 1
_CHUNK: Final = 1 << 20
_MANIFEST_LIMIT: Final = 64 << 20


class NoInstallation(NotFound):
    """There is no installation in this data directory."""

    code = "no_installation"


class FileExists(Conflict):
    """The file exists already; a backup never overwrites another."""

    code = "file_exists"


class NoRoom(Unavailable):
    """The disk is full; nothing was changed."""

    code = "no_room"


@contextmanager
def room() -> Iterator[None]:
    """Turns a full disk into NoRoom."""
    try:
        yield
    except OSError as error:
        if error.errno not in (ENOSPC, EDQUOT):
            raise
        raise NoRoom(reason=str(error)) from error


class UnusableBackup(Invalid):
    """This is no backup, or a damaged one; nothing was changed."""

    code = "unusable_backup"


@dataclass(frozen=True, slots=True)
class Kept:
    """A file in a backup, by its size and SHA-256."""

    size: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a backup holds: which version made it and when, the rows of each table, its files by their paths."""

    made_at: datetime
    version: str
    revision: str | None
    tables: dict[str, int]
    files: dict[str, Kept]

    @classmethod
    def of(cls, folder: Path, described: Described, version: str, now: datetime) -> "Manifest":
        files = {str(path.relative_to(folder)): _kept(path) for path in sorted(folder.rglob("*")) if path.is_file()}
        return cls(now, version, described.revision, described.tables, files)

    def to_json(self) -> bytes:
        said = {"format": FORMAT, **asdict(self), "made_at": self.made_at.isoformat()}
        return json.dumps(said, indent=1).encode()

    @classmethod
    def from_json(cls, content: bytes) -> "Manifest":
        """Raises UnusableBackup."""
        try:
            said: dict[str, Any] = json.loads(content)
            if said.pop("format") > FORMAT:
                raise UnusableBackup("A newer version of csms made this backup.", version=said.get("version"))
            files = {_safe(name): Kept(**kept) for name, kept in said.pop("files").items()}
            return cls(made_at=datetime.fromisoformat(said.pop("made_at")), files=files, **said)
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise UnusableBackup from error


def _safe(name: str) -> str:
    """A path that stays within the directory it is unpacked into."""
    path = PurePosixPath(name)
    if path.is_absolute() or ".." in path.parts or not path.parts:
        raise UnusableBackup(file=name)
    return name


def _kept(path: Path) -> Kept:
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            digest.update(chunk)
    return Kept(path.stat().st_size, digest.hexdigest())


def parent_of(file: Path) -> Path:
    """The directory a file is to be written in. Raises NoInstallation when there is none."""
    parent = file.absolute().parent
    if not parent.is_dir():
        raise NoInstallation(f"{parent} is no directory.")
    return parent


def require_absent(file: Path) -> None:
    if file.exists():
        raise FileExists(path=str(file))


def write(folder: Path, manifest: Manifest, to: Path, tell: Tell) -> None:
    """Write the archive under another name, and give it its own when it is on the disk."""
    part = folder.parent / f"{folder.name}.part"
    total, done = sum(kept.size for kept in manifest.files.values()), 0
    try:
        descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with room(), os.fdopen(descriptor, "wb") as raw:
            with tarfile.open(fileobj=raw, mode="w|gz" if to.suffix in (".gz", ".tgz") else "w|") as tar:
                said = manifest.to_json()
                tar.addfile(_member(MANIFEST, len(said), manifest), BytesIO(said))
                for name, kept in manifest.files.items():
                    with (folder / name).open("rb") as file:
                        tar.addfile(_member(name, kept.size, manifest), _Told(file, tell, done, total))
                    done += kept.size
            raw.flush()
            os.fsync(raw.fileno())
        os.link(part, to)  # unlike rename it never overwrites
    except FileExistsError as error:
        raise FileExists(path=str(to)) from error
    finally:
        part.unlink(missing_ok=True)
    _sync(to.absolute().parent)


class _Told:
    """A file that tells how much of all files has been read."""

    def __init__(self, file: IO[bytes], tell: Tell, before: int, total: int) -> None:
        self._file, self._tell, self._done, self._total = file, tell, before, total

    def read(self, size: int = -1) -> bytes:
        chunk = self._file.read(size)
        self._done += len(chunk)
        self._tell("writing", self._done, self._total)
        return chunk


def _member(name: str, size: int, manifest: Manifest) -> tarfile.TarInfo:
    member = tarfile.TarInfo(name)
    member.size, member.mode, member.mtime = size, 0o600, int(manifest.made_at.timestamp())
    return member


def read(file: Path, folder: Path, tell: Tell) -> Manifest:
    """Unpack into an empty directory what the manifest names, and nothing else. Raises UnusableBackup."""
    with _opened(file) as tar:
        first = tar.next()
        if first is None or first.name != MANIFEST or first.size > _MANIFEST_LIMIT:
            raise UnusableBackup
        manifest = Manifest.from_json(_content(tar, first).read())
        total, done, missing = sum(kept.size for kept in manifest.files.values()), 0, dict(manifest.files)
        while (member := tar.next()) is not None:
            kept = missing.pop(member.name, None)
            if kept is None or not member.isreg() or member.size != kept.size:
                raise UnusableBackup(file=member.name)
            if _unpack(_Told(_content(tar, member), tell, done, total), folder / member.name) != kept.sha256:
                raise UnusableBackup(file=member.name)
            done += kept.size
        if missing:
            raise UnusableBackup(missing=", ".join(sorted(missing)[:5]))
        return manifest


@contextmanager
def _opened(file: Path) -> Iterator[tarfile.TarFile]:
    try:
        with room(), tarfile.open(file, mode="r|*") as tar:
            yield tar
    except FileNotFoundError as error:
        raise NoInstallation(f"{file} does not exist.") from error
    except (tarfile.TarError, EOFError, OSError, ValueError) as error:
        raise UnusableBackup(reason=str(error)) from error


def _content(tar: tarfile.TarFile, member: tarfile.TarInfo) -> IO[bytes]:
    content = tar.extractfile(member)
    if content is None:
        raise UnusableBackup(file=member.name)
    return content


def _unpack(content: _Told, to: Path) -> str:
    """Write a file that only its owner can read; gives its SHA-256."""
    to.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    digest = hashlib.sha256()
    with os.fdopen(os.open(to, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        while chunk := content.read(_CHUNK):
            digest.update(chunk)
            file.write(chunk)
        file.flush()
        os.fsync(file.fileno())
    return digest.hexdigest()


def set_aside(entries: list[Path], to: Path) -> None:
    to.mkdir(mode=0o700)
    for entry in entries:
        entry.rename(to / entry.name)


def put_in_place(folder: Path, home: Path) -> None:
    """Move what was unpacked into the data directory; the database last, for with it the installation is there."""
    for entry in sorted(folder.iterdir(), key=lambda entry: entry.name.startswith("csms.db")):
        entry.rename(home / entry.name)
    _sync(home)


def _sync(directory: Path) -> None:
    descriptor = os.open(directory, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
