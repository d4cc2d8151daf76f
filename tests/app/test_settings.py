"""Settings: the command line before the environment before the file before defaults, and no typing mistake passes."""

from pathlib import Path

import pytest

from csms.app.settings import BadSetting, Settings, address, load


def test_what_is_given_wins_over_the_environment_over_the_file(tmp_path: Path) -> None:
    file = tmp_path / "csms.toml"
    file.write_text('http = "0.0.0.0:1"\nocpp = "0.0.0.0:2"\nheartbeat_interval_s = 77\n')
    environment = {"CSMS_HTTP": "0.0.0.0:3", "CSMS_OCPP": "0.0.0.0:4", "OTHER": "x"}
    settings = load({"http": "0.0.0.0:5", "data": None}, environment, file)
    assert (settings.http, settings.ocpp, settings.heartbeat_interval_s) == ("0.0.0.0:5", "0.0.0.0:4", 77)
    assert settings.data == Path("data")


@pytest.mark.parametrize(
    ("environment", "words"),
    [
        ({"CSMS_HTTPS": "x"}, "https is no setting"),
        ({"CSMS_HTTP": "8080"}, "must look like"),
        ({"CSMS_OCPP": "127.0.0.1:99999"}, "must look like"),
        ({"CSMS_HEARTBEAT_INTERVAL_S": "soon"}, "no int"),
        ({"CSMS_HEARTBEAT_INTERVAL_S": "0"}, "more than 0"),
        ({"CSMS_UNKNOWN_STATIONS": "maybe"}, "inbox, accept, refuse"),
        ({"CSMS_ALLOW_CONCURRENT_SESSIONS": "perhaps"}, "no bool"),
        ({"CSMS_ADMIN_EMAIL": "a@b.example"}, "come together"),
    ],
)
def test_a_mistake_is_named(environment: dict[str, str], words: str) -> None:
    with pytest.raises(BadSetting, match=words):
        load({}, environment)


@pytest.mark.parametrize(
    ("text", "words"), [("htp = 1", "no setting"), ("http = ", "not valid TOML"), (None, "cannot be read")]
)
def test_a_bad_file_is_named(tmp_path: Path, text: str | None, words: str) -> None:
    file = tmp_path / "csms.toml"
    if text is not None:
        file.write_text(text)
    with pytest.raises(BadSetting, match=words):
        load({}, {}, file)


@pytest.mark.parametrize(
    ("name", "url", "shown"),
    [
        ("database_url", "postgresql://csms:SECRET@db1,db2/csms", "postgresql://csms:********@db1,db2/csms"),
        ("database_url", "postgresql://csms:SEC@R/E,T@db/csms", "postgresql://csms:********@db/csms"),
        ("database_url", "postgresql://csms@db/csms", "postgresql://csms@db/csms"),
        (
            "database_url",
            "postgresql://db/csms?user=csms&password=SECRET&sslmode=require",
            "postgresql://db/csms?user=csms&password=********&sslmode=require",
        ),
        ("bus_url", "nats://u:SECRET@n1:4222,nats://u:SECRET@n2:4222", "nats://u:********@n1:4222,nats://u:********@n2:4222"),
        ("bus_url", "nats://SECRET@n1:4222,nats://n2:4222", "nats://********@n1:4222,nats://n2:4222"),
    ],
)  # fmt: skip
def test_secrets_in_urls_are_masked_wherever_they_stand(name: str, url: str, shown: str) -> None:
    assert Settings(**{name: url}).shown()[name] == shown


def test_secrets_are_masked_when_shown() -> None:
    shown = Settings(admin_email="a@b.example", admin_password="swordfish").shown()
    assert shown["admin_email"] == "a@b.example"
    assert "swordfish" not in str(shown)
    assert shown["http"] == "127.0.0.1:8080"


def test_addresses_have_a_host_and_a_port() -> None:
    assert address("[::1]:80", "http") == ("::1", 80)
    assert address("localhost:0", "http") == ("localhost", 0)
