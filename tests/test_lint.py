"""Our own lint rules find what they are for."""

import pytest
from tools.lint import asked_of_the_backend, backends


@pytest.mark.parametrize(
    "line",
    [
        "if settings.postgres: pass",
        "if session.get_bind().dialect.name == kind: pass",
        "if session.bind.dialect.driver != kind: pass",
        "dialect = engine.dialect; fast = dialect.name in fast_ones",
        "if engine.url.drivername == kind: pass",
        "if url.get_backend_name() in known: pass",
        "if url.startswith('postgresql://'): pass",
        "match kind:\n    case 'sqlite': pass",
        "answer = f'runs on nats {version}'",
        "from sqlalchemy.dialects.postgresql import insert",
        "import asyncpg",
        "if type(bus).__name__ == 'NatsBus': pass",
        "if isinstance(writer, PostgresWriter): pass",
    ],
)
def test_code_that_asks_which_database_or_bus_there_is_is_found(line: str) -> None:
    assert list(asked_of_the_backend(line))


@pytest.mark.parametrize(
    "line",
    [
        '"""Kept in PostgreSQL, or SQLite."""',
        "Index(None, 'at', sqlite_where=text('open'), postgresql_where=text('open'))",  # one index, told to both
        "protocol = hub.dialect.protocol.name",
        "signature = national",
    ],
)
def test_code_that_does_not_ask_is_not(line: str) -> None:
    assert list(asked_of_the_backend(line)) == []


def test_nobody_asks() -> None:
    assert list(backends()) == []
