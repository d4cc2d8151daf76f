"""Signing what waits, renewing what ends, and the list of what was revoked: on a real database."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509

from csms.adapters.pki.authority import Authority, own_authority
from csms.domain.accounts.rules import SYSTEM
from csms.domain.certificates import service
from csms.domain.certificates.model import StationCertificate
from csms.kit.bus import Bus
from csms.kit.database import Database
from csms.kit.ids import uuid7

from ...harness.server import add_station, rows
from ...setups import SETUP
from .test_rules import request

NOW = datetime(2026, 3, 1, tzinfo=UTC)
DAY = timedelta(days=1)


@dataclass
class Desk:
    database: Database
    bus: Bus
    authority: Authority
    station_id: int

    async def source(self) -> Authority:
        return self.authority

    async def due(self, now: datetime) -> None:
        await service.due(self.database, self.bus, self.source, now)

    async def ask(self, now: datetime = NOW) -> None:
        async with self.database.unit() as session:
            session.add(
                StationCertificate(
                    id=uuid7(now), station_id=self.station_id, identity="CS-1", state="requested", frame_id=1,
                    request=request("CS-1"), requested_at=now,
                )
            )  # fmt: skip

    async def certificates(self) -> list[StationCertificate]:
        async with self.database.view() as session:
            from csms.kit.paging import Slice

            return (await service.list_(session, service.CertificateFilter(), Slice(0, 50, "id"))).items

    async def settle(self, certificate: StationCertificate, state: str) -> None:
        async with self.database.unit() as session:
            (await service.get(session, certificate.id)).state = state

    async def verbs(self) -> list[str]:
        return [row["verb"] for row in await rows(self.database, "commands")]


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[Desk]:
    async with SETUP.opened(tmp_path) as (database, bus):
        authority = own_authority(tmp_path / "pki", b"s" * 32, NOW)
        yield Desk(database, bus, authority, await add_station(database, "CS-1"))


async def test_a_request_is_signed_once_and_sent(desk: Desk) -> None:
    await desk.ask()
    await desk.due(NOW)
    await desk.due(NOW + DAY / 2)
    [signed] = await desk.certificates()
    assert (signed.state, await desk.verbs()) == ("sent", ["certificate-signed"])
    assert signed.certificate is not None
    certificate = x509.load_pem_x509_certificate(signed.certificate.encode())
    certificate.verify_directly_issued_by(desk.authority.certificate)
    names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert names.get_values_for_type(x509.DNSName) == ["CS-1"]
    assert signed.not_after == certificate.not_valid_after_utc == NOW + 365 * DAY


async def test_what_is_about_to_end_is_renewed_daily_until_it_is(desk: Desk) -> None:
    await desk.ask()
    await desk.due(NOW)
    [first] = await desk.certificates()
    await desk.settle(first, "installed")
    await desk.due(NOW + 300 * DAY)
    assert await desk.verbs() == ["certificate-signed"]
    for hours in (0, 1, 25):
        await desk.due(NOW + 340 * DAY + timedelta(hours=hours))
    assert await desk.verbs() == ["certificate-signed", "request-certificate", "request-certificate"]
    await desk.ask(NOW + 342 * DAY)
    await desk.due(NOW + 342 * DAY)
    _, second = await desk.certificates()
    await desk.settle(second, "installed")
    await desk.due(NOW + 350 * DAY)
    assert (await desk.verbs()).count("request-certificate") == 2


async def test_a_revoked_certificate_is_not_renewed_but_listed(desk: Desk) -> None:
    await desk.ask()
    await desk.due(NOW)
    [first] = await desk.certificates()
    await desk.settle(first, "installed")
    async with desk.database.unit() as session:
        await service.revoke(session, desk.bus, SYSTEM, first.id, "lost", NOW + DAY)
    await desk.due(NOW + 350 * DAY)
    assert "request-certificate" not in await desk.verbs()
    async with desk.database.view() as session:
        listed = x509.load_der_x509_crl(await service.revocation_list(session, desk.authority, NOW + 2 * DAY))
    assert [(f"{one.serial_number:x}", one.revocation_date_utc) for one in listed] == [(first.serial_number, NOW + DAY)]
    assert listed.is_signature_valid(desk.authority.certificate.public_key())


async def test_without_an_answer_the_station_may_have_it(desk: Desk) -> None:
    await desk.ask()
    await desk.due(NOW)
    async with desk.database.unit() as session:
        from sqlalchemy import update

        from csms.domain.commands.model import Command

        await session.execute(update(Command).values(state="failed"))
    await desk.due(NOW + DAY)
    [row] = await desk.certificates()
    assert row.state == "failed"
