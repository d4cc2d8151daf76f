"""What stations did before anybody could hear them."""

from datetime import UTC, datetime, timedelta

from csms.simulator import BelatedClock, Car, ConnectorSpec, Fleet, StationSpec, Visit, relive
from csms.simulator.past import Mishap

COMES_AT = datetime(2026, 5, 20, 9, 30, tzinfo=UTC)
AN_HOUR = timedelta(hours=1)


async def _lived(*mishaps: Mishap | None) -> Fleet:
    """A car an hour, each of which takes 11 kWh, and what went wrong."""
    visits = [
        Visit(1, "ANA", Car(), at, at, at + AN_HOUR, at + AN_HOUR, mishap=mishap)
        for at, mishap in zip((COMES_AT, COMES_AT + 2 * AN_HOUR, COMES_AT + 4 * AN_HOUR), mishaps, strict=True)
    ]
    clock = BelatedClock(COMES_AT)
    spec = StationSpec("CS-1", (ConnectorSpec(meter_start_wh=1_000_000),))
    fleet = Fleet("ws://127.0.0.1:1/ocpp", [spec], clock=clock)
    await relive(clock, {"CS-1": visits}, list(fleet))
    await fleet.stop()
    return fleet


async def test_what_an_exchanged_meter_had_counted_still_counts() -> None:
    """The stop of such a transaction shows less than its start, and yet nothing of what was delivered is gone."""
    fleet = await _lived(None, "meter replaced", None)

    assert [(record.meter_start_wh, record.meter_stop_wh) for record in fleet.journal.records()] == [
        (1_000_000, 1_011_000), (1_011_000, 0), (0, 11_000),
    ]  # fmt: skip
    assert fleet.snapshot().energy_wh == 33_000
    assert (await _lived(None, None, None)).snapshot().energy_wh == 33_000
