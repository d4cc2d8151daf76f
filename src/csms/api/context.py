"""What the HTTP API works with, handed in by the composition root."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Annotated

from fastapi import Depends, Request

from csms.api.scoping import ScopedDatabase
from csms.api.touches import Touches
from csms.domain.accounts.passwords import Passwords
from csms.domain.accounts.rules import NOWHERE
from csms.domain.accounts.web_sessions import Lifetime
from csms.domain.certificates.ports import AuthoritySource
from csms.domain.firmware.ports import FileStore, NoFiles
from csms.domain.quirks.profiles import Profiles
from csms.kit.bus import Bus
from csms.kit.clock import Clock
from csms.kit.database import Database
from csms.kit.sealing import Seal
from csms.kit.tasks import Tasks


def _always_ready() -> str | None:
    return None


@dataclass(frozen=True, slots=True)
class ApiSettings:
    """`public_url` is where people reach the API (None: wherever they asked); `ocpp_url` is what an installer pastes into a
    station, before its identity, `ocpp_tls_url` the same over TLS, if there is such a door. `map_tile_url` has {z}, {x} and {y};
    without it the console draws its own map. `ready` says why the system cannot
    serve at the moment, or None.
    """

    public_url: str | None = None
    secure_cookies: bool = False
    session_hours: int = 12
    session_days_at_most: int = 30
    docs: bool = True
    ocpp_url: str = "ws://127.0.0.1:9000/ocpp/"
    ocpp_tls_url: str | None = None
    map_tile_url: str | None = None
    ready: Callable[[], str | None] = _always_ready


@dataclass(frozen=True, slots=True)
class ApiContext:
    """Ports and settings; `station_key` keys the fingerprints of generated station passwords.

    In a request `database` shows what its caller may see. `whole` is all of it: only for what follows from more than that, and
    only once it is known that the caller may have it done. Once the process is `leaving`, nobody is kept waiting for long.
    """

    database: Database
    bus: Bus
    clock: Clock
    tasks: Tasks
    station_key: bytes
    settings: ApiSettings = field(default_factory=ApiSettings)
    passwords: Passwords = field(default_factory=Passwords)
    touches: Touches = field(default_factory=Touches)
    authority: AuthoritySource | None = None
    files: FileStore = field(default_factory=NoFiles)
    unscoped: Database | None = None
    profiles: Profiles = field(default_factory=Profiles)
    leaving: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def whole(self) -> Database:
        return self.unscoped or self.database

    @property
    def seal(self) -> Seal:
        """Under which secrets wait for their stations."""
        return Seal(self.station_key)

    @property
    def lifetime(self) -> Lifetime:
        """How long a web session lives."""
        settings = self.settings
        return Lifetime(timedelta(hours=settings.session_hours), timedelta(days=settings.session_days_at_most))


def _context_of(request: Request) -> ApiContext:
    context = request.app.state.context
    assert isinstance(context, ApiContext)
    return context


def _scoped_context_of(request: Request) -> ApiContext:
    context = _context_of(request)
    seen = ScopedDatabase(context.database, lambda: getattr(request.state, "scope", NOWHERE))
    return replace(context, database=seen, unscoped=context.database)


# `Context` is for routes that declare a right (api/rights.py); without one it sees nothing. `OpenContext` is for those that
# anybody may call, or who asks only about themselves.
Context = Annotated[ApiContext, Depends(_scoped_context_of)]
OpenContext = Annotated[ApiContext, Depends(_context_of)]
