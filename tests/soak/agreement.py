"""Two logs side by side: what the stations know of their transactions, and our sessions."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

from csms.simulator import TransactionRecord

Row = dict[str, Any]
_EXPECTED: Final = {
    "refused_energy",  # a station may charge a little before it hears that a card was refused
    "not_stopped",  # a start overtakes nothing, but a stop may be missed for a while and come late
}


def agree(records: Sequence[TransactionRecord], tables: dict[str, list[Row]]) -> None:
    """Every transaction once, to the Wh, with its end and its readings, and nothing that no station knows of."""
    assert records
    sessions = _by_start(tables)
    read = _read_at(tables["readings"])
    for record in records:
        assert record.stop_acknowledged, f"never delivered: {record}"
        session = sessions.pop((record.station, record.connector_id, record.started_at))
        assert record.transaction_id == session["id"], record
        assert (session["meter_start_wh"], session["energy_wh"]) == (record.meter_start_wh, record.energy_wh), record
        ended = (session["state"], session["ended_by"], session["ended_at"])
        assert ended == ("ended", "station", record.stopped_at), record
        assert len(read[session["id"]]) >= record.readings_acknowledged == record.readings, record
    assert not sessions, f"no station knows of {list(sessions.values())[:3]}"
    unexpected = [row for row in tables["review_items"] if row["kind"] not in _EXPECTED]
    assert not unexpected, unexpected[:3]


def refused_in_vain(sessions: Sequence[Row]) -> list[Row]:
    """Sessions that were told ConcurrentTx although no other of their id token was open when they came."""
    by_token: dict[str, list[Row]] = defaultdict(list)
    for session in sessions:
        by_token[session["id_token_key"]].append(session)
    return [
        session
        for session in sessions
        if session["authorization"] == "concurrent"
        and not any(_is_open_at(session["started_received_at"], other) for other in by_token[session["id_token_key"]])
    ]


def _is_open_at(moment: datetime, session: Row) -> bool:
    return bool(session["started_received_at"] < moment < session["ended_received_at"])


def _by_start(tables: dict[str, list[Row]]) -> dict[tuple[str, int, datetime], Row]:
    names = {row["id"]: row["identity"] for row in tables["stations"]}
    sessions: dict[tuple[str, int, datetime], Row] = {}
    for row in tables["sessions"]:
        key = (names[row["station_id"]], row["evse"], row["started_at"])
        assert key not in sessions, f"twice: {key}"
        sessions[key] = row
    return sessions


def _read_at(readings: Sequence[Row]) -> dict[int | None, set[datetime]]:
    """The moments of which a session has readings; the same reading delivered twice counts once."""
    read: dict[int | None, set[datetime]] = defaultdict(set)
    for row in readings:
        read[row["session_id"]].add(row["at"])
    return read
