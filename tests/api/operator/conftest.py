"""What a gateway would have left in the database, and a gateway that answers commands."""

import json
from collections.abc import AsyncIterator, Callable
from datetime import timedelta
from typing import Any

import httpx
import pytest
from sqlalchemy import insert, update

from csms.api.context import ApiContext
from csms.domain.authorization.model import Refusal
from csms.domain.authorization.rules import token_key
from csms.domain.commands.claim import next_waiting
from csms.domain.commands.model import Command
from csms.domain.sessions.model import Reading, ReviewItem, Session
from csms.domain.stations.model import ConfigurationKey, Connector, Evse, Frame, Link, UnknownStation
from csms.domain.stations.verbs.stations import get_station
from csms.kit.clock import microseconds
from csms.kit.facts import FactRow
from csms.kit.ids import uuid7_of


class World:
    """Writes rows as the gateway does; times are the clock's unless given."""

    def __init__(self, context: ApiContext, admin: httpx.AsyncClient) -> None:
        self._context = context
        self._admin = admin
        self._transactions = 0

    async def _insert(self, table: type, **values: Any) -> None:
        async with self._context.database.unit() as session:
            await session.execute(insert(table).values(**values))

    async def station_id(self, identity: str) -> int:
        async with self._context.database.view() as session:
            return (await get_station(session, identity)).id

    async def location(self, name: str = "Harbour", **more: Any) -> str:
        if (await self._admin.get("/api/v1/organisations")).json()["total"] == 0:
            await self._admin.post("/api/v1/organisations", json={"name": "Blue Charging"})
        made = await self._admin.post("/api/v1/locations", json={"name": name, "time_zone": "Europe/Berlin", **more})
        assert made.status_code == 201, made.text
        return str(made.json()["id"])

    async def station(self, identity: str, *, online: bool | None = None, **more: Any) -> int:
        made = await self._admin.post("/api/v1/stations", json={"identity": identity, **more})
        assert made.status_code == 201, made.text
        station_id = await self.station_id(identity)
        if online is not None:
            now = self._context.clock.now()
            await self._insert(
                Link, station_id=station_id, epoch=1, online=online, gateway="g1", address="198.51.100.9",
                protocol="ocpp1.6", connected_at=now, disconnected_at=None if online else now, seen_at=now,
            )  # fmt: skip
        return station_id

    async def connector(self, identity: str, evse: int, status: str, **more: Any) -> None:
        station_id = await self.station_id(identity)
        if evse > 0:
            await self._insert(Evse, station_id=station_id, number=evse, name=None)
        values = {"number": 1 if evse else 0, "received_at": self._context.clock.now(), **more}
        await self._insert(Connector, station_id=station_id, evse=evse, status=status, **values)

    async def configuration(self, identity: str, key: str, value: str | None) -> None:
        await self._insert(
            ConfigurationKey, station_id=await self.station_id(identity), key=key, value=value, readonly=False,
            known=value is not None, reported_at=self._context.clock.now(),
        )  # fmt: skip

    async def session(self, identity: str, **more: Any) -> str:
        """Gives the session's uid; its transaction ids count from 1."""
        self._transactions += 1
        now = self._context.clock.now()
        station_id = await self.station_id(identity)
        uid = uuid7_of(now, station_id, self._transactions)
        id_token = more.pop("id_token", "CARD-1")
        values = {
            "evse": 1, "connector": 1, "state": "active", "group_id": None, "authorization": "accepted",
            "started_at": now, "started_received_at": now, "meter_start_wh": 1000, "energy_wh": 0, **more,
        }  # fmt: skip
        await self._insert(
            Session, id=self._transactions, uid=uid, station_id=station_id, id_token=id_token,
            id_token_key=token_key(id_token), **values,
        )  # fmt: skip
        return str(uid)

    async def ended(self, identity: str, energy_wh: int, **more: Any) -> str:
        """A session that has ended an hour after it began."""
        began = more.pop("started_at", self._context.clock.now())
        end = began + timedelta(hours=1)
        return await self.session(
            identity, state="ended", energy_wh=energy_wh, started_at=began, started_received_at=began, ended_at=end,
            ended_received_at=end, meter_stop_wh=1000 + energy_wh, ended_by="station", stop_reason="local", **more,
        )  # fmt: skip

    async def reading(self, identity: str, transaction_id: int, **more: Any) -> None:
        samples = [{"measurand": "Energy.Active.Import.Register", "value": 1500.0, "unit": "Wh"}]
        values = {
            "frame_id": 1, "number": 0, "evse": 1, "at": self._context.clock.now(), "context": "Sample.Periodic",
            "energy_wh": 1500.0, "power_w": 11_000.0, "soc_percent": None, "samples": json.dumps(samples).encode(), **more,
        }  # fmt: skip
        await self._insert(Reading, station_id=await self.station_id(identity), session_id=transaction_id, **values)

    async def frame(self, identity: str, call: bytes, **more: Any) -> int:
        """Gives the frame's id; without `at` a millisecond after the clock's time for each frame before."""
        at = more.pop("at", self._context.clock.now())
        frame_id = more.pop("id", microseconds(at))
        values = {"direction": "in", "action": "Heartbeat", "message_id": "m1", "outcome": "result", **more}
        await self._insert(Frame, station_id=await self.station_id(identity), id=frame_id, call=call, **values)
        return int(frame_id)

    async def review(self, identity: str, kind: str, subject: str, **more: Any) -> None:
        values = {"frame_id": 1, "at": self._context.clock.now(), "detail": "Look at this.", "state": "open", **more}
        await self._insert(ReviewItem, station_id=await self.station_id(identity), kind=kind, subject=subject, **values)

    async def fact(self, identity: str | None, kind: str, **more: Any) -> None:
        station_id = await self.station_id(identity) if identity is not None else None
        values = {"at": self._context.clock.now(), "session_id": None, "detail": {}, **more}
        await self._insert(FactRow, station_id=station_id, kind=kind, **values)

    async def refused(self, identity: str, id_token: str, authorization: str, **more: Any) -> None:
        values = {"at": self._context.clock.now(), "frame_id": 1, **more}
        await self._insert(
            Refusal, station_id=await self.station_id(identity), id_token=id_token, id_token_key=token_key(id_token),
            authorization=authorization, **values,
        )  # fmt: skip

    async def unknown(self, identity: str, **more: Any) -> None:
        now = self._context.clock.now()
        values = {
            "first_seen_at": now, "seen_at": now, "attempts": 1, "address": "198.51.100.23", "path": f"/ocpp/{identity}",
            "subprotocols": "ocpp1.6", "username": None, "user_agent": None, **more,
        }  # fmt: skip
        await self._insert(UnknownStation, identity=identity, **values)


