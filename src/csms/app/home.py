"""The data directory: readable by its owner only, used by one server at a time."""

import fcntl
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

from csms.kit.errors import Conflict, Unavailable

KEY_BYTES: Final = 32
DATABASE: Final = "csms.db"
LOCK: Final = "server.lock"


class DataDirectoryInUse(Conflict):
    """Another csms server uses this data directory."""

    code = "data_directory_in_use"


class DataDirectoryUnusable(Unavailable):
    """The data directory cannot be used."""

    code = "data_directory_unusable"


def read_key(path: Path) -> bytes:
    """A key as it stands in its file; raises DataDirectoryUnusable."""
    try:
        key = path.read_bytes()
    except OSError as error:
        raise DataDirectoryUnusable(f"{path} cannot be read: {error.strerror}.") from error
    if len(key) < KEY_BYTES:
        raise DataDirectoryUnusable(f"{path} is no key: it has fewer than {KEY_BYTES} bytes.")
    return key


def in_use(path: Path) -> bool:
    """Whether a server runs on this data directory, or may: who cannot look does not know."""
    try:
        descriptor = os.open(path / LOCK, os.O_RDWR)
    except FileNotFoundError:
        return False
    except OSError:
        return True
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except OSError:
        return True
    finally:
        os.close(descriptor)
    return False


class Home:
    """Paths inside a data directory; creates it, and the key of the station passwords, when first used."""

    def __init__(self, path: Path) -> None:
        self._new = not path.exists()
        try:
            path.mkdir(mode=0o700, parents=True, exist_ok=True)
            if path.stat().st_uid == os.getuid():
                path.chmod(0o700)
        except OSError as error:
            raise DataDirectoryUnusable(f"{path} cannot be used: {error.strerror}.") from error
        self.path = path
        self.database = path / DATABASE
        self._lock: int | None = None

    def lock(self) -> None:
        """Make sure that no second server runs on this directory; held until the process ends."""
        descriptor = self._open(LOCK, os.O_RDWR | os.O_CREAT)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            os.close(descriptor)
            raise DataDirectoryInUse(f"Another csms server uses {self.path}.") from error
        self._lock = descriptor

    def unlock(self) -> None:
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None

    @contextmanager
    def held(self) -> Iterator[None]:
        """Lock it for one piece of work; a directory that was made for work that failed goes again, if nothing is in it."""
        self.lock()
        try:
            yield
        except BaseException:
            if self._new:
                (self.path / LOCK).unlink(missing_ok=True)
                with suppress(OSError):
                    self.path.rmdir()
            raise
        finally:
            self.unlock()

    def files(self) -> Path:
        """Where files of people and stations are kept; raises DataDirectoryUnusable if none can be put there."""
        folder = self.path / "files"
        try:
            folder.mkdir(mode=0o700, exist_ok=True)
        except OSError as error:
            raise DataDirectoryUnusable(f"{folder} cannot be used: {error.strerror}.") from error
        if not os.access(folder, os.W_OK | os.X_OK):
            raise DataDirectoryUnusable(f"{folder} cannot be used: this user may not write there.")
        return folder

    def station_key(self) -> bytes:
        """The key of the hashes of generated station passwords."""
        return self._key("station.key")

    def secret(self) -> bytes:
        """What private keys are encrypted with."""
        return self._key("secret.key")

    def _key(self, name: str) -> bytes:
        """A key made once, whoever comes first."""
        path = self.path / name
        if not path.exists():
            fresh = f"{name}.{os.getpid()}"
            descriptor = self._open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
            os.write(descriptor, secrets.token_bytes(KEY_BYTES))
            os.fsync(descriptor)
            os.close(descriptor)
            with suppress(FileExistsError):
                os.link(self.path / fresh, path)
            (self.path / fresh).unlink()
        return read_key(path)

    def _open(self, name: str, flags: int) -> int:
        try:
            return os.open(self.path / name, flags, 0o600)
        except OSError as error:
            raise DataDirectoryUnusable(f"{self.path / name} cannot be used: {error.strerror}.") from error
