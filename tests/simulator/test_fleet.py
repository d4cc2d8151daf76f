"""Fleets left to themselves: they live believably, lose nothing, and do the same again for the same seed."""

from random import Random

import pytest

from csms.simulator import Behaviour, PacedClock, StationSpec, SteppedClock, make_specs, read_journal

STORMY = Behaviour(
    idle_s=600,
    session_s=(600, 2400),
    linger_s=(10, 120),
    bad_card_rate=0.15,
    emergency_stop_rate=0.1,
    fault_every_s=4 * 3600,
    offline_every_s=2 * 3600,
    power_cut_every_s=8 * 3600,
)
TAGS = ("ANNA", "BERT", "CARL", "DORA")
HOURS = 3600


async def live(stage, hours, *, seed=1, behaviour=STORMY, count=3, **options):
    specs = make_specs([f"SIM-{number}" for number in range(count)], seed=seed)
    fleet = stage.fleet(*specs, seed=seed, behaviour=behaviour, id_tags=TAGS, **options)
    await fleet.start()
    await fleet.clock.advance(hours * HOURS)
    return fleet


def reconcile(csms, fleet):
    """Every transaction the journal calls acknowledged, against what the central system heard."""
    starts = {}
    for received in csms.of("StartTransaction"):
        payload = received.payload
        key = (received.station, payload["connectorId"], payload["idTag"], payload["meterStart"], payload["timestamp"])
        starts[key] = payload
    stops = {p["transactionId"]: p for p in csms.payloads("StopTransaction")}
    records = fleet.journal.records()
    assert len(starts) == sum(record.transaction_id is not None for record in records)
    for record in records:
        if record.stop_acknowledged:
            assert stops[record.transaction_id]["meterStop"] == record.meter_stop_wh
            assert stops[record.transaction_id]["reason"] == record.reason
    return records


async def test_a_stormy_day_loses_nothing(stage, csms):
    csms.id_tags["DORA"] = {"status": "Blocked"}
    csms.id_tags["UNKNOWN-CARD-1"] = csms.id_tags["UNKNOWN-CARD-2"] = {"status": "Invalid"}
    fleet = await live(stage, 24)
    await fleet.stop(finish=True)

    records = reconcile(csms, fleet)
    assert len(records) > 50
    assert {"Local", "EVDisconnected"} <= {record.reason for record in records}
    assert {"PowerLoss", "Other", "EmergencyStop"} & {record.reason for record in records}
    assert sum(record.energy_wh for record in records) == pytest.approx(fleet.snapshot().energy_wh, abs=len(records))
    for status in ("Available", "Preparing", "Charging", "Finishing", "Faulted"):
        assert any(p["status"] == status for p in csms.payloads("StatusNotification"))
    assert len(csms.of("Heartbeat")) > 500


async def test_answers_that_get_lost_lose_nothing(stage, csms, calm):
    chance = Random(7)
    csms.loses = lambda: chance.random() < 0.05
    fleet = await live(stage, 12, behaviour=calm)
    csms.loses = lambda: False
    await fleet.clock.advance(600)
    await fleet.stop(finish=True)

    records = reconcile(csms, fleet)
    assert all(record.stop_acknowledged for record in records)
    assert len(csms.of("StartTransaction")) > len(records)  # some were sent twice
    assert len({(received.station, received.message_id) for received in csms.received}) == len(csms.received)
    for record in records:
        assert record.readings == record.readings_acknowledged


async def test_after_the_storm_all_is_well_and_nobody_comes(stage, csms):
    storm = Behaviour(idle_s=60, fault_every_s=400, fault_s=(1e6, 1e6), offline_every_s=None, power_cut_every_s=900,
                      power_cut_s=(1e6, 1e6))  # fmt: skip
    fleet = await live(stage, 1, behaviour=storm, count=6)
    assert fleet.snapshot().faulted
    assert fleet.snapshot().online < len(fleet)
    await fleet.calm()
    await fleet.clock.advance(600)
    after = fleet.snapshot()
    assert (after.accepted, after.faulted, after.queued) == (len(fleet), 0, 0)
    await fleet.clock.advance(HOURS)
    assert fleet.snapshot().transactions == after.transactions
    await fleet.stop(finish=True)
    assert all(record.stop_acknowledged for record in reconcile(csms, fleet))


