"""The security extension, as far as a station without certificates goes (security white paper edition 2)."""

from csms.ocpp import v16
from csms.simulator.commands.firmware import FirmwareUpdate, Verdict, put
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
    """The signature itself is not computed: one that says "invalid" is."""
    firmware = request.firmware
    verdict: Verdict = "InvalidSignature" if "invalid" in firmware.signature.lower() else "SignatureVerified"
    update = FirmwareUpdate(station, firmware.location, request.request_id, verdict)
    station.spawn(update.run((firmware.retrieve_date_time - station.clock.now()).total_seconds()))
    return v16.SignedUpdateFirmwareResponse(status="Accepted")
