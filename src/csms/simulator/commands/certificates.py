"""Certificates and security profiles (OCPP 1.6 security white paper, edition 2, A02, A05, M03-M05)."""

from msgspec import UNSET

from csms.ocpp import v16
from csms.simulator.configuration import ChangeStatus
from csms.simulator.safe import CENTRAL_SYSTEM
from csms.simulator.station import Station


def certificate_signed(station: Station, request: v16.CertificateSigned) -> v16.CertificateSignedResponse:
    """One that is not good is discarded, with a security event (A02.FR.07)."""
    limit = station.configuration.number("CertificateSignedMaxChainSize")
    good = len(request.certificate_chain) <= limit
    if good and station.safe.take(request.certificate_chain, station.identity, station.now()):
        return v16.CertificateSignedResponse(status="Accepted")
    station.soon(lambda: report(station, "InvalidChargePointCertificate"))
    return v16.CertificateSignedResponse(status="Rejected")


def report(station: Station, kind: str, tech_info: str | None = None) -> None:
    """A security event."""
    station.say(v16.SecurityEventNotification(type=kind, timestamp=station.now(), tech_info=tech_info or UNSET))


def request_certificate(station: Station) -> None:
    """Make a new key and ask for its certificate."""
    station.say(v16.SignCertificate(csr=station.safe.request(station.identity, station.configuration["CpoName"])))


def install_certificate(station: Station, request: v16.InstallCertificate) -> v16.InstallCertificateResponse:
    """A root of a central system that is no good is reported as a security event too."""
    limit = station.configuration.number("CertificateStoreMaxLength")
    response = station.safe.install(request.certificate_type, request.certificate, limit, station.now())
    if response.status == "Rejected" and request.certificate_type == CENTRAL_SYSTEM:
        station.soon(lambda: report(station, "InvalidCentralSystemCertificate"))
    return response


def delete_certificate(station: Station, request: v16.DeleteCertificate) -> v16.DeleteCertificateResponse:
    return station.safe.delete(request.certificate_hash_data)


def get_installed_certificate_ids(
    station: Station, request: v16.GetInstalledCertificateIds
) -> v16.GetInstalledCertificateIdsResponse:
    found = station.safe.listed(request.certificate_type)
    if not found:
        return v16.GetInstalledCertificateIdsResponse(status="NotFound")
    return v16.GetInstalledCertificateIdsResponse(status="Accepted", certificate_hash_data=found)


def change_profile(station: Station, value: str) -> ChangeStatus:
    """Only upwards, and only with all that it needs; then the station comes back with it (A05)."""
    has_password = station.modem.password is not None
    if not value.isdigit() or not station.safe.raise_to(int(value), has_password=has_password):
        return "Rejected"
    station.configuration.set("SecurityProfile", value)
    station.soon(station.reconnect)
    return "Accepted"