@pytest.fixture
def world(context: ApiContext, admin: httpx.AsyncClient) -> World:
    return World(context, admin)


Answers = Callable[[str, dict[str, Any]], dict[str, Any]]


class Gateway:
    """Claims what the bus rings for and settles it as `answers(action, payload)` says; `took` is what it claimed."""

    def __init__(self, context: ApiContext) -> None:
        self._context = context
        self.answers: Answers = lambda _action, _payload: {"state": "accepted", "answer": {"status": "Accepted"}}
        self.took: list[tuple[str, str, dict[str, Any]]] = []
        self.asleep = False

    def rung(self, subject: str) -> None:
        if not self.asleep:
            self._context.tasks.start(self._settle(int(subject.removeprefix("commands."))), name="gateway")

    async def _settle(self, station_id: int) -> None:
        now = self._context.clock.now()
        async with self._context.database.unit() as session:
            waiting = await session.run_sync(lambda plain: next_waiting(plain.connection(), [station_id], now))
            if not waiting:
                return
            claim = waiting[station_id]
            self.took.append((claim.verb, claim.action, claim.payload))
            settled = {"frame_id": 1, "sent_at": now, "settled_at": now, **self.answers(claim.action, claim.payload)}
            await session.execute(update(Command).where(Command.id == claim.id).values(**settled))
        self._context.bus.ring(f"settled.{claim.id}")


@pytest.fixture
async def gateway(context: ApiContext) -> AsyncIterator[Gateway]:
    """Holds the links of stations that are online."""
    served = Gateway(context)
    leave = context.bus.subscribe("commands.", served.rung)
    yield served
    leave()
