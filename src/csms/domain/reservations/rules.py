"""What speaks against a reservation, as far as we know: a pure check, made only when it is asked for."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from csms.domain.authorization.rules import Authorization

BLOCKING = frozenset({"faulted", "unavailable", "reserved", "preparing", "charging", "suspended_ev", "suspended_evse",
                      "finishing"})  # fmt: skip


class Situation(NamedTuple):
    """What is known of a station: presence, the status of each evse, what is reserved (evse numbers, 0 any)."""

    online: bool
    statuses: Mapping[int, str]
    reserved: Sequence[int]
    zero_supported: bool


def objections(evse: int, decision: Authorization, situation: Situation) -> list[str]:
    """Every reason why the station would probably refuse, in words."""
    found = []
    if not decision.accepted:
        found.append(f"The id token may not charge: {decision.status}.")
    if not situation.online:
        found.append("The station is offline.")
    evses = {number: status for number, status in situation.statuses.items() if number > 0}
    if situation.statuses.get(0) in ("faulted", "unavailable"):
        found.append(f"The station is {situation.statuses[0]}.")
    if evse == 0:
        if not situation.zero_supported:
            found.append("The station does not support reservations without an evse.")
        free = sum(status not in BLOCKING for status in evses.values()) - sum(
            number == 0 for number in situation.reserved
        )
        if evses and free <= 0:
            found.append("No evse of the station is free.")
    elif evse not in evses:
        found.append(f"The station has no evse {evse}, as far as we know.")
    else:
        if evses[evse] in BLOCKING:
            found.append(f"Evse {evse} is {evses[evse]}.")
        if evse in situation.reserved and evses[evse] != "reserved":
            found.append(f"Evse {evse} is reserved already.")
    return found
