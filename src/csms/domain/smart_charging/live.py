"""What stations' answers mean for charging profiles: pure functions."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import msgspec

from csms.domain.commands.profiles import Profile
from csms.domain.smart_charging.changes import ProfileInstalled, ProfileReplaced, ScheduleReported, cleared
from csms.domain.smart_charging.rules import Interval
from csms.kit.changes import Change
from csms.kit.facts import Fact, detail


def installed(
    station_id: int, evse: int, profile: Profile, transaction_id: int | None, now: datetime, changes: list[Change]
) -> None:
    """The station took a profile, in the place of the one with its number, or with its purpose and level there (§5.16.3)."""
    number = profile.number or 0
    changes.append(ProfileReplaced(now, station_id, number))
    text = msgspec.json.encode(profile).decode()
    changes.append(
        ProfileInstalled(
            station_id, evse, profile.purpose, profile.stack_level, number, transaction_id, text, now, None
        )
    )
    said = detail(evse=evse, number=number, purpose=profile.purpose, stack_level=profile.stack_level)
    changes.append(Fact("ChargingProfileInstalled", now, station_id, None, said))


def removed(
    station_id: int,
    number: int | None,
    evse: int | None,
    purpose: str | None,
    stack_level: int | None,
    now: datetime,
    changes: list[Change],
) -> None:
    """The station cleared what its filter says: a number decides alone, else everything given must match (errata 3.25, 3.26)."""
    if number is not None:
        changes.append(ProfileReplaced(now, station_id, number))
        said = detail(number=number)
    else:
        changes.append(cleared(now, station_id, evse=evse, purpose=purpose, stack_level=stack_level))
        said = detail(evse=evse, purpose=purpose, stack_level=stack_level)
    changes.append(Fact("ChargingProfilesCleared", now, station_id, None, said))


def schedule_reported(
    station_id: int,
    evse: int,
    command_id: UUID | None,
    start_at: datetime | None,
    duration_s: int,
    unit: str | None,
    periods: Sequence[Interval] | None,
    now: datetime,
    changes: list[Change],
) -> None:
    """The station's own composite schedule; `periods` None: it refused to tell."""
    status = "rejected" if periods is None else "accepted"
    text = None if periods is None else msgspec.json.encode(periods).decode()
    changes.append(ScheduleReported(station_id, evse, command_id, status, start_at, duration_s, unit, text, now))
