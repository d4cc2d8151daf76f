"""Firmware Management: the steps of an update and of a diagnostics upload (OCPP 1.6 §5.9, §5.19).

A location that contains "download-fails", "install-fails" or "upload-fails" has it fail there. Only a station with
`transfers` moves a file, and can look at its signature; to another one a signature that says "invalid" is.
"""

from urllib.parse import urlsplit

from csms.ocpp import v16
from csms.simulator.commands.certificates import report
from csms.simulator.signing import is_signed
from csms.simulator.station import Station
from csms.simulator.transfers import download, upload

_DOWNLOAD_S = 30.0
_INSTALL_S = 60.0
_UPLOAD_S = 20.0
_POLL_S = 15.0


def update_firmware(station: Station, request: v16.UpdateFirmware) -> v16.UpdateFirmwareResponse:
    wait_s = (request.retrieve_date - station.clock.now()).total_seconds()
    station.spawn(FirmwareUpdate(station, request.location).run(wait_s))
    return v16.UpdateFirmwareResponse()


def get_diagnostics(station: Station, request: v16.GetDiagnostics) -> v16.GetDiagnosticsResponse:
    station.spawn(_upload_diagnostics(station, request.location))
    return v16.GetDiagnosticsResponse(file_name=f"{station.identity}-diagnostics.zip"[-255:])


async def _upload_diagnostics(station: Station, location: str) -> None:
    station.diagnostics_status = "Uploading"
    station.tell(v16.DiagnosticsStatusNotification(status="Uploading"))
    await station.clock.sleep(_UPLOAD_S)
    uploaded = await put(station, location, f"{station.identity}-diagnostics.zip")
    result: v16.DiagnosticsStatus = "Uploaded" if uploaded else "UploadFailed"
    station.tell(v16.DiagnosticsStatusNotification(status=result))
    station.diagnostics_status = "Idle"


async def put(station: Station, location: str, name: str) -> bool:
    """Upload what there is to tell; whether that went well."""
    if "upload-fails" in location:
        return False
    if not station.spec.transfers:
        return True
    lines = [f"{station.identity} {station.firmware} line {number}" for number in range(2000)]
    return await upload(location, name, "\n".join(lines).encode(), station.spec.uploads_by)


class FirmwareUpdate:
    """One update; a `signed` one ends with a security event."""

    def __init__(self, station: Station, location: str, signed: v16.SignedUpdateFirmware | None = None) -> None:
        self._station = station
        self._location = location
        self._signed = signed

    async def run(self, wait_s: float) -> None:
        """Download, wait for the last transaction to end, install, reboot into the new version."""
        await self._station.clock.sleep(max(wait_s, 0.0))
        self._tell("Downloading")
        await self._station.clock.sleep(_DOWNLOAD_S)
        content = await self._fetched()
        if content is None:
            self._end("DownloadFailed")
            return
        self._tell("Downloaded")
        if self._signed is not None and not self._verified(self._signed, content):
            return
        while any(connector.transaction for connector in self._station.connectors):
            await self._station.clock.sleep(_POLL_S)
        self._tell("Installing")
        await self._station.clock.sleep(_INSTALL_S)
        if "install-fails" in self._location:
            self._end("InstallationFailed")
            return
        self._station.firmware = urlsplit(self._location).path.rpartition("/")[2][:50] or self._station.firmware
        if self._signed is not None:
            self._tell_signed(self._signed, "InstallRebooting")
            await self._station.delivered()
        self._station.once_accepted.append(self._installed)
        self._station.reboot()

    def _installed(self) -> None:
        self._end("Installed")
        if self._signed is not None:
            report(self._station, "FirmwareUpdated", self._station.firmware)

    async def _fetched(self) -> bytes | None:
        if "download-fails" in self._location:
            return None
        return await download(self._location) if self._station.spec.transfers else b""

    def _verified(self, signed: v16.SignedUpdateFirmware, content: bytes) -> bool:
        firmware = signed.firmware
        if self._station.spec.transfers:
            good = is_signed(content, firmware.signing_certificate, firmware.signature)
        else:
            good = "invalid" not in firmware.signature.lower()
        self._tell_signed(signed, "SignatureVerified" if good else "InvalidSignature")
        if not good:
            self._station.firmware_status = "Idle"
            report(self._station, "InvalidFirmwareSignature")
        return good

    def _end(self, status: v16.FirmwareStatus) -> None:
        self._tell(status)
        self._station.firmware_status = "Idle"

    def _tell(self, status: v16.FirmwareStatus) -> None:
        self._station.firmware_status = status
        if self._signed is None:
            self._station.tell(v16.FirmwareStatusNotification(status=status))
        else:
            self._tell_signed(self._signed, status)

    def _tell_signed(self, signed: v16.SignedUpdateFirmware, status: v16.SignedFirmwareStatus) -> None:
        self._station.tell(v16.SignedFirmwareStatusNotification(status=status, request_id=signed.request_id))
