"""The configuration keys of a station: what can be read, what can be written, and what a written value must look like."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

from csms.simulator.spec import StationSpec

MEASURANDS = (
    "Energy.Active.Import.Register",
    "Power.Active.Import",
    "Current.Import",
    "Current.Offered",
    "Power.Offered",
    "Voltage",
    "SoC",
    "Temperature",
)
_DAY_S = 86_400
_PHASE_ROTATION = re.compile(r"\d+\.(NotApplicable|Unknown|RST|RTS|SRT|STR|TRS|TSR)")

ChangeStatus = Literal["Accepted", "Rejected", "RebootRequired", "NotSupported"]


@dataclass(frozen=True, slots=True)
class Key:
    """One key of OCPP 1.6 §9 (or the security white paper §7, or our own) and the values it takes."""

    name: str
    default: str
    kind: Literal["boolean", "integer", "measurands", "rotation", "secret", "text"] = "text"
    readonly: bool = False
    reboot: bool = False
    least: int = 0
    most: int = 2**31 - 1

    def accepts(self, value: str) -> bool:
        match self.kind:
            case "boolean":
                return value.lower() in ("true", "false")
            case "integer":
                return re.fullmatch(r"-?\d{1,10}", value) is not None and self.least <= int(value) <= self.most
            case "measurands":
                names = split(value)
                return len(names) <= self.most and all(name in MEASURANDS for name in names)
            case "rotation":
                return all(_PHASE_ROTATION.fullmatch(item) for item in split(value))
            case "secret" | "text":
                return self.least <= len(value) <= self.most


def split(value: str) -> list[str]:
    """The items of a comma separated list (CSL); the empty list is an empty string."""
    return [item.strip() for item in value.split(",") if item.strip()]


_MEASURANDS_LIMIT = len(MEASURANDS)

_CORE = (
    Key("AllowOfflineTxForUnknownId", "false", "boolean"),
    Key("AuthorizationCacheEnabled", "true", "boolean"),
    Key("AuthorizeRemoteTxRequests", "true", "boolean"),
    Key("ClockAlignedDataInterval", "0", "integer", most=_DAY_S),
    Key("ConnectionTimeOut", "60", "integer", most=3_600),
    Key("ConnectorPhaseRotation", "", "rotation"),
    Key("GetConfigurationMaxKeys", "64", "integer", readonly=True),
    Key("HeartbeatInterval", "300", "integer", least=1, most=_DAY_S),
    Key("LocalAuthorizeOffline", "true", "boolean"),
    Key("LocalPreAuthorize", "false", "boolean"),
    Key("MaxEnergyOnInvalidId", "0", "integer", most=100_000),
    Key("MeterValueSampleInterval", "60", "integer", most=_DAY_S),
    Key("MeterValuesAlignedData", "Energy.Active.Import.Register", "measurands", most=_MEASURANDS_LIMIT),
    Key("MeterValuesAlignedDataMaxLength", str(_MEASURANDS_LIMIT), "integer", readonly=True),
    Key(
        "MeterValuesSampledData",
        "Energy.Active.Import.Register,Power.Active.Import,Current.Import,Voltage,SoC",
        "measurands",
        most=_MEASURANDS_LIMIT,
    ),
    Key("MeterValuesSampledDataMaxLength", str(_MEASURANDS_LIMIT), "integer", readonly=True),
    Key("NumberOfConnectors", "1", "integer", readonly=True),
    Key("ResetRetries", "1", "integer", most=10),
    Key("StopTransactionOnEVSideDisconnect", "true", "boolean"),
    Key("StopTransactionOnInvalidId", "true", "boolean"),
    Key("StopTxnAlignedData", "", "measurands", most=_MEASURANDS_LIMIT),
    Key("StopTxnAlignedDataMaxLength", str(_MEASURANDS_LIMIT), "integer", readonly=True),
    Key("StopTxnSampledData", "", "measurands", most=_MEASURANDS_LIMIT),
    Key("StopTxnSampledDataMaxLength", str(_MEASURANDS_LIMIT), "integer", readonly=True),
    Key("SupportedFeatureProfiles", "", readonly=True),
    Key("SupportedFileTransferProtocols", "HTTP,HTTPS,FTP", readonly=True),
    Key("TransactionMessageAttempts", "3", "integer", least=1, most=100),
    Key("TransactionMessageRetryInterval", "60", "integer", most=_DAY_S),
    Key("UnlockConnectorOnEVSideDisconnect", "true", "boolean"),
    Key("WebSocketPingInterval", "0", "integer", most=_DAY_S),
    Key("AuthorizationKey", "", "secret", least=16, most=40),
    Key("SecurityProfile", "0", "integer", most=3),
    Key("CertificateSignedMaxChainSize", "10000", "integer", readonly=True),
    Key("CertificateStoreMaxLength", "4", "integer", readonly=True),
    Key("CpoName", "", most=50),
    Key("SkylarkDisplayLanguage", "en", reboot=True, least=2, most=5),
    Key("SkylarkLedBrightnessPercent", "80", "integer", most=100),
)
_BY_PROFILE = {
    "LocalAuthListManagement": (
        Key("LocalAuthListEnabled", "true", "boolean"),
        Key("LocalAuthListMaxLength", "1000", "integer", readonly=True),
        Key("SendLocalListMaxLength", "250", "integer", readonly=True),
    ),
    "Reservation": (Key("ReserveConnectorZeroSupported", "true", "boolean", readonly=True),),
    "SmartCharging": (
        Key("ChargeProfileMaxStackLevel", "10", "integer", readonly=True),
        Key("ChargingScheduleAllowedChargingRateUnit", "Current,Power", readonly=True),
        Key("ChargingScheduleMaxPeriods", "48", "integer", readonly=True),
        Key("ConnectorSwitch3to1PhaseSupported", "false", "boolean", readonly=True),
        Key("MaxChargingProfilesInstalled", "20", "integer", readonly=True),
    ),
}


def _profile(spec: StationSpec) -> int:
    if spec.security_profile is not None:
        return spec.security_profile
    return 1 if spec.password else 0


class Configuration:
    """The keys of one station with their present values; names are compared without regard to case."""

    __slots__ = ("_after_reboot", "_keys", "_values")

    def __init__(self, spec: StationSpec) -> None:
        self._keys = _keys_of(spec.feature_profiles)
        self._values = {
            "NumberOfConnectors": str(len(spec.connectors)),
            "SupportedFeatureProfiles": ",".join(spec.feature_profiles),
            "SecurityProfile": str(_profile(spec)),
            "ConnectorPhaseRotation": ",".join(
                f"{number}.{'RST' if connector.kind == 'AC' and connector.phases == 3 else 'NotApplicable'}"
                for number, connector in enumerate(spec.connectors, start=1)
            ),
        }
        self._after_reboot: dict[str, str] = {}
        for name, value in spec.configuration.items():
            key = self._keys.get(name.lower())
            if key is None or not key.accepts(value):
                raise ValueError(f"{spec.identity}: configuration key {name} does not take {value!r}")
            self._values[key.name] = value

    def __getitem__(self, name: str) -> str:
        """The value in force; a key this station lacks reads as an empty string."""
        key = self._keys.get(name.lower())
        return "" if key is None else self._values.get(key.name, key.default)

    def number(self, name: str) -> int:
        """An integer in force; a missing key is 0."""
        return int(self[name] or 0)

    def flag(self, name: str) -> bool:
        """A boolean in force; a missing key is false."""
        return self[name].lower() == "true"

    def measurands(self, name: str) -> list[str]:
        return split(self[name])

    def set(self, name: str, value: str) -> None:
        """The station itself changes a value, readonly or not."""
        self._values[self._keys[name.lower()].name] = value

    def change(self, name: str, value: str) -> ChangeStatus:
        """What ChangeConfiguration asks for and how it is answered (OCPP 1.6 §5.3)."""
        key = self._keys.get(name.lower())
        if key is None:
            return "NotSupported"
        if key.readonly or not key.accepts(value):
            return "Rejected"
        if key.reboot:
            self._after_reboot[key.name] = value
            return "RebootRequired"
        self._values[key.name] = value
        return "Accepted"

    def reboot(self) -> None:
        """Values that needed a reboot come into force."""
        self._values.update(self._after_reboot)
        self._after_reboot.clear()

    def read(self, names: Iterable[str]) -> tuple[list[tuple[str, bool, str | None]], list[str]]:
        """Known keys as (name, readonly, value) and the names that are unknown; no names means all keys.

        A secret is never read out: its value is None.
        """
        wanted = list(names)
        keys = [self._keys.get(name.lower()) for name in wanted] if wanted else list(self._keys.values())
        known = [(key.name, key.readonly, self._shown(key)) for key in keys if key is not None]
        return known, [name for name, key in zip(wanted, keys, strict=False) if key is None]

    def _shown(self, key: Key) -> str | None:
        if key.kind == "secret":
            return None
        return self._after_reboot.get(key.name, self._values.get(key.name, key.default))


_KEYS_BY_PROFILES: dict[tuple[str, ...], Mapping[str, Key]] = {}


def _keys_of(profiles: tuple[str, ...]) -> Mapping[str, Key]:
    """The keys that go with these feature profiles, by lower-case name; one table for all stations alike."""
    if profiles not in _KEYS_BY_PROFILES:
        keys = [*_CORE, *(key for profile in profiles for key in _BY_PROFILE.get(profile, ()))]
        _KEYS_BY_PROFILES[profiles] = {key.name.lower(): key for key in sorted(keys, key=lambda key: key.name)}
    return _KEYS_BY_PROFILES[profiles]
