"""What a station's reports of its connectors make of what we know of them."""

from datetime import UTC, datetime, timedelta

from csms.domain.stations.changes import ConnectorStatus
from csms.domain.stations.live import ACCEPTED, StationState, Status, report_status
from csms.kit.changes import Change

SEVEN = datetime(2030, 1, 1, 7, tzinfo=UTC)


def test_a_status_is_as_old_as_the_first_report_of_it() -> None:
    state = StationState(1, "CS-1", ACCEPTED, booted=True)

    def hear(status: str, at: datetime, now: datetime) -> tuple[str, datetime | None, datetime | None]:
        changes: list[Change] = []
        report_status(state, Status(1, 1, status, None, None, None, None, at), now, changes)
        row = [change for change in changes if isinstance(change, ConnectorStatus)][-1]
        return row.status, row.status_at, row.received_at

    hour = timedelta(hours=1)
    assert hear("available", SEVEN, SEVEN) == ("available", SEVEN, SEVEN)
    assert hear("available", SEVEN + hour, SEVEN + hour) == ("available", SEVEN + hour, SEVEN)
    assert hear("charging", SEVEN, SEVEN + 2 * hour) == ("charging", SEVEN, SEVEN + 2 * hour)
    assert hear("available", datetime(1970, 1, 1, tzinfo=UTC), SEVEN + 3 * hour)[2] == SEVEN + 3 * hour
