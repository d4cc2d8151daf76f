"""What configuration keys may be, and when two values of one are the same: pure."""

import re
from collections.abc import Iterable, Mapping
from typing import Final, Literal, NamedTuple

Kind = Literal["boolean", "integer", "list", "text", "secret", "profile"]

LONGEST_KEY: Final = 50  # CiString50, OCPP 1.6 §6.7
LONGEST_VALUE: Final = 500  # CiString500

_BOOLEANS = """AllowOfflineTxForUnknownId AuthorizationCacheEnabled AuthorizeRemoteTxRequests LocalAuthorizeOffline
LocalPreAuthorize StopTransactionOnEVSideDisconnect StopTransactionOnInvalidId
UnlockConnectorOnEVSideDisconnect LocalAuthListEnabled"""
_INTEGERS = """BlinkRepeat ClockAlignedDataInterval ConnectionTimeOut HeartbeatInterval LightIntensity MaxEnergyOnInvalidId
MeterValueSampleInterval MinimumStatusDuration ResetRetries TransactionMessageAttempts TransactionMessageRetryInterval
WebSocketPingInterval CertificateSignedMaxChainSize CertificateStoreMaxLength"""
_LISTS = (
    """ConnectorPhaseRotation MeterValuesAlignedData MeterValuesSampledData StopTxnAlignedData StopTxnSampledData"""
)
_READONLY = """GetConfigurationMaxKeys NumberOfConnectors SupportedFeatureProfiles SupportedFileTransferProtocols
ConnectorPhaseRotationMaxLength MeterValuesAlignedDataMaxLength MeterValuesSampledDataMaxLength StopTxnAlignedDataMaxLength
StopTxnSampledDataMaxLength SupportedFeatureProfilesMaxLength LocalAuthListMaxLength SendLocalListMaxLength
ReserveConnectorZeroSupported ChargeProfileMaxStackLevel ChargingScheduleAllowedChargingRateUnit ChargingScheduleMaxPeriods
ConnectorSwitch3to1PhaseSupported MaxChargingProfilesInstalled AdditionalRootCertificateCheck"""

# §9 of the specification and §4 of the security white paper; a key that is not here is text.
KINDS: Final[Mapping[str, Kind]] = {
    **dict.fromkeys(_BOOLEANS.split(), "boolean"),
    **dict.fromkeys(_INTEGERS.split(), "integer"),
    **dict.fromkeys(_LISTS.split(), "list"),
    "AuthorizationKey": "secret",
    "SecurityProfile": "profile",
}
READONLY: Final = frozenset(_READONLY.split())
_KEY = re.compile(r"[\x21-\x7e](?:[\x20-\x7e]*[\x21-\x7e])?")


def fault(key: str, value: str) -> str | None:
    """What is wrong with a wish for this key, in words; None when nothing is."""
    if len(key) > LONGEST_KEY or _KEY.fullmatch(key) is None:
        return f"{key}: a key has 1 to {LONGEST_KEY} printable ASCII characters."
    if len(value) > LONGEST_VALUE:
        return f"{key}: a value has at most {LONGEST_VALUE} characters."
    if key in READONLY:
        return f"{key} can only be read (OCPP 1.6 §9)."
    return _wrong_kind(key, value, KINDS.get(key, "text"))


def _wrong_kind(key: str, value: str, kind: Kind) -> str | None:
    if kind == "secret":
        return f"{key} is a secret of each station: change the station's password instead."
    if kind == "profile":
        return f"{key} is raised station by station, with a way back: raise the station's security profile instead."
    if kind == "boolean" and value.lower() not in ("true", "false"):
        return f"{key} is true or false."
    if kind == "integer" and re.fullmatch(r"\d{1,10}", value) is None:
        return f"{key} is a whole number, not below zero."
    return None


def same(key: str, one: str | None, other: str | None) -> bool:
    """Whether two values of a key mean the same: booleans without regard to case, numbers by value, lists without spaces."""
    if one is None or other is None:
        return one is other
    kind = KINDS.get(key, "text")
    if kind == "boolean":
        return one.strip().lower() == other.strip().lower()
    if kind == "integer" and all(re.fullmatch(r"\s*-?\d{1,10}\s*", value) for value in (one, other)):
        return int(one) == int(other)
    return _items(one) == _items(other) if kind == "list" else one == other


def _items(value: str) -> list[str]:
    return [item.strip() for item in value.split(",") if item.strip()]


def too_long(key: str, value: str, reported: Mapping[str, str | None]) -> bool:
    """Whether a list has more items than the station's `<key>MaxLength` allows (§9.1)."""
    longest = reported.get(f"{key}MaxLength")
    return longest is not None and longest.isdecimal() and len(_items(value)) > int(longest)


class Wish(NamedTuple):
    """A template as far as merging goes."""

    id: object
    priority: int
    enforce: bool
    keys: Mapping[str, str]


def merged(wishes: Iterable[Wish]) -> dict[str, tuple[str, Wish]]:
    """What all templates together want, each key with the one it comes from: the highest priority wins, then the first given."""
    wanted: dict[str, tuple[str, Wish]] = {}
    for wish in sorted(wishes, key=lambda wish: -wish.priority):
        for key, value in wish.keys.items():
            wanted.setdefault(key, (value, wish))
    return wanted
