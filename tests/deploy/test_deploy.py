"""Deployment files name settings, commands, roles, ports and paths that there are."""

import re
import shlex
from collections.abc import Iterator
from dataclasses import fields
from itertools import chain
from pathlib import Path
from typing import Any

import httpx
import pytest
import typer
import yaml
from bench.services import free_port

from csms.app.cli import app
from csms.app.settings import PREFIX, ROLES, Settings, load

from ..harness.server import serving
from ..harness.waiting import until

DEPLOY = Path(__file__).parents[2] / "deploy"
UNITS = sorted(DEPLOY.glob("systemd/csms*.service"))
MANIFESTS = sorted(DEPLOY.glob("kubernetes/*.yaml"))
COMPOSES = sorted(DEPLOY.glob("compose/*.yaml"))
PROXIES = sorted([*DEPLOY.glob("compose/*.cfg"), *DEPLOY.glob("nginx/*.conf")])
SETTINGS = {item.name for item in fields(Settings)}
PORTS = {"8080", "9000", "9100", "9443"}
HEALTH = {"/health/live", "/health/ready"}


def documents(path: Path) -> list[Any]:
    return [document for document in yaml.safe_load_all(path.read_text()) if document is not None]


def unit(path: Path) -> dict[str, list[tuple[str, str]]]:
    """Its sections; a key may come often."""
    sections: dict[str, list[tuple[str, str]]] = {}
    for line in path.read_text().splitlines():
        if line.startswith("["):
            lines = sections.setdefault(line.strip("[]"), [])
        elif line and not line.startswith("#"):
            key, equals, value = line.partition("=")
            assert equals, line
            lines.append((key, value))
    return sections


def walk(node: Any) -> Iterator[dict[str, Any]]:
    """Every mapping within."""
    if isinstance(node, dict):
        yield node
        for value in node.values():
            yield from walk(value)
    elif isinstance(node, list):
        for value in node:
            yield from walk(value)


def is_a_command(words: list[str]) -> bool:
    """Whether the command line takes these words: commands first, then options with values of theirs."""
    group: Any = typer.main.get_command(app)
    rest = list(words)
    while hasattr(group, "commands"):
        if not rest or rest[0] not in group.commands:
            return False
        group = group.commands[rest.pop(0)]
    known = {option for parameter in group.params for option in parameter.opts}
    options, values = rest[::2], rest[1::2]
    assert len(options) == len(values), words
    roles = {value for option, value in zip(options, values, strict=True) if option == "--role"}
    return set(options) <= known and roles <= set(ROLES)


def test_there_is_something_to_look_at() -> None:
    assert len(UNITS) == 4
    assert len(MANIFESTS) >= 7
    assert len(COMPOSES) == 2
    assert len(PROXIES) == 3


def test_every_setting_that_is_named_exists() -> None:
    for path in [path for path in DEPLOY.rglob("*") if path.is_file()]:
        named = set(re.findall(rf"\b{PREFIX}([A-Z][A-Z0-9_]*[A-Z0-9])\b", path.read_text())) - {"HOST"}  # compose's own
        assert {name.lower() for name in named} <= SETTINGS, path


# -- systemd ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", UNITS, ids=lambda path: path.name)
def test_a_unit_runs_a_command_of_ours_with_settings_that_hold_and_no_more_rights_than_it_needs(path: Path) -> None:
    sections = unit(path)
    service = dict(sections["Service"])
    program, *words = shlex.split(service["ExecStart"])
    assert program.endswith("/csms")
    assert is_a_command(words), words
    given = [value.replace("%i", "1").partition("=") for key, value in sections["Service"] if key == "Environment"]
    environment = {name: value for name, _, value in given}
    roles = words[words.index("--role") + 1] if "--role" in words else None
    shared = {} if roles is None else {"CSMS_DATABASE_URL": "postgresql://db/csms", "CSMS_BUS_URL": "nats://bus"}
    assert load({"roles": roles}, environment | shared).monitor is not None
    for right in ("NoNewPrivileges=yes", "ProtectSystem=strict", "ProtectHome=yes", "PrivateTmp=yes"):
        assert tuple(right.split("=")) in sections["Service"]
    assert "DynamicUser" in service or service["User"] == "csms"
    drain_s, last_commits_s = 30, 30
    assert roles != "gateway" or int(service["TimeoutStopSec"]) > drain_s + last_commits_s


