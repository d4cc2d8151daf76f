"""The security extension: passwords, certificates, security profiles, and how a station is let in."""

import pytest

from csms.kit.ids import station_password
from csms.simulator.safe import CENTRAL_SYSTEM

from ..harness.certificates import DAY, TestAuthority
from ..harness.conversation import ANY, hears, says
from ..harness.sockets import open_station
from ..harness.waiting import until
from .conftest import BRISK

pytestmark = pytest.mark.asyncio(loop_scope="module")

ACCEPTED = {"status": "Accepted"}
SECRET = "•" * 8


async def secured(case, profile):
    """What the operator sees once the station has come with this profile."""
    path = case.path("/security")
    shown = await case.stage.becomes(path, lambda shown: shown["present_profile"] == profile)
    online = await case.stage.becomes(case.path(), lambda shown: shown["presence"]["online"])
    assert online["presence"]["protocol"] == "ocpp1.6"
    return shown


@pytest.mark.case("TC_073")
async def test_tc_073_new_password(case):
    """Update CP Password for HTTP Basic Authentication"""
    station = await case.station(password=station_password())
    old = station.modem.password
    await case.stage.post(case.path("/password/rotate"), {})
    path = case.path("/security")
    await case.stage.becomes(path, lambda shown: (shown["password_change"] or {}).get("state") == "done")
    [asked] = await case.conversation(hears("ChangeConfiguration", ACCEPTED, key="AuthorizationKey"))
    assert asked["call"][3]["value"] == SECRET  # shown to nobody
    assert station.modem.password != old
    await until(lambda: station.online)
    station.keep_online = False
    await station.go_offline()
    station.modem.password = old
    with pytest.raises(Exception, match="401"):
        await station.connect()


@pytest.mark.case("TC_074")
async def test_tc_074_new_certificate(case):
    """Update CP Certificate by Request of CS"""
    station = await case.station(password=station_password())
    await case.post("/certificates/install")
    asked = await case.post("/certificates/renew")
    assert (asked["state"], asked["answer"]) == ("accepted", ACCEPTED)
    await case.conversation(
        hears("ExtendedTriggerMessage", ACCEPTED, requestedMessage="SignChargePointCertificate"),
        says("SignCertificate", ACCEPTED, csr=ANY),
        hears("CertificateSigned", ACCEPTED, certificateChain=ANY),
    )
    certificate = await case.stage.certificate("installed", case.identity)
    assert f"CN={case.identity}" in certificate["subject"]
    assert station.safe.own is not None
    await case.stage.post(case.path("/security/raise"), {"profile": 3})
    await secured(case, 3)  # it comes back with it


async def installed(case, use, kind):
    """Our root, installed for a use; the station names it afterwards."""
    root = await case.stage.root()
    asked = await case.post("/certificates/install", {"use": use, "certificate": root})
    assert (asked["state"], asked["answer"]) == ("accepted", ACCEPTED)
    await case.conversation(
        hears("InstallCertificate", ACCEPTED, certificateType=kind, certificate=ANY),
        hears("GetInstalledCertificateIds", {"status": "Accepted", "certificateHashData": ANY}, certificateType=kind),
    )
    [listed] = await case.stage.becomes(case.path("/certificates/installed"), bool)
    assert listed["use"] == use
    [item] = listed["items"]
    return {name: value for name, value in item.items() if name != "ours"}


@pytest.mark.case("TC_075_1")
async def test_tc_075_1_install_manufacturer_root(case):
    """Install Certificate - ManufacturerRootCertificate"""
    station = await case.station()
    await installed(case, "manufacturer", "ManufacturerRootCertificate")
    assert len(station.safe.roots["ManufacturerRootCertificate"]) == 1


@pytest.mark.case("TC_075_2")
async def test_tc_075_2_install_central_system_root(case):
    """Install Certificate - CentralSystemRootCertificate"""
    station = await case.station()
    await installed(case, "central_system", CENTRAL_SYSTEM)
    assert len(station.safe.roots[CENTRAL_SYSTEM]) == 1


@pytest.mark.case("TC_076")
async def test_tc_076_delete_certificate(case):
    """Delete a Specific Certificate from the CP"""
    station = await case.station()
    hashes = await installed(case, "central_system", CENTRAL_SYSTEM)
    deleted = await case.post("/certificates/delete", hashes)
    assert (deleted["state"], deleted["answer"]) == ("accepted", ACCEPTED)
    named = {
        "hashAlgorithm": hashes["hash_algorithm"],
        "issuerNameHash": hashes["issuer_name_hash"],
        "issuerKeyHash": hashes["issuer_key_hash"],
        "serialNumber": hashes["serial_number"],
    }
    await case.conversation(
        hears("GetInstalledCertificateIds", {"certificateHashData": [named]}),
        hears("DeleteCertificate", ACCEPTED, certificateHashData=named),
        hears("GetInstalledCertificateIds", {"status": "NotFound"}),
    )
    assert station.safe.roots[CENTRAL_SYSTEM] == []
    await case.stage.becomes(case.path("/certificates/installed"), lambda shown: shown[0]["items"] == [])


