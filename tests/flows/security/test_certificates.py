"""Certificates from the API to a strict station and back, and through the TLS door (white paper A02, A03, M03-M05)."""

from uuid import UUID

from cryptography import x509

from csms.domain.certificates.model import StationCertificate
from csms.ocpp import v16

from ...harness.waiting import until


async def test_from_a_password_to_a_certificate_of_its_own(stage):
    """Install our root, have a certificate requested, and come back with it: profile 3."""
    await stage.station()
    installed = await stage.post("/stations/CS-1/certificates/install", {}, wait=10)
    assert (installed["state"], installed["answer"]) == ("accepted", {"status": "Accepted"})
    [listed] = await stage.becomes("/stations/CS-1/certificates/installed", bool)
    assert (listed["use"], [item["ours"] for item in listed["items"]]) == ("central_system", [True])
    asked = await stage.post("/stations/CS-1/certificates/renew", wait=10)
    assert asked["state"] == "accepted"
    certificate = await stage.certificate("installed")
    assert certificate["subject"] in ("O=Blue Charging,CN=CS-1", "CN=CS-1,O=Blue Charging")
    await stage.post("/stations/CS-1/security/raise", {"profile": 3}, check=True)
    shown = await stage.becomes("/stations/CS-1/security", lambda shown: shown["present_profile"] == 3)
    assert (shown["required_profile"], shown["profile_change"]["state"]) == (3, "done")
    assert await stage.facts("SecurityProfileReached") == [{"security_profile": 3}]


async def connected_by_certificate(stage):
    """Its certificate, once it has come by it."""
    station = await stage.station()
    certificate = await stage.certify(station)
    await stage.post("/stations/CS-1/security/raise", {"profile": 3})
    await stage.becomes("/stations/CS-1/security", lambda shown: shown["present_profile"] == 3)
    await until(lambda: station.online)
    return certificate


async def test_a_revoked_certificate_ends_its_connection_and_opens_no_door(stage):
    """The station comes back at once by itself, and in vain."""
    certificate = await connected_by_certificate(stage)
    revoked = await stage.post(f"/certificates/{certificate['id']}/revoke", {"reason": "The station was stolen."})
    assert revoked["revoked_at"] is not None
    attempts = await stage.becomes(
        "/stations/CS-1/connection-attempts", lambda shown: shown["total"] and shown["items"][0]["problem"]
    )
    assert attempts["items"][0]["problem"] == "certificate_revoked"
    assert "CS-1) has been revoked" in attempts["items"][0]["words"]
    assert not (await stage.get("/stations/CS-1"))["presence"]["online"]
    content = (await stage.api.get("/api/v1/certificates/revocation-list")).content
    listed, root = x509.load_der_x509_crl(content), await stage.root()
    assert listed.is_signature_valid(x509.load_pem_x509_certificate(root.encode()).public_key())
    assert [f"{one.serial_number:x}" for one in listed] == [certificate["serial_number"]]
    assert await stage.refused(f"/certificates/{certificate['id']}/revoke", {"reason": "x"}) == (
        409, "nothing_to_revoke",
    )  # fmt: skip


async def test_another_stations_name_is_not_signed(stage):
    station = await stage.station()
    answer = await station.call(v16.SignCertificate(csr=station.safe.request("CS-2", "Blue Charging")))
    assert answer.status == "Rejected"
    refused = await stage.certificate("refused")
    assert "common name is CS-2" in refused["reason"]
    assert refused["settled_at"] == refused["requested_at"]
    assert len(await stage.facts("CertificateRequestRefused")) == 1


async def test_a_revocation_that_no_ring_told_of_is_found_in_the_tables(stage):
    """Another process committed it, and the bus was down."""
    certificate = await connected_by_certificate(stage)
    async with stage.server.context.database.unit() as session:
        row = await session.get(StationCertificate, UUID(certificate["id"]))
        row.revoked_at = stage.server.context.clock.now()
    await stage.becomes("/stations/CS-1", lambda shown: not shown["presence"]["online"])


async def test_another_operators_name_is_not_signed(stage):
    station = await stage.station()
    answer = await station.call(v16.SignCertificate(csr=station.safe.request("CS-1", "Red Charging")))
    assert answer.status == "Rejected"
    assert "Blue Charging" in (await stage.certificate("refused"))["reason"]


async def test_a_certificate_that_the_station_finds_wanting(stage):
    """It lost its key meanwhile: it says Rejected, and reports a security event (A02.FR.07)."""
    station = await stage.station()
    await stage.post("/stations/CS-1/certificates/install", {}, wait=10)
    answer = await station.call(v16.SignCertificate(csr=station.safe.request("CS-1", "Blue Charging")))
    assert answer.status == "Accepted"
    station.safe.pending_key = None
    rejected = await stage.certificate("rejected")
    assert rejected["fingerprint"] is not None
    events = await stage.becomes("/security-events", lambda shown: shown["total"] == 1)
    assert (events["items"][0]["kind"], events["items"][0]["severity"]) == ("InvalidChargePointCertificate", "normal")
    assert [fact["type"] for fact in await stage.facts("StationCertificateInvalid")] == [
        "InvalidChargePointCertificate"
    ]


async def test_of_two_requests_the_newer_is_signed(stage):
    station = await stage.station()
    first = station.safe.request("CS-1", "Blue Charging")
    second = station.safe.request("CS-1", "Blue Charging")
    for csr in (first, second):
        assert (await station.call(v16.SignCertificate(csr=csr))).status == "Accepted"
    states = await stage.becomes(
        "/certificates?station=CS-1", lambda shown: {one["state"] for one in shown["items"]} == {"installed", "refused"}
    )
    assert [one["state"] for one in states["items"]] == ["installed", "refused"]
    assert all(one["settled_at"] is not None for one in states["items"])


async def test_a_root_is_deleted_again(stage):
    await stage.station()
    await stage.post("/stations/CS-1/certificates/install", {}, wait=10)
    [listed] = await stage.becomes("/stations/CS-1/certificates/installed", bool)
    [item] = listed["items"]
    hashes = {name: value for name, value in item.items() if name != "ours"}
    deleted = await stage.post("/stations/CS-1/certificates/delete", hashes, wait=10)
    assert deleted["answer"] == {"status": "Accepted"}
    await stage.becomes("/stations/CS-1/certificates/installed", lambda shown: shown[0]["items"] == [])
    again = await stage.post("/stations/CS-1/certificates/delete", hashes, wait=10)
    assert again["answer"] == {"status": "NotFound"}


async def test_what_is_no_certificate_is_not_sent(stage):
    await stage.station()
    assert await stage.refused("/stations/CS-1/certificates/install", {"certificate": "PEM"}) == (
        422, "not_a_certificate",
    )  # fmt: skip


async def test_critical_events_are_facts_of_their_own_kind(stage):
    station = await stage.station()
    for kind in ("TamperDetectionActivated", "InvalidMessages"):
        await station.call(v16.SecurityEventNotification(type=kind, timestamp=station.now(), tech_info="case opened"))
    assert [fact["type"] for fact in await stage.facts("CriticalSecurityEventReported")] == ["TamperDetectionActivated"]
    critical = await stage.get("/security-events", severity="critical", station="CS-1")
    assert [(one["kind"], one["tech_info"]) for one in critical["items"]] == [
        ("TamperDetectionActivated", "case opened")
    ]
