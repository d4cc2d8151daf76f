"""Certificates: stations' own, those they trust, our authority and its revocation list."""

from datetime import datetime, timedelta
from typing import Annotated, Literal
from uuid import UUID

from cryptography import x509
from fastapi import Query, Response
from pydantic import Field

from csms.api.context import ApiContext, Context, OpenContext
from csms.api.operator.commands import CommandOut, Wait, answered
from csms.api.operator.times import StationIdentity
from csms.api.paging import PageOut, slice_of
from csms.api.rights import MayChangeSecurity, MayReadSecurity
from csms.api.routing import router
from csms.api.schemas import OPEN, Body, Out, Time
from csms.domain.accounts.rules import Actor
from csms.domain.certificates import service as verbs
from csms.domain.certificates.ports import Authority
from csms.domain.certificates.rules import checked_certificate, fingerprint
from csms.domain.certificates.service import CertificateFilter
from csms.domain.certificates.verbs import (
    CertificateUse,
    DeleteCertificate,
    GetInstalledCertificates,
    InstallCertificate,
)
from csms.domain.commands import service as commands
from csms.domain.commands.verbs import Verb
from csms.domain.stations.verbs import stations
from csms.kit.errors import Unavailable
from csms.kit.paging import Slice

certificates = router("/certificates", "Certificates")
station_certificates = router("/stations", "Certificates")

_APART = timedelta(milliseconds=1)

State = Literal["refused", "requested", "sent", "installed", "rejected", "failed"]
Hex = Annotated[str, Field(pattern=r"^[0-9A-Fa-f]+$", max_length=128)]


class CertificateOut(Out):
    id: UUID
    station: str = Field(validation_alias="identity")
    state: State = Field(description="failed: the station did not answer, so it may have it")
    reason: str | None = Field(description="why the request was refused")
    requested_at: datetime
    subject: str | None
    serial_number: str | None
    fingerprint: str | None = Field(description="SHA-256")
    not_before: datetime | None
    not_after: datetime | None
    command_id: UUID | None
    settled_at: datetime | None
    renewal_asked_at: datetime | None
    revoked_at: datetime | None
    revoked_reason: str | None


class CertificateDetail(CertificateOut):
    request: str
    certificate: str | None


class Revocation(Body):
    reason: str = Field(min_length=1, max_length=200)


class AuthorityOut(Out):
    """What stations must trust."""

    certificate: str = Field(description="PEM")
    subject: str
    fingerprint: str = Field(description="SHA-256")
    not_after: datetime


class Use(Body):
    use: CertificateUse = "central_system"


class Installation(Use):
    certificate: str | None = Field(default=None, max_length=5500, description="PEM; without, our authority's own")


class Hashes(Body):
    """Which certificate, as the station named it (OCPP 1.6 security white paper §6.1)."""

    hash_algorithm: Literal["SHA256", "SHA384", "SHA512"]
    issuer_name_hash: Hex
    issuer_key_hash: Hex
    serial_number: Annotated[str, Field(pattern=r"^[0-9A-Fa-f]+$", max_length=40)]


class InstalledCertificate(Hashes):
    ours: bool = Field(description="whether it is our authority's own")


class InstalledOut(Out):
    use: CertificateUse
    items: list[InstalledCertificate]
    reported_at: datetime


class NoAuthority(Unavailable):
    """This process has no certificate authority."""

    code = "no_authority"


async def authority_of(context: ApiContext) -> Authority:
    if context.authority is None:
        raise NoAuthority
    return await context.authority()


@certificates.get("")
async def list_certificates(
    _: MayReadSecurity,
    context: Context,
    part: Annotated[Slice, slice_of("id", "requested_at", "not_after", "identity", "state", default="-id")],
    station: StationIdentity = None,
    state: State | None = None,
    revoked: bool | None = None,
    expires_before: Annotated[Time | None, Query()] = None,
) -> PageOut[CertificateOut]:
    async with context.database.view() as session:
        asked = CertificateFilter(await stations.station_id(session, station), state, revoked, expires_before)
        return PageOut.of(await verbs.list_(session, asked, part), CertificateOut.model_validate)


@certificates.get("/authority")
async def get_authority(_: MayReadSecurity, context: Context) -> AuthorityOut:
    """The root certificate to install in stations, made when it is first asked for."""
    root = (await authority_of(context)).root
    certificate = x509.load_pem_x509_certificate(root.encode())
    return AuthorityOut(
        certificate=root,
        subject=certificate.subject.rfc4514_string(),
        fingerprint=fingerprint(certificate),
        not_after=certificate.not_valid_after_utc,
    )