async def test_the_registers_never_run_backwards(stage, csms):
    fleet = await live(stage, 12)
    for station in fleet:
        for connector in station.connectors:
            meters = [
                (record.meter_start_wh, record.meter_stop_wh)
                for record in fleet.journal.records(station.identity)
                if record.connector_id == connector.connector_id and record.meter_stop_wh is not None
            ]
            readings = [wh for pair in meters for wh in pair]
            assert readings == sorted(readings)


async def test_the_same_seed_says_the_same_things(stage, csms):
    def said():
        by_station = {}
        for received in csms.received:
            by_station.setdefault(received.station, []).append((received.action, received.payload))
        csms.received.clear()
        return by_station

    csms.boot["currentTime"] = "2026-03-02T08:00:00Z"
    start = stage.clock.now()
    days = []
    for seed in (1, 1, 2):
        csms._transaction_ids = iter(range(1, 10_000))
        fleet = await live(stage, 8, seed=seed, clock=SteppedClock(start))
        await fleet.stop()
        days.append(said())
    first, again, other = days
    assert sum(map(len, first.values())) > 100
    assert first == again
    assert first != other


async def test_a_card_is_in_one_place_at_a_time(stage, csms, calm):
    fleet = await live(stage, 12, behaviour=calm)
    used = {tag: [] for tag in TAGS}
    for record in fleet.journal.records():
        if record.id_tag in used:
            used[record.id_tag].append((record.started_at, record.stopped_at or fleet.clock.now()))
    for stays in used.values():
        moments = [moment for stay in sorted(stays) for moment in stay]
        assert len(moments) > 4
        assert moments == sorted(moments)


async def test_a_remote_start_on_an_idle_station_brings_a_driver(stage, csms, calm):
    fleet = stage.fleet(StationSpec("CS-1"), behaviour=Behaviour(idle_s=1e9, fault_every_s=None), id_tags=TAGS)
    await fleet.start()
    await fleet.clock.advance(15)
    await csms.call("CS-1", "RemoteStartTransaction", {"idTag": "APP", "connectorId": 1})
    await fleet.clock.advance(46)
    assert [p["idTag"] for p in csms.payloads("StartTransaction")] == ["APP"]
    await fleet.clock.advance(3 * HOURS)
    assert csms.statuses(1)[-1] == "Available"


async def test_the_central_system_goes_away_and_comes_back(stage, csms, calm):
    fleet = await live(stage, 2, behaviour=calm)
    for station in fleet:
        csms.drop(station.identity)
    await fleet.clock.advance(4 * HOURS)
    assert fleet.snapshot().online == 3
    await fleet.stop(finish=True)
    reconcile(csms, fleet)
    assert fleet.snapshot().queued == 0


async def test_the_journal_is_on_disk_after_every_change(stage, csms, tmp_path, calm):
    path = tmp_path / "journal.jsonl"
    fleet = await live(stage, 6, behaviour=calm, journal=path)
    assert read_journal(path) == fleet.journal.records()
    with path.open("ab") as file:
        file.write(b'{"station":"SIM-1","number":1,"conn')  # killed in the middle of a line
    assert read_journal(path) == fleet.journal.records()


async def test_time_can_also_just_pass(stage, csms, calm):
    fleet = stage.fleet(
        *make_specs(["A", "B"]), clock=PacedClock(speed=3600), behaviour=Behaviour(start_spread_s=1, idle_s=60)
    )
    heard = csms.heard("StartTransaction")
    await fleet.start()
    await fleet.all_accepted()
    assert fleet.snapshot().accepted == 2
    await heard


async def test_identities_differ(stage):
    with pytest.raises(ValueError, match="same identity"):
        stage.fleet(StationSpec("CS-1"), StationSpec("CS-1"))


async def test_a_configuration_that_cannot_be(stage):
    with pytest.raises(ValueError, match="MeterValueSampleInterval does not take 'often'"):
        stage.fleet(StationSpec("CS-1", configuration={"MeterValueSampleInterval": "often"}))
