"""The verbs on commands: place one, wait for its end, look back at them."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from functools import partial
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from csms.domain.accounts.rules import SYSTEM, Actor
from csms.domain.commands import store
from csms.domain.commands.errors import CommandNotFound, StationOffline, UnsealedSecret
from csms.domain.commands.model import Command
from csms.domain.commands.secrets import with_secrets
from csms.domain.commands.store import CommandFilter, CommandView
from csms.domain.commands.verbs import RAW, Verb, payload_of
from csms.domain.stations import trail
from csms.domain.stations.bells import ring_after_commit
from csms.domain.stations.model import Station
from csms.domain.stations.verbs.stations import is_online
from csms.kit.bus import Bus
from csms.kit.database import Database
from csms.kit.ids import uuid7
from csms.kit.paging import Page, Slice
from csms.kit.sealing import Seal

__all__ = [
    "EXPIRES_IN_S",
    "TIMEOUT_S",
    "CommandFilter",
    "CommandView",
    "get_command",
    "list_commands",
    "place",
    "place_raw",
    "place_reading",
    "wait_until_settled",
]

EXPIRES_IN_S = 600.0
TIMEOUT_S = 30.0
_POLL_S = 1.0
_FIRST_LOOK_S = 0.05


async def list_commands(session: AsyncSession, asked: CommandFilter, wanted: Slice) -> Page[CommandView]:
    items, total = await store.page(session, asked, wanted)
    return Page(items, total, wanted.offset, wanted.limit)


async def get_command(session: AsyncSession, command_id: UUID) -> CommandView:
    """Raises CommandNotFound."""
    view = await store.find(session, command_id)
    if view is None:
        raise CommandNotFound
    return view


async def place(
    session: AsyncSession,
    bus: Bus,
    actor: Actor,
    station: Station,
    verb: str,
    payload: Verb,
    *,
    now: datetime,
    expires_in_s: float = EXPIRES_IN_S,
    timeout_s: float = TIMEOUT_S,
    seal: Seal | None = None,
) -> Command:
    """A command in our words. It waits up to `expires_in_s` for the station, then up to `timeout_s` for its answer.

    A secret in it is kept under `seal`, and refused without one.
    """
    what = (verb, verb, _sealed(payload_of(payload), seal))
    return await _place(session, bus, actor, station, what, now, expires_in_s, timeout_s)


async def place_reading(
    session: AsyncSession, bus: Bus, station_ids: Sequence[int], verb: str, payload: Verb, now: datetime
) -> None:
    """The same command to each of these stations, of our own accord; it only asks, so that the audit trail is without it."""
    if not station_ids:
        return
    row: dict[str, Any] = {"verb": verb, "action": verb, "payload": payload_of(payload), "state": "pending"}
    row |= {"requested_by": SYSTEM.label, "timeout_s": TIMEOUT_S}
    row |= {"created_at": now, "expires_at": now + timedelta(seconds=EXPIRES_IN_S)}
    await store.insert_all(session, [{"id": uuid7(now), "station_id": id_, **row} for id_ in station_ids])
    ring_after_commit(session, bus, *(f"commands.{id_}" for id_ in station_ids))


async def place_raw(
    session: AsyncSession,
    bus: Bus,
    actor: Actor,
    station: Station,
    action: str,
    payload: Mapping[str, Any],
    *,
    now: datetime,
    expires_in_s: float = TIMEOUT_S,
    timeout_s: float = TIMEOUT_S,
    seal: Seal | None = None,
) -> Command:
    """Any OCPP action with its own payload, sent now or never. Raises StationOffline."""
    if not await is_online(session, station.id):
        raise StationOffline(identity=station.identity)
    return await _place(
        session, bus, actor, station, (RAW, action, _sealed(payload, seal)), now, expires_in_s, timeout_s
    )


def _sealed(payload: Mapping[str, Any], seal: Seal | None) -> dict[str, Any]:
    def close(secret: str) -> str:
        if seal is None:
            raise UnsealedSecret
        return seal.close(secret)

    return with_secrets(payload, close)


async def _place(
    session: AsyncSession,
    bus: Bus,
    actor: Actor,
    station: Station,
    what: tuple[str, str, dict[str, Any]],
    now: datetime,
    expires_in_s: float,
    timeout_s: float,
) -> Command:
    verb, action, payload = what
    command = Command(
        id=uuid7(now),
        station_id=station.id,
        verb=verb,
        action=action,
        payload=payload,
        state="pending",
        requested_by=actor.label,
        created_at=now,
        expires_at=now + timedelta(seconds=expires_in_s),
        timeout_s=timeout_s,
    )
    session.add(command)
    after = {"command": str(command.id), "action": action}  # not the payload: it may carry a secret for the station
    await trail.record(session, actor, f"command:{verb}", station, None, after, now)
    ring_after_commit(session, bus, f"commands.{station.id}")
    return command


async def wait_until_settled(
    database: Database, bus: Bus, command_id: UUID, within_s: float, leaving: Callable[[], bool] = lambda: False
) -> CommandView:
    """The command once it is settled, or as it is after `within_s`, or soon after this process is `leaving`.

    Hears the bus; a slow poll makes good a lost ring. Nothing is settled in its first moment: to look then would only be in
    the way of those who send it.
    """
    loop = asyncio.get_running_loop()
    deadline = loop.time() + within_s
    rung = asyncio.Event()
    leave = bus.subscribe(f"settled.{command_id}", lambda _subject: rung.set())
    patience_s = _FIRST_LOOK_S
    try:
        while True:
            if (left_s := deadline - loop.time()) > 0:
                with suppress(TimeoutError):
                    await asyncio.wait_for(rung.wait(), min(left_s, patience_s))
            rung.clear()
            view = await database.look(partial(get_command, command_id=command_id))
            if view.settled or loop.time() >= deadline or leaving():
                return view
            patience_s = _POLL_S
    finally:
        leave()