@certificates.get("/revocation-list", response_class=Response, openapi_extra=OPEN)
async def get_revocation_list(context: OpenContext) -> Response:
    """DER, for whoever checks station certificates (RFC 5280 §5)."""
    authority = await authority_of(context)
    async with context.database.view() as session:
        content = await verbs.revocation_list(session, authority, context.clock.now())
    return Response(content, media_type="application/pkix-crl")


@certificates.get("/{certificate_id}")
async def get_certificate(_: MayReadSecurity, context: Context, certificate_id: UUID) -> CertificateDetail:
    async with context.database.view() as session:
        return CertificateDetail.model_validate(await verbs.get(session, certificate_id))


@certificates.post("/{certificate_id}/revoke")
async def revoke_certificate(
    actor: MayChangeSecurity, context: Context, certificate_id: UUID, body: Revocation
) -> CertificateOut:
    """The station is not let in with it any more; a connection with it ends at once."""
    async with context.database.unit() as session:
        row = await verbs.revoke(session, context.bus, actor, certificate_id, body.reason, context.clock.now())
        return CertificateOut.model_validate(row)


@station_certificates.post("/{identity}/certificates/renew", responses={202: {"model": CommandOut}})
async def renew_certificate(
    actor: MayChangeSecurity, context: Context, response: Response, identity: str, wait: Wait = 0
) -> CommandOut:
    """Ask the station for a new key and a certificate request; signing and sending follow by themselves (A02)."""
    async with context.database.unit() as session:
        station = await stations.get_station(session, identity)
        command_id = await verbs.renew(session, context.bus, actor, station, context.clock.now())
    return await answered(context, response, command_id, wait)


async def _place(
    context: ApiContext, actor: Actor, identity: str, wishes: list[tuple[str, Verb]], response: Response, wait: float
) -> CommandOut:
    """Several commands, which go out in the order of their ids; the answer to the first is shown.

    Who waits does so for all of them, and may rely on what the station then says it trusts.
    """
    async with context.database.unit() as session:
        station, now = await stations.get_station(session, identity), context.clock.now()
        placed = [
            await commands.place(session, context.bus, actor, station, verb, payload, now=now + place * _APART)
            for place, (verb, payload) in enumerate(wishes)
        ]
    *others, last = placed
    if others:
        await commands.wait_until_settled(context.database, context.bus, last.id, wait, context.leaving.is_set)
        wait = 0
    return await answered(context, response, placed[0].id, wait)


@station_certificates.post("/{identity}/certificates/install", responses={202: {"model": CommandOut}})
async def install_certificate(
    actor: MayChangeSecurity, context: Context, response: Response, identity: str, body: Installation, wait: Wait = 0
) -> CommandOut:
    """Have the station trust a root certificate, then ask it what it trusts (M05)."""
    text = body.certificate or (await authority_of(context)).root
    wishes: list[tuple[str, Verb]] = [
        ("install-certificate", InstallCertificate(body.use, checked_certificate(text))),
        ("get-installed-certificates", GetInstalledCertificates(body.use)),
    ]
    return await _place(context, actor, identity, wishes, response, wait)


@station_certificates.post("/{identity}/certificates/delete", responses={202: {"model": CommandOut}})
async def delete_certificate(
    actor: MayChangeSecurity, context: Context, response: Response, identity: str, body: Hashes, wait: Wait = 0
) -> CommandOut:
    """Have the station forget a root certificate, then ask it what it trusts (M04)."""
    wishes: list[tuple[str, Verb]] = [
        ("delete-certificate", DeleteCertificate(**body.model_dump())),
        ("get-installed-certificates", GetInstalledCertificates("central_system")),
    ]
    return await _place(context, actor, identity, wishes, response, wait)


@station_certificates.post("/{identity}/certificates/read", responses={202: {"model": CommandOut}})
async def read_installed_certificates(
    actor: MayChangeSecurity, context: Context, response: Response, identity: str, body: Use, wait: Wait = 0
) -> CommandOut:
    """Ask the station which root certificates it trusts (M03)."""
    wish = ("get-installed-certificates", GetInstalledCertificates(body.use))
    return await _place(context, actor, identity, [wish], response, wait)


@station_certificates.get("/{identity}/certificates/installed")
async def list_installed_certificates(_: MayReadSecurity, context: Context, identity: str) -> list[InstalledOut]:
    """What the station last said it trusts."""
    async with context.database.view() as session:
        station = await stations.get_station(session, identity)
        rows = await verbs.installed(session, station.id)
    root = x509.load_pem_x509_certificate((await authority_of(context)).root.encode())
    ours = f"{root.serial_number:x}"
    return [
        InstalledOut(
            use=row.use,  # type: ignore[arg-type]
            items=[
                InstalledCertificate(**item, ours=item["serial_number"].lower().lstrip("0") == ours)
                for item in row.items
            ],
            reported_at=row.reported_at,
        )
        for row in rows
    ]
