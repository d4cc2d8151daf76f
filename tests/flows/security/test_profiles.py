"""Raising a station's security profile, and its way back; changing its password (white paper A01, A05)."""

import pytest
from websockets.exceptions import InvalidStatus

from ...harness.sockets import open_station
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


CHOSEN, OTHER = "a-password-of-our-own-1234567890", "another-password-of-our-own-12345"


async def state_of_password(stage, state):
    await stage.becomes("/stations/CS-1/security", lambda shown: shown["password_change"]["state"] == state)


async def comes(station, password):
    await station.go_offline()
    station.modem.password = password.encode()
    await station.come_online()


def with_password(stage, password):
    return stage.server.ocpp_url.replace("://", f"://CS-1:{password}@")


async def sent_and_lost(stage, station):
    """The line breaks when the station has just been sent its password."""
    await station.go_offline()
    station.keep_online = False
    deaf = await open_station(with_password(stage, station.modem.password.decode()), "CS-1")
    await stage.post("/stations/CS-1/password/rotate", {"password": CHOSEN})
    assert (await deaf.next_call())[2] == "ChangeConfiguration"
    await deaf.leave()
    await state_of_password(stage, "unanswered")


async def test_an_unanswered_password_is_good_beside_the_old_one(stage):
    """The line broke when the station had just taken it: either way it comes back."""
    station = await stage.station()
    await sent_and_lost(stage, station)
    await station.come_online()
    await comes(station, CHOSEN)
    assert (await stage.security())["password_change"]["state"] == "done"


async def test_a_password_that_was_never_sent_is_not_good(stage):
    station = await stage.station()
    await station.go_offline()
    station.keep_online = False
    await stage.post("/stations/CS-1/password/rotate", {"password": CHOSEN}, expires_in=1)
    await state_of_password(stage, "expired")
    assert (await stage.security())["password_change"]["settled_at"] is not None
    with pytest.raises(InvalidStatus, match="401"):
        await open_station(with_password(stage, CHOSEN), "CS-1")


async def test_while_it_is_uncertain_which_password_it_has_no_third_one_is_sent(stage):
    station = await stage.station()
    await sent_and_lost(stage, station)
    refused = await stage.refused("/stations/CS-1/password/rotate", {"password": OTHER})
    assert refused == (409, "password_uncertain")
    station.keep_online = True
    await station.come_online()  # with the old one
    await stage.becomes("/stations/CS-1", lambda shown: shown["presence"]["online"])
    await stage.post("/stations/CS-1/password/rotate", {"password": OTHER})
    await state_of_password(stage, "done")
    assert station.modem.password == OTHER.encode()


async def test_a_second_rotation_does_not_forget_the_password_that_was_accepted(stage):
    """It holds the first and has not come back with it; the second never reaches it."""
    station = await stage.station()
    station.reconnect = lambda: None
    await stage.post("/stations/CS-1/password/rotate", {"password": CHOSEN})
    await state_of_password(stage, "accepted")
    await station.go_offline()
    station.keep_online = False
    await stage.post("/stations/CS-1/password/rotate", {"password": OTHER}, expires_in=1)
    await state_of_password(stage, "expired")
    await comes(station, CHOSEN)
    assert station.online
    assert len(await stage.facts("StationPasswordChanged")) == 1


async def test_a_password_by_hand_is_the_only_one(stage):
    """Also where the station may have one that it was sent before."""
    station = await stage.station()
    await sent_and_lost(stage, station)
    await stage.post("/stations/CS-1/password", {"password": OTHER})
    assert (await stage.security())["password_change"]["state"] == "superseded"
    with pytest.raises(InvalidStatus, match="401"):
        await open_station(with_password(stage, CHOSEN), "CS-1")
    await comes(station, OTHER)
    assert station.online


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
