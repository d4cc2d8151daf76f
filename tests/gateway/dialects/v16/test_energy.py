"""Two cars at one station never mix, and energy never disappears, in whatever order their frames come."""

import json
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from hypothesis import given, settings
from hypothesis import strategies as st

from ....harness.pure import PureDriver

TOKENS = ("FRIEND", "SON", "OTHER", "STRANGER", "BLOCKED")
FIRST_WH = {1: 1_000_000, 2: 5_000_000}  # far apart, so that a register tells its connector
UNKNOWN = -1  # what a station calls a transaction whose start was never answered (errata 3.18)


class Charge(NamedTuple):
    """A car's charge as the station means to tell it: what the register gains between its frames, in Wh.

    `start_lost`: the start never left the station; `answer_lost`: it is said again; `stop_lost`: the end is never told.
    """

    token: str
    gains_wh: list[int]
    start_lost: bool
    answer_lost: bool
    stop_lost: bool


CHARGES = st.lists(
    st.builds(
        Charge, st.sampled_from(TOKENS), st.lists(st.integers(0, 3000), max_size=4), st.booleans(), st.booleans(),
        st.booleans(),
    ),
    max_size=4,
)  # fmt: skip


@dataclass
class Told:
    """A charge as it was told in the end: by whom, from which register to which, and the registers of its readings."""

    connector: int
    charge: Charge
    meter_start_wh: int
    transaction_id: int = UNKNOWN
    meter_wh: int = 0
    readings_wh: list[int] = field(default_factory=list)


@dataclass
class Plug:
    """One connector, telling one charge after the other; each `next()` is a frame."""

    station: "Station"
    connector: int
    charges: list[Charge]
    told: list[Told] = field(default_factory=list)

    async def tell(self) -> AsyncIterator[None]:
        register = FIRST_WH[self.connector]
        for charge in self.charges:
            now = Told(self.connector, charge, register, meter_wh=register)
            self.told.append(now)
            if not charge.start_lost:
                await self._start(now)
                yield
            for gain in charge.gains_wh:
                now.meter_wh = register = register + gain
                now.readings_wh.append(register)
                value = {"timestamp": self.station.time(), "sampledValue": [{"value": str(register)}]}
                said = {"connectorId": self.connector, "transactionId": now.transaction_id, "meterValue": [value]}
                await self.station.call("MeterValues", said)
                yield
            if not charge.stop_lost:
                said = {"transactionId": now.transaction_id, "meterStop": register, "timestamp": self.station.time()}
                await self.station.call("StopTransaction", said)
                yield

    async def _start(self, now: Told) -> None:
        said = {
            "connectorId": self.connector,
            "idTag": now.charge.token,
            "meterStart": now.meter_start_wh,
            "timestamp": self.station.time(),
        }
        answers = [await self.station.call("StartTransaction", said) for _ in range(1 + now.charge.answer_lost)]
        assert len({answer["transactionId"] for answer in answers}) == 1
        now.transaction_id = answers[0]["transactionId"]


class Station:
    """A station with two plugs, whose frames come in the order that `turns` says."""

    def __init__(self, first: list[Charge], second: list[Charge]) -> None:
        self.driver = PureDriver()
        self.plugs = [Plug(self, 1, first), Plug(self, 2, second)]
        self._message_ids = 0

    def time(self) -> str:
        return self.driver.now.isoformat()

    async def call(self, action: str, payload: dict[str, Any]) -> Any:
        self._message_ids += 1
        await self.driver.say("A", json.dumps([2, str(self._message_ids), action, payload]))
        kind, _, answer = await self.driver.hear("A")
        assert kind == 3
        return answer

    async def live(self, turns: list[int]) -> None:
        """0 and 1 are a frame of either plug, 2 is a new connection; then what is left."""
        frames = [plug.tell() for plug in self.plugs]
        for turn in turns:
            if turn == 2:
                await self.driver.reconnect()
            else:
                await anext(frames[turn], None)
        for left in frames:
            async for _ in left:
                pass

    def told(self) -> Iterator[Told]:
        for plug in self.plugs:
            yield from plug.told

    def rows(self, table: str) -> list[dict[str, Any]]:
        return self.driver.tables.rows(table)


TURNS = st.lists(st.sampled_from((0, 1, 0, 1, 2)), max_size=30)


@settings(max_examples=150, deadline=None)
@given(CHARGES, CHARGES, TURNS)
async def test_two_cars_at_one_station_never_mix(first: list[Charge], second: list[Charge], turns: list[int]) -> None:
    station = Station(first, second)
    await station.live(turns)
    begun = [told for told in station.told() if told.transaction_id != UNKNOWN]
    sessions = {row["id"]: row for row in station.rows("sessions")}
    assert sessions.keys() == {told.transaction_id for told in begun}
    assert len(sessions) == len(begun)
    for told in begun:
        row = sessions[told.transaction_id]
        assert (row["evse"], row["id_token"]) == (told.connector, told.charge.token)
        assert (row["meter_start_wh"], row["energy_wh"]) == (told.meter_start_wh, told.meter_wh - told.meter_start_wh)
        assert row["meter_stop_wh"] == (None if told.charge.stop_lost else told.meter_wh)
        readings = [reading for reading in station.rows("readings") if reading["session_id"] == row["id"]]
        assert [reading["energy_wh"] for reading in readings] == told.readings_wh
        assert {reading["evse"] for reading in readings} <= {told.connector}


@settings(max_examples=150, deadline=None)
@given(CHARGES, CHARGES, TURNS)
async def test_energy_never_disappears(first: list[Charge], second: list[Charge], turns: list[int]) -> None:
    """What a transaction reported is in exactly one session; what belongs to none is kept, and asks for review."""
    station = Station(first, second)
    await station.live(turns)
    known = [told for told in station.told() if told.transaction_id != UNKNOWN]
    lost = [told for told in station.told() if told.transaction_id == UNKNOWN]
    items = station.rows("review_items")
    assert sum(row["energy_wh"] for row in station.rows("sessions")) == sum(
        told.meter_wh - told.meter_start_wh for told in known
    )
    for row in station.rows("sessions"):
        asked = {item["kind"] for item in items if item["session_id"] == row["id"]}
        if row["energy_wh"] and row["authorization"] != "accepted" and row["state"] == "ended":
            assert asked & {"refused_energy", "not_stopped"}
        assert (row["ended_by"] == "new_transaction") == ("not_stopped" in asked)
    unclaimed = [reading["energy_wh"] for reading in station.rows("readings") if reading["session_id"] is None]
    assert sorted(unclaimed) == sorted(wh for told in lost for wh in told.readings_wh)
    subjects = {item["subject"] for item in items if item["kind"] == "unknown_transaction"}
    assert ("-1" in subjects) == any(told.readings_wh for told in lost)
    for told in lost:
        ends = [subject for subject in subjects if f" {told.meter_wh} Wh," in subject]
        assert bool(ends) or told.charge.stop_lost
