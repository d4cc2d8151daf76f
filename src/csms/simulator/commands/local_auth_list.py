"""Local Auth List Management (OCPP 1.6 §5.10, §5.15)."""

from csms.ocpp import v16
from csms.simulator.station import Station

_PROFILE = "LocalAuthListManagement"


def _supported(station: Station) -> bool:
    return _PROFILE in station.spec.feature_profiles and station.configuration.flag("LocalAuthListEnabled")


def get_local_list_version(
    station: Station,
    request: v16.GetLocalListVersion,  # noqa: ARG001
) -> v16.GetLocalListVersionResponse:
    """-1 says there is no list, 0 that it is empty."""
    if not _supported(station):
        return v16.GetLocalListVersionResponse(list_version=-1)
    return v16.GetLocalListVersionResponse(list_version=station.local_list.version if len(station.local_list) else 0)


def send_local_list(station: Station, request: v16.SendLocalList) -> v16.SendLocalListResponse:
    if not _supported(station):
        return v16.SendLocalListResponse(status="NotSupported")
    status = station.local_list.update(
        request,
        longest=station.configuration.number("LocalAuthListMaxLength"),
        longest_update=station.configuration.number("SendLocalListMaxLength"),
    )
    return v16.SendLocalListResponse(status=status)
