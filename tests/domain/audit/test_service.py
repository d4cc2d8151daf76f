"""An entry lives and dies with the change it tells of."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from csms.domain.audit import service as audit
from csms.domain.audit.model import AuditEntry
from csms.kit.database import Database
from csms.kit.errors import Conflict, Invalid
from csms.kit.paging import Slice, fetch_page

NOON = datetime(2030, 1, 31, 12, tzinfo=UTC)


@dataclass(frozen=True)
class Author:
    kind: str = "user"
    label: str = "Ana <ana@example.org>"


async def test_what_is_rolled_back_is_not_told(database: Database) -> None:
    async def failing_change() -> None:
        async with database.unit() as session:
            await audit.record(session, Author(), "create", "thing", 7, None, {"name": "A"}, NOON)
            raise Conflict

    with pytest.raises(Conflict):
        await failing_change()
    async with database.view() as session:
        assert (await audit.list_entries(session, Slice())).items == []


async def test_entries_of_one_moment_keep_their_order_over_pages(database: Database) -> None:
    async with database.unit() as session:
        for number in range(7):
            later = NOON + timedelta(seconds=number // 4)
            await audit.record(session, Author(), "create", "thing", number, None, None, later)
            await session.flush()

    async def told(sort: str) -> list[str]:
        found: list[str] = []
        async with database.view() as session:
            for offset in (0, 3, 6):
                page = await audit.list_entries(session, Slice(offset, 3, sort))
                assert page.total == 7
                found += [entry.subject_id for entry in page.items]
        return found

    assert await told("at") == list("0123456")
    assert await told("-at") == list("6543210")


async def test_an_order_that_is_not_offered_is_refused(database: Database) -> None:
    async with database.view() as session:
        with pytest.raises(Invalid, match="sorted by at, not by actor"):
            await fetch_page(
                session, select(AuditEntry), Slice(sort="actor"), {"at": AuditEntry.at}, default="at", tie=AuditEntry.id
            )
