"""The security extension, as far as a station without certificates goes (security white paper edition 2)."""

from csms.ocpp import v16
from csms.simulator.commands.certificates import report
from csms.simulator.commands.firmware import FirmwareUpdate, put
from csms.simulator.signing import is_good
from csms.simulator.station import Station

_UPLOAD_S = 20.0


def get_log(station: Station, request: v16.GetLog) -> v16.GetLogResponse:
    """A location that contains "upload-fails" has it fail."""
    station.spawn(_upload_log(station, request))
    return v16.GetLogResponse(status="Accepted", filename=f"{station.identity}-{request.log_type}.log"[-255:])


async def _upload_log(station: Station, request: v16.GetLog) -> None:
    station.log_status = "Uploading"
    station.tell(v16.LogStatusNotification(status="Uploading", request_id=request.request_id))
    await station.clock.sleep(_UPLOAD_S)
    uploaded = await put(station, request.log.remote_location, f"{station.identity}-{request.log_type}.log")
    result: v16.UploadLogStatus = "Uploaded" if uploaded else "UploadFailure"
    station.tell(v16.LogStatusNotification(status=result, request_id=request.request_id))
    station.log_status = "Idle"


def signed_update_firmware(station: Station, request: v16.SignedUpdateFirmware) -> v16.SignedUpdateFirmwareResponse:
    """A station that moves files looks at the certificate before it begins (L01.FR.01, 02)."""
    firmware = request.firmware
    if station.spec.transfers and not is_good(firmware.signing_certificate, station.now()):
        station.soon(lambda: report(station, "InvalidFirmwareSigningCertificate"))
        return v16.SignedUpdateFirmwareResponse(status="InvalidCertificate")
    update = FirmwareUpdate(station, firmware.location, request)
    station.spawn(update.run((firmware.retrieve_date_time - station.clock.now()).total_seconds()))
    return v16.SignedUpdateFirmwareResponse(status="Accepted")
