"""What a station is made of and how the world around it behaves: plain values, no behaviour."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

FEATURE_PROFILES = (
    "Core",
    "FirmwareManagement",
    "LocalAuthListManagement",
    "RemoteTrigger",
    "Reservation",
    "SmartCharging",
)


@dataclass(frozen=True, slots=True)
class ConnectorSpec:
    """One plug: `max_power_w` is what it can deliver over all `phases` together (DC has no phases).

    `lock` says how the cable lock behaves when asked to open; "none" is a cable fixed to the station.
    """

    kind: Literal["AC", "DC"] = "AC"
    max_power_w: float = 22_000
    phases: Literal[1, 3] = 3
    lock: Literal["works", "fails", "none"] = "works"
    meter_start_wh: int = 0


@dataclass(frozen=True, slots=True)
class StationSpec:
    """One station as it leaves the factory; `configuration` overrides the default values of its configuration keys.

    `password` is sent as it stands in HTTP basic authentication. `security_profile` is 1 with a password, else 0, unless given;
    `trusted` are root certificates of central systems, `certificate` and `key` the station's own, all PEM.
    A station with `answers_hard_reset=False` drops its socket without a word when it is told to reset hard. With `transfers`
    it really puts and gets files over HTTP, in the manner that `uploads_by` says; otherwise it only reports that it did.
    """

    identity: str
    connectors: tuple[ConnectorSpec, ...] = (ConnectorSpec(),)
    vendor: str = "Skylark"
    model: str = "AC22"
    firmware: str = "1.4.2"
    password: str | None = None
    security_profile: int | None = None
    trusted: str | None = None
    certificate: str | None = None
    key: str | None = None
    feature_profiles: tuple[str, ...] = FEATURE_PROFILES
    configuration: Mapping[str, str] = field(default_factory=dict)
    answers_hard_reset: bool = True
    transfers: bool = False
    uploads_by: Literal["PUT", "POST", "multipart"] = "PUT"


@dataclass(frozen=True, slots=True)
class Behaviour:
    """How drivers, networks and hardware behave when nobody scripts them; times are simulated seconds.

    `*_every_s` are mean times between two happenings of a kind on a station (offline, faults, power cuts) that come
    at random; None switches them off. Rates are probabilities between 0 and 1. Ranges are (least, most).
    """

    idle_s: float = 1_800
    session_s: tuple[float, float] = (900, 7_200)
    linger_s: tuple[float, float] = (30, 600)
    bad_card_rate: float = 0.04
    card_first_rate: float = 0.3
    unplug_to_stop_rate: float = 0.2
    emergency_stop_rate: float = 0.01
    bad_cards: tuple[str, ...] = ("UNKNOWN-CARD-1", "UNKNOWN-CARD-2")
    fault_every_s: float | None = 86_400
    fault_s: tuple[float, float] = (120, 1_800)
    offline_every_s: float | None = 43_200
    offline_s: tuple[float, float] = (30, 1_800)
    power_cut_every_s: float | None = 259_200
    power_cut_s: tuple[float, float] = (20, 300)
    start_spread_s: float = 10
