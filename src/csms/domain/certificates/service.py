"""The verbs on certificates."""

import asyncio
from datetime import datetime
from functools import partial
from uuid import UUID

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from sqlalchemy.ext.asyncio import AsyncSession

from csms.domain.accounts.rules import SYSTEM, Actor
from csms.domain.audit import service as audit
from csms.domain.certificates import store
from csms.domain.certificates.errors import CertificateNotFound, NothingToRevoke
from csms.domain.certificates.model import InstalledCertificates, StationCertificate
from csms.domain.certificates.ports import Authority, AuthoritySource
from csms.domain.certificates.rules import ASK_AGAIN_AFTER, LIFETIME, RENEW_BEFORE, fingerprint
from csms.domain.certificates.store import CertificateFilter
from csms.domain.certificates.verbs import CertificateSigned, RequestCertificate
from csms.domain.commands import service as commands
from csms.domain.stations.bells import ring_after_commit
from csms.domain.stations.model import Station
from csms.kit.bus import Bus
from csms.kit.database import Database
from csms.kit.facts import FactRow
from csms.kit.paging import Page, Slice

__all__ = ["CertificateFilter", "due", "get", "installed", "list_", "renew", "revocation_list", "revoke"]

REVOKED = "revoked."  # a doorbell, with the certificate's fingerprint behind it
SIGNED = "certificate-signed"
REQUEST = "request-certificate"
AT_ONCE = 20  # signed, or asked for renewal, in one go
SIGNED_EXPIRES_IN_S = 24 * 3600.0


async def list_(session: AsyncSession, asked: CertificateFilter, wanted: Slice) -> Page[StationCertificate]:
    items, total = await store.page(session, asked, wanted)
    return Page(items, total, wanted.offset, wanted.limit)


async def get(session: AsyncSession, certificate_id: UUID) -> StationCertificate:
    """Raises CertificateNotFound."""
    row = await store.find(session, certificate_id)
    if row is None:
        raise CertificateNotFound
    return row


async def installed(session: AsyncSession, station_id: int) -> list[InstalledCertificates]:
    return await store.installed(session, station_id)


async def revoke(
    session: AsyncSession, bus: Bus, actor: Actor, certificate_id: UUID, reason: str, now: datetime
) -> StationCertificate:
    """The station is not let in with it any more, and a connection with it ends. Raises CertificateNotFound, NothingToRevoke."""
    row = await get(session, certificate_id)
    if row.serial_number is None or row.revoked_at is not None:
        raise NothingToRevoke
    row.revoked_at, row.revoked_reason = now, reason
    after = {"station": row.identity, "serial_number": row.serial_number, "reason": reason}
    station = await session.get(Station, row.station_id) if row.station_id is not None else None
    place = station.location_id if station is not None else None
    await audit.record(session, actor, "revoke", "certificate", row.id, None, after, now, location_id=place)
    session.add(FactRow(kind="CertificateRevoked", at=now, station_id=row.station_id, detail=after))
    ring_after_commit(session, bus, f"{REVOKED}{row.fingerprint}")
    return row


async def revocation_list(session: AsyncSession, authority: Authority, now: datetime) -> bytes:
    """DER (RFC 5280 §5)."""
    revoked = [(int(serial_number, 16), at) for serial_number, at in await store.revoked(session)]
    return await asyncio.to_thread(authority.revocation_list, revoked, now)


async def renew(session: AsyncSession, bus: Bus, actor: Actor, station: Station, now: datetime) -> UUID:
    """Ask the station for a new key and a request; the rest follows by itself. Gives the command's id."""
    return (await commands.place(session, bus, actor, station, REQUEST, RequestCertificate(), now=now)).id


async def due(database: Database, bus: Bus, source: AuthoritySource, now: datetime) -> None:
    """Sign what waits and send it, give up what was never answered, and have renewed what is about to expire."""
    if await database.look(store.open_count):
        authority = await source()
        async with database.unit() as session:
            await store.give_up_unanswered(session, now)
            await store.supersede(session, now)
            for row in await store.waiting(session, AT_ONCE):
                await _sign(session, bus, authority, row, now)
    renewable = partial(store.to_renew, before=now + RENEW_BEFORE, asked_before=now - ASK_AGAIN_AFTER, now=now)
    if await database.look(partial(renewable, limit=1)):
        async with database.unit() as session:
            for row, station in await renewable(session, limit=AT_ONCE):
                row.renewal_asked_at = now
                await renew(session, bus, SYSTEM, station, now)


async def _sign(session: AsyncSession, bus: Bus, authority: Authority, row: StationCertificate, now: datetime) -> None:
    station = await session.get(Station, row.station_id)
    if station is None:
        return
    certificate: x509.Certificate = await asyncio.to_thread(
        authority.certify_station, row.request, row.identity, now, now + LIFETIME
    )
    text = certificate.public_bytes(Encoding.PEM).decode()
    values = {
        "subject": certificate.subject.rfc4514_string(),
        "serial_number": f"{certificate.serial_number:x}",
        "fingerprint": fingerprint(certificate),
        "certificate": text,
        "not_before": certificate.not_valid_before_utc,
        "not_after": certificate.not_valid_after_utc,
    }
    if not await store.claim(session, row, **values):
        return
    wish = CertificateSigned(text + authority.chain)
    command = await commands.place(
        session, bus, SYSTEM, station, SIGNED, wish, now=now, expires_in_s=SIGNED_EXPIRES_IN_S
    )
    await session.refresh(row)
    row.command_id = command.id
    after = {"station": row.identity, "serial_number": row.serial_number, "subject": row.subject}
    await audit.record(
        session, SYSTEM, "issue", "certificate", row.id, None, after, now, location_id=station.location_id
    )
    session.add(FactRow(kind="CertificateIssued", at=now, station_id=station.id, detail=after))
