"""Security extension: certificates (OCPP 1.6 security white paper, edition 2, A02, A03, M03-M05)."""

from typing import Any, Final

from msgspec import Struct

from csms.domain.certificates import live as certificates
from csms.gateway.dialects.v16.words import given
from csms.gateway.turn import Handler, Learner, LiveStation, Phrase, Turn
from csms.ocpp import v16

_USE: Final = {
    "central_system": "CentralSystemRootCertificate",
    "manufacturer": "ManufacturerRootCertificate",
}
_USE_OF: Final = {wire: ours for ours, wire in _USE.items()}


def sign_certificate(live: LiveStation, request: v16.SignCertificate, turn: Turn) -> Struct:
    """Accepted means that it will be signed; the certificate follows by itself (A02.FR.11)."""
    organisation = turn.policy.cpo_name
    accepted = certificates.requested(live.station, request.csr, organisation, turn.now, turn.frame_id, turn.changes)
    return v16.SignCertificateResponse(status="Accepted" if accepted else "Rejected")


def _request(_live: LiveStation, _payload: dict[str, Any]) -> Struct:
    return v16.ExtendedTriggerMessage(requested_message="SignChargePointCertificate")


def _signed(_live: LiveStation, payload: dict[str, Any]) -> Struct:
    return v16.CertificateSigned(certificate_chain=payload["chain"])


def _install(_live: LiveStation, payload: dict[str, Any]) -> Struct:
    use: Any = _USE[payload["use"]]
    return v16.InstallCertificate(certificate_type=use, certificate=payload["certificate"])


def _delete(_live: LiveStation, payload: dict[str, Any]) -> Struct:
    return v16.DeleteCertificate(certificate_hash_data=v16.CertificateHashData(**payload))


def _ask_installed(_live: LiveStation, payload: dict[str, Any]) -> Struct:
    use: Any = _USE[payload["use"]]
    return v16.GetInstalledCertificateIds(certificate_type=use)


def _taken(live: LiveStation, _request: Struct, response: v16.CertificateSignedResponse, turn: Turn) -> None:
    certificates.answered(live.station.id, turn.command_id, response.status == "Accepted", turn.now, turn.changes)


def _reported(
    live: LiveStation,
    request: v16.GetInstalledCertificateIds,
    response: v16.GetInstalledCertificateIdsResponse,
    turn: Turn,
) -> None:
    items = [
        {
            "hash_algorithm": one.hash_algorithm,
            "issuer_name_hash": one.issuer_name_hash,
            "issuer_key_hash": one.issuer_key_hash,
            "serial_number": one.serial_number,
        }
        for one in given(response.certificate_hash_data) or ()
    ]
    use = _USE_OF[request.certificate_type]
    certificates.reported(live.station.id, use, items, turn.now, turn.changes)


HANDLERS: Final = {"SignCertificate": Handler(sign_certificate)}
VERBS: Final[dict[str, Phrase]] = {
    "request-certificate": _request,
    "certificate-signed": _signed,
    "install-certificate": _install,
    "delete-certificate": _delete,
    "get-installed-certificates": _ask_installed,
}
LEARNERS: Final[dict[type[Struct], Learner]] = {
    v16.CertificateSigned: _taken,
    v16.GetInstalledCertificateIds: _reported,
}
