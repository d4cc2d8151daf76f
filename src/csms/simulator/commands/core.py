"""Core: transactions from afar, reset, availability, configuration, cache, data (OCPP 1.6 §5.2-§5.4, §5.6, §5.8, §5.11...)."""

from collections.abc import Callable

from msgspec import UNSET

from csms.ocpp import v16
from csms.ocpp.errors import ErrorCode, OcppError
from csms.simulator.commands.certificates import change_profile
from csms.simulator.connector import Connector
from csms.simulator.station import Station

VENDOR_ID = "org.skylark"


def remote_start_transaction(
    station: Station, request: v16.RemoteStartTransaction
) -> v16.RemoteStartTransactionResponse:
    """§5.11; not while Pending (§4.2)."""
    connector = _connector_for(station, request)
    if station.registration == "Pending" or connector is None or not _profile_allowed(request):
        return v16.RemoteStartTransactionResponse(status="Rejected")
    station.spawn(station.start_remotely(connector, request))
    return v16.RemoteStartTransactionResponse(status="Accepted")


def _connector_for(station: Station, request: v16.RemoteStartTransaction) -> Connector | None:
    """The connector asked for if a transaction can start there, else one with a cable in, else a free one."""
    usable = [connector for connector in station.connectors if _could_start(station, connector, request.id_tag)]
    if request.connector_id is not UNSET:
        return next((connector for connector in usable if connector.connector_id == request.connector_id), None)
    return next((connector for connector in usable if connector.plugged), usable[0] if usable else None)


def _could_start(station: Station, connector: Connector, id_tag: str) -> bool:
    if station.main.fault or not connector.usable or connector.transaction or connector.waiting:
        return False
    promised = station.reservations.of_connector(connector.connector_id)
    return all(reservation.parent_id_tag or reservation.admits(id_tag, None) for reservation in promised)


def _profile_allowed(request: v16.RemoteStartTransaction) -> bool:
    """Only a TxProfile, and without a transaction id, which nobody can know yet (§5.16.2, errata 3.41)."""
    profile = request.charging_profile
    return profile is UNSET or (profile.charging_profile_purpose == "TxProfile" and profile.transaction_id is UNSET)


def remote_stop_transaction(station: Station, request: v16.RemoteStopTransaction) -> v16.RemoteStopTransactionResponse:
    """§5.12; not while Pending (§4.2)."""
    for connector in station.connectors:
        transaction = connector.transaction
        if transaction is not None and transaction.record.transaction_id == request.transaction_id:
            if station.registration == "Pending":
                break
            station.spawn(station.stop(connector.connector_id, "Remote"))
            return v16.RemoteStopTransactionResponse(status="Accepted")
    return v16.RemoteStopTransactionResponse(status="Rejected")


def reset(station: Station, request: v16.Reset) -> v16.ResetResponse | None:
    """§5.14; some stations are gone before they could answer a hard reset."""
    if request.type == "Soft":
        station.spawn(station.reset_softly())
    else:
        station.spawn(station.reset_hard())
        if not station.spec.answers_hard_reset:
            return None
    return v16.ResetResponse(status="Accepted")


def unlock_connector(station: Station, request: v16.UnlockConnector) -> v16.UnlockConnectorResponse:
    """§5.18; a running transaction ends first."""
    if not 1 <= request.connector_id <= len(station.connectors):
        return v16.UnlockConnectorResponse(status="NotSupported")
    connector = station.connector(request.connector_id)
    if connector.spec.lock == "none":
        return v16.UnlockConnectorResponse(status="NotSupported")
    if connector.transaction is not None:
        station.spawn(station.stop(request.connector_id, "UnlockCommand"))
    return v16.UnlockConnectorResponse(status="Unlocked" if connector.spec.lock == "works" else "UnlockFailed")


def change_availability(station: Station, request: v16.ChangeAvailability) -> v16.ChangeAvailabilityResponse:
    """§5.2; connector 0 is the station with all its connectors."""
    if not 0 <= request.connector_id <= len(station.connectors):
        return v16.ChangeAvailabilityResponse(status="Rejected")
    operative = request.type == "Operative"
    if request.connector_id == 0:
        station.main.operative = operative
        station.soon(lambda: station.refresh(station.main))
        chosen = station.connectors
    else:
        chosen = (station.connector(request.connector_id),)
    done = [station.make_operative(connector, operative=operative) for connector in chosen]
    return v16.ChangeAvailabilityResponse(status="Accepted" if all(done) else "Scheduled")


def get_configuration(station: Station, request: v16.GetConfiguration) -> v16.GetConfigurationResponse:
    """§5.8."""
    names = [] if request.key is UNSET else request.key
    if len(names) > station.configuration.number("GetConfigurationMaxKeys"):
        raise OcppError(ErrorCode.OCCURRENCE_CONSTRAINT_VIOLATION, "more keys than GetConfigurationMaxKeys")
    known, unknown = station.configuration.read(names)
    return v16.GetConfigurationResponse(
        configuration_key=[
            v16.KeyValue(key=name, readonly=readonly, value=UNSET if value is None else value)
            for name, readonly, value in known
        ],
        unknown_key=unknown or UNSET,
    )


def change_configuration(station: Station, request: v16.ChangeConfiguration) -> v16.ChangeConfigurationResponse:
    """§5.3; some values take effect on what is already running."""
    if request.key.lower() == "securityprofile":
        return v16.ChangeConfigurationResponse(status=change_profile(station, request.value))
    status = station.configuration.change(request.key, request.value)
    if status == "Accepted" and (effect := _EFFECTS.get(request.key.lower())):
        station.soon(lambda: effect(station))
    return v16.ChangeConfigurationResponse(status=status)


def _change_password(station: Station) -> None:
    """Come back with the new password (white paper A01); hexadecimal digits stand for bytes (OCPP-J §6.2.2)."""
    value = station.configuration["AuthorizationKey"]
    try:
        station.modem.password = bytes.fromhex(value)
    except ValueError:
        station.modem.password = value.encode()
    station.reconnect()


_EFFECTS: dict[str, Callable[[Station], object]] = {
    "authorizationkey": _change_password,
    "clockaligneddatainterval": Station.start_aligned_readings,
    "heartbeatinterval": Station.heartbeat_interval_changed,
    "websocketpinginterval": Station.start_pings,
}


def clear_cache(station: Station, request: v16.ClearCache) -> v16.ClearCacheResponse:  # noqa: ARG001
    """§5.4."""
    if not station.configuration.flag("AuthorizationCacheEnabled"):
        return v16.ClearCacheResponse(status="Rejected")
    station.cache.clear()
    return v16.ClearCacheResponse(status="Accepted")


def data_transfer(station: Station, request: v16.DataTransfer) -> v16.DataTransferResponse:  # noqa: ARG001
    """§5.6; the station knows one vendor with one message, which says back what it was told."""
    if request.vendor_id != VENDOR_ID:
        return v16.DataTransferResponse(status="UnknownVendorId")
    if request.message_id != "echo":
        return v16.DataTransferResponse(status="UnknownMessageId")
    return v16.DataTransferResponse(status="Accepted", data=request.data)