def test_instances_of_all_kinds_on_one_machine_have_ports_of_their_own() -> None:
    ports = [
        re.sub("%i", number, value.rpartition(":")[2])
        for path in UNITS
        for key, value in unit(path)["Service"]
        for number in "12"
        if key == "Environment" and re.search(r":\d+%i$", value)
    ]
    assert len(ports) == len(set(ports)) == 10


def test_the_target_of_many_units_stops_when_the_last_of_them_has_stopped() -> None:
    """What starts after it stops before it; else `systemctl stop csms.target` returns while gateways still write."""
    for path in DEPLOY.glob("systemd/csms-*@.service"):
        keys = dict(unit(path)["Unit"])
        assert keys["PartOf"] == "csms.target"
        assert "csms.target" in keys["After"].split()


def test_the_example_of_the_environment_holds() -> None:
    lines = (DEPLOY / "systemd" / "csms.env.example").read_text().splitlines()
    given = dict(line.lstrip("#").split("=", 1) for line in lines if re.match(r"#?CSMS_", line))
    assert load(environment=given).proxies == ["127.0.0.1", "::1"]


def test_the_units_user_reaches_the_keys_that_the_example_names() -> None:
    """They are not read by systemd, as the environment is: a folder closed to all but root kept every process from starting."""
    example = (DEPLOY / "systemd" / "csms.env.example").read_text()
    assert re.search(r"^#CSMS_STATION_KEY_FILE=/etc/csms/keys/", example, re.MULTILINE)
    install = (DEPLOY.parent / "docs" / "operations" / "install.md").read_text()
    (mode,) = re.findall(r"install -d -m (\d+) /etc/csms\b", install)
    assert int(mode, 8) & 0o001
    assert "install -m 0600 deploy/systemd/csms.env.example" in install


# -- containers -------------------------------------------------------------------------------------------------------


def test_the_image_runs_without_root_and_says_where_it_listens() -> None:
    text = re.sub(r"\\\n", " ", (DEPLOY / "Dockerfile").read_text())
    lines = [line.split(maxsplit=1) for line in text.splitlines() if line and not line.startswith("#")]
    assert {word for word, _ in lines} <= {
        "FROM", "RUN", "WORKDIR", "COPY", "ENV", "USER", "VOLUME", "EXPOSE", "STOPSIGNAL", "HEALTHCHECK", "ENTRYPOINT", "CMD",
    }  # fmt: skip
    last = max(number for number, (word, _) in enumerate(lines) if word == "FROM")
    final = dict(lines[last:])
    assert final["USER"] not in ("root", "0")
    environment = dict(pair.split("=", 1) for pair in final["ENV"].split() if pair.startswith(PREFIX))
    settings = load(environment=environment)
    assert {at.rpartition(":")[2] for at in (settings.http, settings.ocpp, settings.monitor or "")} == {
        *final["EXPOSE"].split()
    }
    assert HEALTH & set(re.findall(r"/health/\w+", final["HEALTHCHECK"]))
    assert is_a_command(yaml.safe_load(final["CMD"]))
    assert yaml.safe_load(final["ENTRYPOINT"]) == ["csms"]


@pytest.mark.parametrize("path", COMPOSES, ids=lambda path: path.name)
def test_a_compose_file_runs_commands_of_ours_on_what_it_declares(path: Path) -> None:
    (compose,) = documents(path)
    ours = {name: service for name, service in compose["services"].items() if service["image"] == "csms"} if (
        all("image" in service for service in compose["services"].values())
    ) else {}  # fmt: skip
    assert ours
    assert any("build" in service for service in ours.values())
    for name, service in ours.items():
        words = service.get("command", ["serve"])
        assert is_a_command(words), (name, words)
        values = {key: re.sub(r"\$\{[^}]*\}", "x", value) for key, value in service["environment"].items()}
        load({"roles": words[-1] if "--role" in words else None}, values)
        if "gateway" in words:
            assert int(service["stop_grace_period"].rstrip("s")) > float(values["CSMS_DRAIN_S"]) + 30
    volumes = {
        mount.partition(":")[0] for service in compose["services"].values() for mount in service.get("volumes", [])
    }
    assert {volume for volume in volumes if not volume.startswith("./")} == set(compose["volumes"])
    for volume in volumes:
        assert not volume.startswith("./") or volume == "./tls" or (path.parent / volume).exists()
    (subnet,) = compose["networks"]["default"]["ipam"]["config"]
    trusted = {service["environment"]["CSMS_TRUSTED_PROXIES"] for service in ours.values()}
    assert trusted == {subnet["subnet"]}


