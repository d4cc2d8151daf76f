"""The car at the plug: how much power its battery takes as it fills."""

from dataclasses import dataclass
from random import Random

from csms.simulator.spec import ConnectorSpec

LEAST_AC_W_PER_PHASE = 1_380
"""IEC 61851 knows no charging current below 6 A; under this the station has to pause."""

_STEP_S = 10.0
_EFFICIENCY = 0.93
_DC_CURVE = ((0.0, 0.75), (8.0, 1.0), (50.0, 1.0), (80.0, 0.45), (95.0, 0.12), (100.0, 0.05))
_AC_CURVE = ((0.0, 1.0), (96.0, 1.0), (100.0, 0.25))


def _share(curve: tuple[tuple[float, float], ...], soc_percent: float) -> float:
    low_soc, low = curve[0]
    for high_soc, high in curve[1:]:
        if soc_percent <= high_soc:
            return low + (high - low) * (soc_percent - low_soc) / (high_soc - low_soc)
        low_soc, low = high_soc, high
    return low


@dataclass(slots=True)
class Car:
    """A battery behind an on-board charger (AC) and a fast-charging inlet (DC)."""

    capacity_wh: float = 60_000
    soc_percent: float = 30.0
    max_ac_w: float = 11_000
    ac_phases: int = 3
    max_dc_w: float = 150_000
    target_percent: float = 100.0

    @property
    def full(self) -> bool:
        return self.soc_percent >= self.target_percent

    def accepted_w(self, connector: ConnectorSpec) -> float:
        """What the car would draw now from an unlimited connector of this kind."""
        if self.full:
            return 0.0
        if connector.kind == "DC":
            return self.max_dc_w * _share(_DC_CURVE, self.soc_percent)
        phases = min(self.ac_phases, connector.phases)
        return self.max_ac_w / self.ac_phases * phases * _share(_AC_CURVE, self.soc_percent)

    def power_w(self, connector: ConnectorSpec, limit_w: float) -> float:
        """What flows now under the connector's own limit and `limit_w`; 0 when either side pauses."""
        if limit_w < least_power_w(connector):
            return 0.0
        return min(self.accepted_w(connector), connector.max_power_w, limit_w)

    def charge(self, connector: ConnectorSpec, limit_w: float, seconds: float) -> float:
        """Charge for `seconds`; the energy taken at the plug in Wh, filling the battery by what arrives in it."""
        taken_wh = 0.0
        while seconds > 0 and not self.full:
            step_s = min(seconds, _STEP_S)
            step_wh = self.power_w(connector, limit_w) * step_s / 3_600
            if not step_wh:
                break
            self.fill(step_wh)
            taken_wh += step_wh
            seconds -= step_s
        return taken_wh

    def fill(self, wh: float) -> None:
        """Put energy measured at the plug into the battery."""
        gained = wh * _EFFICIENCY / self.capacity_wh * 100
        self.soc_percent = min(self.target_percent, self.soc_percent + gained)


def least_power_w(connector: ConnectorSpec) -> float:
    """The least power the connector can offer; below, it has to pause (SuspendedEVSE)."""
    return LEAST_AC_W_PER_PHASE if connector.kind == "AC" else 1_000


_MODELS = (
    Car(capacity_wh=39_000, max_ac_w=6_600, ac_phases=1, max_dc_w=46_000),
    Car(capacity_wh=52_000, max_ac_w=22_000, ac_phases=3, max_dc_w=46_000),
    Car(capacity_wh=58_000, max_ac_w=11_000, ac_phases=3, max_dc_w=120_000),
    Car(capacity_wh=77_000, max_ac_w=11_000, ac_phases=3, max_dc_w=135_000),
    Car(capacity_wh=75_000, max_ac_w=11_000, ac_phases=3, max_dc_w=250_000),
    Car(capacity_wh=93_000, max_ac_w=11_000, ac_phases=3, max_dc_w=270_000),
    Car(capacity_wh=12_000, max_ac_w=3_700, ac_phases=1, max_dc_w=22_000),
)


def arriving_car(random: Random) -> Car:
    """A car as they come: mostly half empty, some nearly full, most drivers leave the limit at 100 %."""
    model = random.choice(_MODELS)
    return Car(
        capacity_wh=model.capacity_wh,
        soc_percent=round(random.triangular(4.0, 92.0, 35.0), 1),
        max_ac_w=model.max_ac_w,
        ac_phases=model.ac_phases,
        max_dc_w=model.max_dc_w,
        target_percent=random.choice((80.0, 90.0, 100.0, 100.0)),
    )