async def event(case, kind):
    """The one security event, as the operator sees it."""
    path = f"/security-events?station={case.identity}"
    [shown] = (await case.stage.becomes(path, lambda shown: shown["total"] == 1))["items"]
    assert shown["kind"] == kind


@pytest.mark.case("TC_077")
async def test_tc_077_invalid_charge_point_certificate(case):
    """Invalid ChargePointCertificate Security Event"""
    station = await case.station()
    await case.post("/certificates/install")
    station.configuration.set("CertificateSignedMaxChainSize", "100")  # so that it can take none
    await case.post("/certificates/renew")
    await case.conversation(
        hears("ExtendedTriggerMessage", ACCEPTED, requestedMessage="SignChargePointCertificate"),
        says("SignCertificate", ACCEPTED),
        hears("CertificateSigned", {"status": "Rejected"}),
        says("SecurityEventNotification", {}, type="InvalidChargePointCertificate", timestamp=ANY),
    )
    await case.stage.certificate("rejected", case.identity)
    await event(case, "InvalidChargePointCertificate")
    assert len(await case.facts("StationCertificateInvalid")) == 1


@pytest.mark.case("TC_078")
async def test_tc_078_invalid_central_system_certificate(case, tmp_path):
    """Invalid CentralSystemCertificate Security Event"""
    station = await case.station()
    expired = TestAuthority(tmp_path).issue("Expired root", starts=-2 * DAY, ends=-DAY).certificate.read_text()
    asked = await case.post("/certificates/install", {"certificate": expired})
    assert (asked["state"], asked["answer"]) == ("rejected", {"status": "Rejected"})
    await case.conversation(
        hears("InstallCertificate", {"status": "Rejected"}, certificateType=CENTRAL_SYSTEM),
        says("SecurityEventNotification", {}, type="InvalidCentralSystemCertificate", timestamp=ANY),
    )
    await event(case, "InvalidCentralSystemCertificate")
    assert len(await case.facts("OurCertificateInvalid")) == 1
    assert not station.safe.roots.get(CENTRAL_SYSTEM)


@pytest.mark.case("TC_083")
async def test_tc_083_higher_security_profile(case):
    """Upgrade CP Security Profile - Accepted"""
    station = await case.station(password=station_password(), speed=BRISK)
    await case.post("/certificates/install")
    await case.stage.post(case.path("/security/raise"), {"profile": 2}, check=True)
    shown = await secured(case, 2)
    assert (shown["required_profile"], shown["profile_change"]["state"]) == (2, "done")
    await case.conversation(
        hears("InstallCertificate", ACCEPTED),
        hears("ChangeConfiguration", ACCEPTED, key="SecurityProfile", value="2"),
    )
    await until(lambda: station.online)
    station.keep_online = False
    await station.go_offline()
    station.safe.profile = 1
    with pytest.raises(Exception, match="403"):  # the lower one opens no door any more
        await station.connect()


@pytest.mark.case("TC_085")
async def test_tc_085_basic_authentication(case):
    """Basic Authentication - Valid username/password"""
    await case.station(password=station_password())
    shown = await secured(case, 1)
    assert (shown["credential"], shown["tls"]) == ("generated", None)
    await case.conversation(says("BootNotification", ACCEPTED))


@pytest.mark.case("TC_086")
async def test_tc_086_server_side_certificate(case):
    """TLS - Server-side Certificate - Valid Certificate"""
    root = await case.stage.root()
    await case.station(password=station_password(), security_profile=2, trusted=root)
    shown = await secured(case, 2)
    assert shown["tls"] == "TLSv1.3"
    await case.conversation(says("BootNotification", ACCEPTED))


@pytest.mark.case("TC_087")
async def test_tc_087_client_side_certificate(case):
    """TLS - Client-side Certificate - Valid Certificate"""
    station = await case.station(password=station_password())
    await case.stage.certify(station)
    station.keep_online = False
    await station.go_offline()
    station.safe.profile = 3
    station.restarted()
    await station.come_online()
    shown = await secured(case, 3)
    assert shown["tls"] == "TLSv1.3"
    await case.conversation(hears("CertificateSigned", ACCEPTED), says("BootNotification", ACCEPTED))


@pytest.mark.case("TC_088")
async def test_tc_088_subprotocol_negotiation(case):
    """WebSocket Subprotocol Negotiation"""
    await case.stage.built(case.identity, password=None)
    url = case.stage.server.ocpp_url
    line = await open_station(url, case.identity, subprotocols=["ocpp2.0.1", "ocpp1.6"])
    assert line.connection.subprotocol == "ocpp1.6"
    assert (await line.boot())["status"] == "Accepted"
    assert (await case.stage.get(case.path()))["presence"]["protocol"] == "ocpp1.6"
    await line.leave()
    stranger = await open_station(url, case.identity, subprotocols=["ocpp1.5"])
    assert stranger.connection.subprotocol is None  # the upgrade completes without one, and ends (OCPP-J §3.3)
    assert await stranger.closed() == 1002
    await stranger.leave()