@pytest.mark.parametrize("path", PROXIES, ids=lambda path: path.name)
def test_a_proxy_speaks_to_our_ports_and_lets_nobody_say_where_they_come_from(path: Path) -> None:
    text = path.read_text()
    inner = re.findall(r"(?:127\.0\.0\.1|csms|gateway|api):(\d{4})\b", text) + re.findall(r"check port (\d+)", text)
    assert inner
    assert set(inner) <= PORTS
    assert set(re.findall(r"GET (/health/\w+)", text)) <= HEALTH
    assert "add-header X-Forwarded-For" not in text
    assert "$proxy_add_x_forwarded_for" not in text
    assert re.search(r"set[-_]header +X-Forwarded-For +(%\[src\]|\$remote_addr)", text)
    idle_s = [int(value) for value in re.findall(r"(?:timeout tunnel|proxy_read_timeout) +(\d+)s", text)]
    assert min(idle_s) > 2 * Settings().ping_interval_s
    longest_wait_s = 120
    assert (
        max(int(value) for value in re.findall(r"(?:timeout server|proxy_read_timeout) +(\d+)s", text)) > longest_wait_s
    )


def test_no_location_of_nginx_loses_the_headers_that_say_where_a_station_comes_from() -> None:
    """A `proxy_set_header` in a location takes those of its server away."""
    text = (DEPLOY / "nginx" / "csms.conf").read_text()
    locations = re.findall(r"location [^{]+\{([^}]*)\}", text)
    assert len(locations) == 3
    assert not any("proxy_set_header" in location for location in locations)


# -- Kubernetes -------------------------------------------------------------------------------------------------------


def test_the_manifests_are_all_in_the_kustomization_and_refer_to_each_other() -> None:
    (kustomization,) = documents(DEPLOY / "kubernetes" / "kustomization.yaml")
    assert {path.name for path in MANIFESTS} == {"kustomization.yaml", *kustomization["resources"]}
    everything = [document for path in MANIFESTS for document in documents(path)]
    names = {(document["kind"], document["metadata"]["name"]) for document in everything if "metadata" in document}
    for mapping in chain.from_iterable(map(walk, everything)):
        if "configMapRef" in mapping:
            assert ("ConfigMap", mapping["configMapRef"]["name"]) in names
        if "claimName" in mapping:
            assert ("PersistentVolumeClaim", mapping["claimName"]) in names
        if set(mapping) == {"name", "port"} and isinstance(mapping["port"], dict):
            assert ("Service", mapping["name"]) in names


def pods() -> dict[str, dict[str, Any]]:
    return {
        document["metadata"]["name"]: document["spec"]["template"]["spec"]
        for path in MANIFESTS
        for document in documents(path)
        if document["kind"] in ("Deployment", "Job")
    }


