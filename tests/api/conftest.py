"""The API over a real database, asked through ASGI."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from argon2 import PasswordHasher
from fastapi import FastAPI

from csms.api.app import create_app
from csms.api.context import ApiContext, ApiSettings
from csms.domain.accounts import service as accounts
from csms.domain.accounts.passwords import Passwords
from csms.domain.accounts.rules import SYSTEM, Role
from csms.kit.tasks import Tasks

from ..setups import SETUP

BASE = "http://bluesky.test"
ANA = {"email": "ana@example.org", "password": "three random words"}


class HandClock:
    """A clock that the test sets."""

    def __init__(self) -> None:
        self.at = datetime(2030, 1, 31, 12, tzinfo=UTC)

    def now(self) -> datetime:
        return self.at

    def monotonic(self) -> float:
        return self.at.timestamp()

    def pass_by(self, **duration: float) -> None:
        self.at += timedelta(**duration)


@pytest.fixture
def clock() -> HandClock:
    return HandClock()


@pytest.fixture
async def context(tmp_path: Path, clock: HandClock) -> AsyncIterator[ApiContext]:
    tasks = Tasks()
    cheap = Passwords(PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))
    async with SETUP.opened(tmp_path) as (database, bus):
        yield ApiContext(database, bus, clock, tasks, b"k" * 32, ApiSettings(), cheap)
        await tasks.stop()


Settle = Callable[[], Awaitable[None]]


@pytest.fixture
def settle(context: ApiContext) -> Settle:
    """Lets the notes of use be written."""

    async def wait() -> None:
        while context.touches.under_way:  # noqa: ASYNC110 - the notes are tasks of their own
            await asyncio.sleep(0.001)

    return wait


@pytest.fixture
def app(context: ApiContext) -> FastAPI:
    return create_app(context)


Connect = Callable[..., httpx.AsyncClient]


@pytest.fixture
async def connect(app: FastAPI) -> AsyncIterator[Connect]:
    """Makes clients, each with its own cookies; keyword arguments are httpx's."""
    clients: list[httpx.AsyncClient] = []

    def new(*, address: str = "203.0.113.7", base_url: str = BASE, **options: Any) -> httpx.AsyncClient:
        transport = httpx.ASGITransport(app, client=(address, 40_000))
        clients.append(httpx.AsyncClient(transport=transport, base_url=base_url, **options))
        return clients[-1]

    yield new
    for client in clients:
        await client.aclose()


@pytest.fixture
def client(connect: Connect) -> httpx.AsyncClient:
    """Nobody in particular."""
    return connect()


async def _with_key(context: ApiContext, connect: Connect, role: Role) -> httpx.AsyncClient:
    async with context.database.unit() as session:
        _, text = await accounts.create_api_key(
            session, f"the tests' {role}", [accounts.NewGrant(role)], context.clock.now()
        )
    return connect(headers={"Authorization": f"Bearer {text}"})


@pytest.fixture
async def admin(context: ApiContext, connect: Connect) -> httpx.AsyncClient:
    """Has an administrator's API key."""
    return await _with_key(context, connect, Role.ADMINISTRATOR)


@pytest.fixture
async def viewer(context: ApiContext, connect: Connect) -> httpx.AsyncClient:
    """Has a viewer's API key."""
    return await _with_key(context, connect, Role.VIEWER)


@pytest.fixture
async def ana(context: ApiContext, connect: Connect) -> httpx.AsyncClient:
    """The browser of Ana, an administrator who is signed in."""
    sealed = await context.passwords.hash(ANA["password"])
    async with context.database.unit() as session:
        await accounts.create_user(
            session,
            SYSTEM,
            email=ANA["email"],
            name="Ana Meyer",
            grants=[accounts.NewGrant(Role.ADMINISTRATOR)],
            password_hash=sealed,
            now=context.clock.now(),
        )
    browser = connect(headers={"Origin": BASE, "User-Agent": "Firefox"})
    assert (await browser.post("/api/v1/sign-in", json=ANA)).status_code == 200
    return browser
