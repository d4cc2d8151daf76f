"""What security events weigh, and what stands between a station and a higher security profile: pure."""

from typing import Final, NamedTuple

CRITICAL: Final = "critical"
NORMAL: Final = "normal"

# Security white paper, edition 2, §8: those that are marked critical; the others it lists are not.
_CRITICAL: Final = frozenset(
    {
        "FirmwareUpdated",
        "SettingSystemTime",
        "StartupOfTheDevice",
        "ResetOrReboot",
        "SecurityLogWasCleared",
        "MemoryExhaustion",
        "TamperDetectionActivated",
    }
)
# Not critical in the white paper, but somebody must do something about them.
_OWN_FACTS: Final = {
    "InvalidChargePointCertificate": "StationCertificateInvalid",
    "InvalidCentralSystemCertificate": "OurCertificateInvalid",
}

HIGHEST_PROFILE: Final = 3


def severity(kind: str) -> str:
    return CRITICAL if kind in _CRITICAL else NORMAL


def fact_of(kind: str) -> str:
    """The kind of fact that an event becomes."""
    if kind in _OWN_FACTS:
        return _OWN_FACTS[kind]
    return "CriticalSecurityEventReported" if kind in _CRITICAL else "SecurityEventReported"


class Standing(NamedTuple):
    """What is known of a station on its way up; `has_certificate` is one of ours that is installed and valid."""

    required_profile: int
    has_password: bool
    tls_served: bool
    trusts_a_root: bool
    has_certificate: bool


def objections(profile: int, standing: Standing) -> list[str]:
    """Why a station would refuse a profile, or could not come back with it (A05.FR.01-04); empty when nothing is known."""
    found = []
    if profile <= standing.required_profile:
        found.append(f"The station has security profile {standing.required_profile} already; it can only be raised.")
    if profile in (1, 2) and not standing.has_password:
        found.append("The station has no password yet; give it one first.")
    if profile >= 2 and not standing.tls_served:
        found.append("There is no TLS port; set ocpp_tls.")
    if profile >= 2 and not standing.trusts_a_root:
        found.append("The station reports no central system root certificate; install one first.")
    if profile >= HIGHEST_PROFILE and not standing.has_certificate:
        found.append("The station has no certificate of ours; have it request one first.")
    return found
