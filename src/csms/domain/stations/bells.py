"""Doorbells that ring once a unit of work is committed, and never for one that was rolled back; and where gateways are found."""

from functools import partial

from sqlalchemy.ext.asyncio import AsyncSession

from csms.kit.bus import Bus
from csms.kit.database import after_commit

JUDGED_BY = "quirks."  # what a gateway judges a station's words by, besides the rules: its repairs, its limits


def ring_after_commit(session: AsyncSession, bus: Bus, *subjects: str) -> None:
    for subject in subjects:
        after_commit(session, partial(bus.ring, subject))


def ring_station_changed(session: AsyncSession, bus: Bus, station_id: int) -> None:
    """Tell the gateway to forget what it knows of the station, and whoever watches to look again."""
    ring_after_commit(session, bus, f"stations.{station_id}", f"live.{station_id}")


def place_of_gateway(name: str) -> str:
    """The name under which a gateway is there on the bus, while it holds links."""
    return f"gateway.{name}"
