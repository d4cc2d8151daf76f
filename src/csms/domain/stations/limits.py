"""The most power that an evse gives, as far as people have said it of its connectors."""

from collections.abc import Iterable, Sequence
from typing import Final

from sqlalchemy import Connection, select

from csms.domain.stations.model import Connector
from csms.kit.lookups import Lookup

_DIRECT: Final = frozenset({"IEC_62196_T1_COMBO", "IEC_62196_T2_COMBO", "CHADEMO", "GBT_DC", "CHAOJI", "MCS", "NACS"})
_SINGLE_PHASE: Final = frozenset({"IEC_62196_T1", "IEC_62196_T3A", "IEC_60309_2_single_16"})
_PHASES: Final = 3

Said = tuple[int, int, str | None, int | None, int | None, int | None]

_SAID: Final = Lookup(
    select(
        Connector.station_id, Connector.evse, Connector.standard, Connector.max_power_w, Connector.max_current_a,
        Connector.max_voltage_v,
    ).where(Connector.evse > 0),
    Connector.station_id,
)  # fmt: skip


def limit_w(standard: str | None, power_w: int | None, current_a: int | None, voltage_v: int | None) -> int | None:
    """What a connector gives at most; None where too little is said. Current and voltage are those of each phase."""
    if power_w is not None:
        return power_w
    if current_a is None or voltage_v is None:
        return None
    one = standard is not None and (standard in _DIRECT or standard in _SINGLE_PHASE or standard.startswith("DOMESTIC"))
    return current_a * voltage_v * (1 if one else _PHASES)


def recall_limits(connection: Connection, ids: Sequence[int]) -> dict[int, dict[int, int]]:
    """By station and evse: the most that any of its connectors gives; an evse with one of which nothing is said is left out."""
    return limits_of(map(tuple, _SAID.rows(connection, ids)))


def limits_of(connectors: Iterable[Said]) -> dict[int, dict[int, int]]:
    """The same, of connectors that were read already: station, evse, standard, W, A, V of each."""
    found: dict[int, dict[int, int]] = {}
    unlimited: set[tuple[int, int]] = set()
    for station_id, evse, standard, power_w, current_a, voltage_v in connectors:
        limit = limit_w(standard, power_w, current_a, voltage_v)
        if limit is None:
            unlimited.add((station_id, evse))
        else:
            limits = found.setdefault(station_id, {})
            limits[evse] = max(limit, limits.get(evse, 0))
    for station_id, evse in unlimited:
        found.get(station_id, {}).pop(evse, None)
    return {station_id: limits for station_id, limits in found.items() if limits}
