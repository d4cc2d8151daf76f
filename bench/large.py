"""The set-ups on PostgreSQL: one process, and many of them with NATS between."""

import urllib.request
from pathlib import Path
from typing import ClassVar, Self

import asyncpg

from bench.servers import Csms, Echo, OcppWebsockets, Server
from bench.services import HOST, NatsServer, PostgresServer, apart, execute, free_port

GATEWAYS = 2
DATABASE = "csms_bench"


async def _size(url: str) -> int:
    connection = await asyncpg.connect(url)
    size: int = await connection.fetchval("SELECT pg_database_size(current_database())")
    await connection.close()
    return size


class OnPostgres(Csms):
    """One process, all roles, on a PostgreSQL server of its own that commits durably."""

    name = "postgres"
    title = "csms (PostgreSQL)"
    database: ClassVar[str | None] = "postgres"

    def __init__(self, directory: Path) -> None:
        super().__init__(directory)
        self._postgres = PostgresServer(durable=True)

    @property
    def parts(self) -> dict[str, list[int]]:
        return {"csms": self.pids, "PostgreSQL": [self._postgres.pid]}

    def environment(self) -> dict[str, str]:
        return super().environment() | {"CSMS_DATABASE_URL": self._postgres.url(DATABASE)}

    def stored_bytes(self) -> int:
        return apart(_size(self._postgres.url(DATABASE)))

    def __enter__(self) -> Self:
        self._postgres.start()
        apart(execute(self._postgres.url(), f"CREATE DATABASE {DATABASE}"))
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()
        self._postgres.remove()


class Cluster(OnPostgres):
    """Two gateways, one API, one worker over PostgreSQL and NATS; stations connect to the gateways in turn."""

    name = "cluster"
    title = "csms (2 gateways, API, worker)"
    database = None  # its lists are those of any API on PostgreSQL

    def __init__(self, directory: Path) -> None:
        super().__init__(directory)
        self._nats = NatsServer()
        self._ocpp_ports = {f"gateway{number}": free_port() for number in range(1, GATEWAYS + 1)}
        self._monitor_ports = {name: free_port() for name in (*self._ocpp_ports, "api", "worker")}

    @property
    def urls(self) -> list[str]:
        return [f"ws://{HOST}:{port}/ocpp" for port in self._ocpp_ports.values()]

    @property
    def parts(self) -> dict[str, list[int]]:
        pids = {name: process.pid for name, process in self._processes.items()}
        return {
            "gateways": [pids[name] for name in self._ocpp_ports],
            "API": [pids["api"]],
            "worker": [pids["worker"]],
            "PostgreSQL": [self._postgres.pid],
            "NATS": [self._nats.pid],
        }

    def programs(self) -> dict[str, list[str]]:
        gateways = {name: ["--role", "gateway", "--ocpp", f"{HOST}:{port}"] for name, port in self._ocpp_ports.items()}
        api = ["--role", "api", "--http", f"{HOST}:{self.http_port}"]
        roles = gateways | {"api": api, "worker": ["--role", "jobs"]}
        return {name: ["env", *self._own(name), *self.csms("serve"), *role] for name, role in roles.items()}

    def _own(self, name: str) -> list[str]:
        return [f"CSMS_NAME={name}", f"CSMS_MONITOR={HOST}:{self._monitor_ports[name]}"]

    def environment(self) -> dict[str, str]:
        return super().environment() | {"CSMS_BUS_URL": self._nats.url}

    def is_ready(self) -> bool:
        try:
            for port in self._monitor_ports.values():
                urllib.request.urlopen(f"http://{HOST}:{port}/health/ready", timeout=5).close()
        except OSError:
            return False
        return True

    def __enter__(self) -> Self:
        super().__enter__()
        self._nats.start()
        self.run("db", "upgrade")
        return self

    def __exit__(self, *_: object) -> None:
        super().__exit__()
        self._nats.stop()


SETUPS: dict[str, tuple[type[Server], ...]] = {
    "sqlite": (Csms,),
    "postgres": (OnPostgres,),
    "cluster": (Cluster,),
    "references": (OcppWebsockets, Echo),
}
