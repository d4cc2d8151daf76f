"""Raising a station's security profile, and its way back; changing its password (white paper A01, A05)."""

from ...harness.waiting import until


async def test_raised_to_tls(stage):
    station = await stage.station()
    await stage.post("/stations/CS-1/certificates/install", {}, wait=10)
    await stage.post("/stations/CS-1/security/raise", {"profile": 2})
    shown = await stage.becomes("/stations/CS-1/security", lambda shown: shown["present_profile"] == 2)
    assert (shown["required_profile"], shown["tls"], shown["profile_change"]["state"]) == (2, "TLSv1.3", "done")
    assert station.configuration["SecurityProfile"] == "2"


async def test_a_station_that_does_not_trust_us_refuses(stage):
    await stage.station()
    await stage.post("/stations/CS-1/security/raise", {"profile": 2})
    await stage.becomes("/stations/CS-1/security", lambda shown: shown["profile_change"]["state"] == "refused")
    assert (await stage.security())["required_profile"] == 0


async def test_foreseen_refusals_are_told_when_asked_for(stage):
    await stage.station(password=None)
    answer = await stage.api.post("/api/v1/stations/CS-1/security/raise", json={"profile": 3}, params={"check": True})
    assert (answer.status_code, answer.json()["code"]) == (409, "security_profile_objection")
    assert len(answer.json()["objections"]) == 2


async def test_who_cannot_come_back_goes_on_as_before(stage):
    """It trusts somebody else's root, so TLS fails; after some tries it falls back, and is let in."""
    station = await stage.station()
    await stage.post("/stations/CS-1/certificates/install", {}, wait=10)
    station.safe.roots["CentralSystemRootCertificate"] = [_other_root()]
    await stage.post("/stations/CS-1/security/raise", {"profile": 2, "within_s": 1})
    await stage.becomes("/stations/CS-1/security", lambda shown: shown["profile_change"]["state"] == "fell_back")
    await until(lambda: station.online and station.safe.profile == 1)
    shown = await stage.becomes("/stations/CS-1/security", lambda shown: shown["present_profile"] == 1)
    assert shown["required_profile"] == 0
    assert (await stage.facts("SecurityProfileFellBack"))[0]["wanted"] == 2
    attempts = await stage.get("/connection-attempts")
    assert {one["problem"] for one in attempts["items"]} & {"tls_hung_up", "our_certificate_refused"}


def _other_root():
    from pathlib import Path
    from tempfile import TemporaryDirectory

    from cryptography import x509

    from ...harness.certificates import TestAuthority

    with TemporaryDirectory() as folder:
        return x509.load_pem_x509_certificate(TestAuthority(Path(folder), "Somebody Else").path.read_bytes())


async def test_a_new_password_is_the_only_one_once_it_is_used(stage):
    station = await stage.station()
    old = station.modem.password
    rotated = await stage.post("/stations/CS-1/password/rotate", {})
    assert rotated["password_change"]["state"] in ("asked", "accepted", "done")
    await stage.becomes("/stations/CS-1/security", lambda shown: shown["password_change"]["state"] == "done")
    assert station.modem.password != old
    await until(lambda: station.online)
    station.modem.password = old
    station.reconnect()
    await stage.becomes(
        "/stations/CS-1/connection-attempts",
        lambda shown: shown["total"] and shown["items"][0]["problem"] == "wrong_password",
    )
    assert len(await stage.facts("StationPasswordChanged")) == 1


async def test_the_new_password_stands_nowhere_once_the_station_has_it(stage):
    station = await stage.station()
    chosen = "a-password-of-our-own-1234567890"
    await stage.post("/stations/CS-1/password/rotate", {"password": chosen})
    await stage.becomes("/stations/CS-1/security", lambda shown: shown["password_change"]["state"] == "done")
    assert station.modem.password == chosen.encode()
    for table in ("commands", "frames", "configuration_keys", "facts", "audit_entries", "password_changes"):
        assert chosen not in str(await stage.rows(table)), table


async def test_a_refused_password_changes_nothing(stage):
    station = await stage.station(configuration={})
    await stage.post("/stations/CS-1/password/rotate", {"password": "tooshort"})
    await stage.becomes("/stations/CS-1/security", lambda shown: shown["password_change"]["state"] == "refused")
    station.reconnect()
    await until(lambda: station.online)


async def test_an_unanswered_password_is_good_beside_the_old_one(stage):
    """The line broke when the station had just taken it: either way it comes back."""
    station = await stage.station()
    await station.go_offline()
    station.keep_online = False
    chosen = "a-password-of-our-own-1234567890"
    await stage.post("/stations/CS-1/password/rotate", {"password": chosen}, expires_in=1)
    await stage.becomes("/stations/CS-1/security", lambda shown: shown["password_change"]["state"] == "unanswered")
    await station.come_online()
    await station.go_offline()
    station.modem.password = chosen.encode()
    await station.come_online()
    assert (await stage.security())["password_change"]["state"] == "done"


async def test_what_is_required_can_be_set_by_hand(stage):
    station = await stage.station()
    await stage.put("/stations/CS-1/security", {"profile": 2})
    station.reconnect()
    await stage.becomes(
        "/stations/CS-1/connection-attempts",
        lambda shown: shown["total"] and shown["items"][0]["problem"] == "below_profile",
    )
    await stage.put("/stations/CS-1/security", {"profile": 1})
    await until(lambda: station.online)
    answers = await stage.get("/audit", action="require_security_profile")
    assert answers["total"] == 2


async def test_one_change_at_a_time(stage):
    station = await stage.station()
    await station.go_offline()
    station.keep_online = False
    await stage.post("/stations/CS-1/security/raise", {"profile": 2})
    assert await stage.refused("/stations/CS-1/security/raise", {"profile": 3}) == (409, "change_under_way")
