"""The two set-ups that everything must work on: (SQLite, memory) and (PostgreSQL, NATS).

`pytest --setup postgres`, or CSMS_TEST_SETUP=postgres, chooses the second one; its servers start when a test first needs
them, unless CSMS_TEST_POSTGRES_URL and CSMS_TEST_NATS_URL name others. Tests ask here for databases and settings and never
know which one they got.
"""

import itertools
import os
import secrets
import shutil
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

from bench.services import NatsServer, PostgresServer, apart, execute

from csms.adapters.bus.memory import MemoryBus
from csms.adapters.bus.nats import NatsBus
from csms.adapters.db import migrate
from csms.adapters.db.engine import SqliteDatabase
from csms.adapters.db.postgres import PostgresDatabase
from csms.kit.bus import Bus
from csms.kit.database import Database
from csms.kit.tasks import Tasks

SQLITE = "sqlite"
POSTGRES = "postgres"
NAMES = (SQLITE, POSTGRES)


class Postgres:
    """A PostgreSQL server, and databases on it made from a migrated template."""

    def __init__(self) -> None:
        self._own: PostgresServer | None = None
        self._url: str | None = None
        self._mark = f"csms_test_{secrets.token_hex(4)}"
        self._numbers = itertools.count(1)
        self._made: dict[str, Path] = {}

    def database(self, key: Path) -> str:
        """The URL of the database that belongs to this directory, made when it is first asked for."""
        self._start()
        name = next((name for name, owner in self._made.items() if owner == key), None)
        if name is None:
            name = f"{self._mark}_{next(self._numbers)}"
            apart(execute(self._at("postgres"), f"CREATE DATABASE {name} TEMPLATE {self._mark} STRATEGY FILE_COPY"))
            self._made[name] = key
        return self._at(name)

    def forget(self) -> None:
        """Drop the databases made so far."""
        made, self._made = self._made, {}
        if made:
            apart(execute(self._at("postgres"), *(f"DROP DATABASE {name} WITH (FORCE)" for name in made)))

    def close(self) -> None:
        if self._own is not None:
            self._own.remove()
        elif self._url is not None:
            apart(execute(self._at("postgres"), f"DROP DATABASE IF EXISTS {self._mark} WITH (FORCE)"))
        self._own = self._url = None

    def _at(self, database: str) -> str:
        assert self._url is not None
        return urlunsplit(urlsplit(self._url)._replace(path=f"/{database}"))

    def _start(self) -> None:
        if self._url is not None:
            return
        self._url = os.environ.get("CSMS_TEST_POSTGRES_URL")
        if self._url is None:
            self._own = PostgresServer()
            self._own.start()
            self._url = self._own.url()
        apart(execute(self._at("postgres"), f"CREATE DATABASE {self._mark}"))
        apart(_migrate(self._at(self._mark)))


async def _migrate(url: str) -> None:
    database = PostgresDatabase(url)
    await migrate.upgrade_postgres(database, datetime.now(UTC))
    await database.close()


class Setup:
    """The set-up in force; `chosen` is set once, when pytest starts."""

    def __init__(self) -> None:
        self.chosen = SQLITE
        self.postgres = Postgres()
        self._nats: NatsServer | None = None
        self._numbers = itertools.count(1)
        self._folder: tempfile.TemporaryDirectory[str] | None = None

    def settings(self, data: Path) -> dict[str, Any]:
        """What Settings must have besides `data`; the same directory keeps its database."""
        if self.chosen == SQLITE:
            return {}
        url = self.postgres.database(data)
        prefix = url.rpartition("/")[2]
        return {"database_url": url, "bus_url": self.nats_url, "bus_prefix": prefix, "name": "main", "drain_s": 0.0}

    @asynccontextmanager
    async def opened(self, data: Path) -> AsyncIterator[tuple[Database, Bus]]:
        """A migrated database and a bus."""
        if self.chosen == SQLITE:
            path = data / "csms.db"
            shutil.copy(self._template(), path)
            embedded = SqliteDatabase(path)
            yield embedded, MemoryBus()
            await embedded.close()
            return
        database, tasks = PostgresDatabase(self.postgres.database(data), pool_size=4), Tasks()
        bus = NatsBus(self.nats_url, tasks, prefix=f"test{next(self._numbers)}")
        await bus.start()
        yield database, bus
        await bus.close()
        await tasks.stop()
        await database.close()

    def _template(self) -> Path:
        """An empty SQLite database, migrated once."""
        if self._folder is None:
            self._folder = tempfile.TemporaryDirectory(prefix="csms-test-")
            migrate.upgrade_sqlite(Path(self._folder.name) / "empty.db")
        return Path(self._folder.name) / "empty.db"

    @property
    def nats_url(self) -> str:
        if self._nats is None and (named := os.environ.get("CSMS_TEST_NATS_URL")) is not None:
            return named
        if self._nats is None:
            self._nats = NatsServer()
            self._nats.start()
        return self._nats.url

    def close(self) -> None:
        self.postgres.close()
        if self._folder is not None:
            self._folder.cleanup()
            self._folder = None
        if self._nats is not None:
            self._nats.stop()
            self._nats = None


SETUP = Setup()