@pytest.mark.parametrize("name", pods())
def test_a_pod_runs_a_command_of_ours_without_rights_and_its_secrets_are_elsewhere(name: str) -> None:
    pod = pods()[name]
    (container,) = pod["containers"]
    assert is_a_command(container["args"])
    assert pod["enableServiceLinks"] is False  # CSMS_API_SERVICE_HOST and the like would be no settings of ours
    assert pod["securityContext"]["runAsNonRoot"]
    assert container["securityContext"]["allowPrivilegeEscalation"] is False
    assert container["securityContext"]["readOnlyRootFilesystem"]
    assert container["securityContext"]["capabilities"] == {"drop": ["ALL"]}
    assert pod["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
    assert {"secretRef": {"name": "csms"}} in container["envFrom"]
    assert {mount["name"] for mount in container["volumeMounts"]} == {volume["name"] for volume in pod["volumes"]}


@pytest.mark.parametrize("name", ["csms-gateway", "csms-api", "csms-jobs"])
def test_a_pod_is_probed_where_the_process_answers_and_has_time_to_say_farewell(name: str) -> None:
    pod = pods()[name]
    (container,) = pod["containers"]
    (settings,) = [
        document["data"] for path in MANIFESTS for document in documents(path) if document["kind"] == "ConfigMap"
    ]
    shared = {"CSMS_DATABASE_URL": "postgresql://db/csms", "CSMS_BUS_URL": "nats://bus"}
    loaded = load({"roles": container["args"][-1]}, settings | shared)
    ports = {port["name"]: str(port["containerPort"]) for port in container["ports"]}
    probes = [container[kind]["httpGet"] for kind in ("startupProbe", "livenessProbe", "readinessProbe")]
    assert [probe["path"] for probe in probes] == ["/health/live", "/health/live", "/health/ready"]
    assert {ports[probe["port"]] for probe in probes} == {str(loaded.monitor).rpartition(":")[2]}
    assert set(ports.values()) <= PORTS
    farewell_s = loaded.drain_s + 30 + 5 if name == "csms-gateway" else 30
    assert pod["terminationGracePeriodSeconds"] > farewell_s
    budgets = [
        document["spec"]["selector"]["matchLabels"]["app.kubernetes.io/component"]
        for path in MANIFESTS
        for document in documents(path)
        if document["kind"] == "PodDisruptionBudget"
    ]
    assert sorted(budgets) == ["api", "gateway", "jobs"]


async def test_the_keys_that_a_pod_names_are_made_as_the_documentation_says_and_it_may_read_them(
    tmp_path: Path,
) -> None:
    text = (DEPLOY.parent / "docs" / "operations" / "install.md").read_text()
    told = re.search(r"`CSMS_OCPP_TLS=\S+ csms serve --data keys`", text)
    assert told is not None
    async with serving(tmp_path / "keys", ocpp_tls="127.0.0.1:0"):
        pass
    files = re.findall(r"--from-file=(?:(\S+)=)?(\S+)", text)
    taken = {name or Path(file).name: tmp_path / file for name, file in files}
    (settings,) = [
        document["data"] for path in MANIFESTS for document in documents(path) if document["kind"] == "ConfigMap"
    ]
    mount = "/etc/csms/keys/"
    named = {key.removeprefix(PREFIX).lower(): value for key, value in settings.items() if value.startswith(mount)}
    given = {key: taken.pop(value.removeprefix(mount)) for key, value in named.items()}
    assert not taken
    async with serving(tmp_path / "pod", **given) as server:
        await server.context.authority()
    assert not list((tmp_path / "pod").rglob("*.key"))
    for pod in pods().values():
        rights = pod["securityContext"]
        assert rights["fsGroup"] == rights["runAsGroup"]  # secrets are root's; their mode lets the group read
        assert all(volume["secret"]["defaultMode"] == 0o440 for volume in pod["volumes"] if "secret" in volume)


# -- Prometheus -------------------------------------------------------------------------------------------------------


async def test_alerts_watch_metrics_that_there_are(tmp_path: Path) -> None:
    monitor = f"127.0.0.1:{free_port()}"
    async with serving(tmp_path / "data", monitor=monitor), httpx.AsyncClient(trust_env=False) as client:

        async def whole() -> str:
            text = (await client.get(f"http://{monitor}/metrics")).text
            return text if "csms_facts_lag_seconds" in text else ""  # once the relay has looked

        text = await until(whole)
    (rules,) = documents(DEPLOY / "prometheus" / "alerts.yaml")
    for rule in rules["groups"][0]["rules"]:
        named = set(re.findall(r"\bcsms_\w+", rule["expr"]))
        assert named or "up{" in rule["expr"]
        assert all(re.search(rf"\b{name}\b", text) for name in named), rule["alert"]
        assert all(f'part="{part}"' in text for part in re.findall(r'part="(\w+)"', rule["expr"])), rule["alert"]


def test_nobody_left_to_tell_how_far_reactions_are_behind_is_told() -> None:
    """The metric comes from the processes that are missing then."""
    (rules,) = documents(DEPLOY / "prometheus" / "alerts.yaml")
    assert any(rule["expr"] == "absent(csms_facts_lag_seconds)" for rule in rules["groups"][0]["rules"])
