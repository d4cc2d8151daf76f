"""What people say of a station's evses and connectors; what the station says of them comes with the station."""

from typing import Annotated, Literal

from fastapi import Path
from pydantic import Field

from csms.api.context import Context
from csms.api.operator.station_views import StationOut, show_stations
from csms.api.rights import MayChangeStations
from csms.api.routing import router
from csms.api.schemas import Change, Name
from csms.domain.stations.verbs import evses as verbs
from csms.domain.stations.verbs import stations

station_evses = router("/stations", "Stations")

Number = Annotated[int, Path(ge=1, le=65_535)]
Standard = Literal[
    "IEC_62196_T1", "IEC_62196_T2", "IEC_62196_T3A", "IEC_62196_T3C", "IEC_62196_T1_COMBO", "IEC_62196_T2_COMBO", "CHADEMO",
    "GBT_AC", "GBT_DC", "CHAOJI", "TESLA_S", "NACS", "MCS", "DOMESTIC_A", "DOMESTIC_B", "DOMESTIC_C", "DOMESTIC_D",
    "DOMESTIC_E", "DOMESTIC_F", "DOMESTIC_G", "DOMESTIC_I", "DOMESTIC_J", "DOMESTIC_L", "IEC_60309_2_single_16",
    "IEC_60309_2_three_16", "IEC_60309_2_three_32", "IEC_60309_2_three_64",
]  # fmt: skip


class EvseChange(Change):
    """Only what is sent is changed."""

    name: Name | None = None


class ConnectorChange(Change):
    """Only what is sent is changed."""

    standard: Standard | None = Field(default=None, description="as OCPI 2.2.1 names plugs (ConnectorType)")
    format: Literal["socket", "cable"] | None = Field(default=None, description="cable: it has its own")
    max_power_w: Annotated[int, Field(ge=1, le=10_000_000)] | None = None
    max_current_a: Annotated[int, Field(ge=1, le=10_000, description="of each phase, or of direct current")] | None = (
        None
    )
    max_voltage_v: Annotated[int, Field(ge=1, le=10_000, description="to neutral, or of direct current")] | None = None


@station_evses.patch("/{identity}/evses/{evse}")
async def change_evse(
    actor: MayChangeStations, context: Context, identity: str, evse: Number, body: EvseChange
) -> StationOut:
    changes, now = body.model_dump(exclude_unset=True), context.clock.now()
    async with context.database.unit() as session:
        await verbs.change_evse(session, context.bus, actor, identity, evse, changes, now)
        return (await show_stations(session, [await stations.get_station_view(session, identity)], actor))[0]


@station_evses.patch("/{identity}/evses/{evse}/connectors/{connector}")
async def change_connector(
    actor: MayChangeStations, context: Context, identity: str, evse: Number, connector: Number, body: ConnectorChange
) -> StationOut:
    changes, now = body.model_dump(exclude_unset=True), context.clock.now()
    async with context.database.unit() as session:
        await verbs.change_connector(session, context.bus, actor, identity, evse, connector, changes, now)
        return (await show_stations(session, [await stations.get_station_view(session, identity)], actor))[0]
