"""Every query on reactions, claims, and facts that wait.

Those of the relay are made once, and on tables: it asks them some times a second while stations wait for the turn to write,
and to build a statement and its rows as objects costs several times what SQLite takes for it.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from functools import cache
from typing import Final
from uuid import UUID

from sqlalchemy import BigInteger, Integer, TextClause, Uuid, bindparam, delete, func, literal, select, text, update
from sqlalchemy.ext.asyncio import AsyncSession

from csms.domain.facts.model import FactReaction, RelayClaim
from csms.domain.facts.reaction import StoredFact
from csms.kit.facts import FactRow
from csms.kit.tables import UtcTime

SHARES: Final = 4  # of the stations: as many workers can relay at the same time
_UNWANTED_AT_ONCE: Final = 1000

_facts, _marks, _claims = FactRow.__table__, FactReaction.__table__, RelayClaim.__table__
_IS_FAILING: Final = _marks.c.state == literal("failing", literal_execute=True)  # as its index has it
_CLAIM: Final = text(
    "INSERT INTO relay_claims (share, worker, until) VALUES (:share, :worker, :until) "
    "ON CONFLICT (share) DO UPDATE SET worker = excluded.worker, until = excluded.until "
    "WHERE relay_claims.worker = excluded.worker OR relay_claims.until < :now RETURNING share"
).bindparams(bindparam("worker", type_=Uuid()), bindparam("until", type_=UtcTime()), bindparam("now", type_=UtcTime()))
_FAILING: Final = text(
    "INSERT INTO fact_reactions (fact_id, reaction, stream, state, attempts, next_try_at, error, at) "
    "VALUES (:fact_id, :reaction, :stream, 'failing', 1, :next_try_at, :error, :now) "
    "ON CONFLICT (fact_id, reaction) DO UPDATE SET attempts = fact_reactions.attempts + 1, "
    "next_try_at = excluded.next_try_at, error = excluded.error, at = excluded.at "
    "WHERE fact_reactions.state = 'failing'"
).bindparams(
    bindparam("fact_id", type_=BigInteger()),
    bindparam("next_try_at", type_=UtcTime()),
    bindparam("now", type_=UtcTime()),
)

_RELEASE: Final = delete(_claims).where(  # type: ignore[arg-type]
    _claims.c.share == bindparam("mine"), _claims.c.worker == bindparam("me")
)
_WAITING: Final = (
    select(*(_facts.c[name] for name in ("id", "kind", "at", "station_id", "session_id", "detail")))
    .where(~_facts.c.relayed, _facts.c.id > bindparam("after"))
    .where(func.coalesce(_facts.c.station_id, 0) % SHARES == bindparam("share"))
    .order_by(_facts.c.id)
    .limit(bindparam("most", type_=Integer()))
)
_ANY_WAITING: Final = select(_facts.c.id).where(~_facts.c.relayed).limit(1)
_UNWANTED: Final = (
    select(_facts.c.id)
    .where(~_facts.c.relayed, _facts.c.kind.not_in(bindparam("wanted", expanding=True)))
    .order_by(_facts.c.id)
    .limit(_UNWANTED_AT_ONCE)
    .with_for_update(skip_locked=True)
)
_SETTLE: Final = (
    update(_facts)  # type: ignore[arg-type]
    .where(_facts.c.id.in_(bindparam("ids", expanding=True)))
    .values(relayed=True)
)
_MARKS: Final = select(_marks.c.fact_id, _marks.c.reaction, _marks.c.state, _marks.c.attempts).where(
    _marks.c.fact_id.in_(bindparam("ids", expanding=True))
)
_BLOCKED: Final = select(_marks.c.reaction, _marks.c.stream).where(_IS_FAILING, _marks.c.next_try_at > bindparam("now"))


async def claim(session: AsyncSession, share: int, worker: UUID, now: datetime, until: datetime) -> bool:
    """Take or keep a share unless another worker has it; in one statement, so only one can win."""
    values = {"share": share, "worker": worker, "now": now, "until": until}
    return (await session.execute(_CLAIM, values)).first() is not None


async def release(session: AsyncSession, share: int, worker: UUID) -> None:
    await session.execute(_RELEASE, {"mine": share, "me": worker})


async def waiting(session: AsyncSession, share: int, after: int, most: int) -> list[StoredFact]:
    """Facts of a share that are not relayed, in order, from behind the id `after`."""
    rows = await session.execute(_WAITING, {"share": share, "after": after, "most": most})
    return [StoredFact(*row) for row in rows]


async def any_waiting(session: AsyncSession) -> bool:
    return (await session.scalar(_ANY_WAITING)) is not None


async def settle_unwanted(session: AsyncSession, wanted: Iterable[str]) -> int:
    """Facts of other than the `wanted` kinds are relayed as they are, some at a time; how many."""
    some = (await session.scalars(_UNWANTED, {"wanted": sorted(wanted)})).all()
    await settle(session, some)
    return len(some)


async def marks(session: AsyncSession, fact_ids: Iterable[int]) -> dict[tuple[int, str], int]:
    """Of these facts' reactions: 0 where one is done, else how often it has failed."""
    rows = await session.execute(_MARKS, {"ids": list(fact_ids)})
    return {(row[0], row[1]): 0 if row[2] == "done" else row[3] for row in rows}


async def blocked(session: AsyncSession, now: datetime) -> set[tuple[str, str]]:
    """Reactions and streams that wait until a failed one is due again."""
    rows = await session.execute(_BLOCKED, {"now": now})
    return {(reaction, stream) for reaction, stream in rows}


async def mark_done(session: AsyncSession, facts: Sequence[StoredFact], reaction: str, now: datetime) -> set[int]:
    """Ids of those that were not done already. Another who is doing one this moment is waited for."""
    values: dict[str, object] = {"reaction": reaction, "now": now}
    for number, fact in enumerate(facts):
        values |= {f"fact_{number}": fact.id, f"stream_{number}": fact.stream}
    return set((await session.execute(_done(len(facts)), values)).scalars())


@cache
def _done(count: int) -> TextClause:
    """The statement that marks so many facts."""
    rows = ", ".join(f"(:fact_{number}, :reaction, :stream_{number}, 'done', 0, :now)" for number in range(count))
    return text(
        f"INSERT INTO fact_reactions (fact_id, reaction, stream, state, attempts, at) VALUES {rows} "  # noqa: S608 - our own names
        "ON CONFLICT (fact_id, reaction) DO UPDATE SET state = 'done', next_try_at = NULL, at = excluded.at "
        "WHERE fact_reactions.state = 'failing' RETURNING fact_id"
    ).bindparams(
        bindparam("now", type_=UtcTime()),
        *(bindparam(f"fact_{number}", type_=BigInteger()) for number in range(count)),
    )


async def mark_failing(
    session: AsyncSession, fact: StoredFact, reaction: str, error: str, next_try_at: datetime, now: datetime
) -> None:
    values = {"fact_id": fact.id, "reaction": reaction, "stream": fact.stream, "now": now}
    await session.execute(_FAILING, {**values, "next_try_at": next_try_at, "error": error})


async def settle(session: AsyncSession, fact_ids: Sequence[int]) -> None:
    if fact_ids:
        await session.execute(_SETTLE, {"ids": list(fact_ids)})


async def reactions_of(session: AsyncSession, fact_ids: Sequence[int]) -> list[FactReaction]:
    query = select(FactReaction).where(FactReaction.fact_id.in_(fact_ids)).order_by(FactReaction.reaction)
    return list((await session.scalars(query)).all())


async def backlog(session: AsyncSession) -> tuple[int, datetime | None, int, int | None]:
    """How many facts wait and since when, how many reactions fail and the first fact that one fails at."""
    count = await session.scalar(select(func.count()).select_from(FactRow).where(~FactRow.relayed))
    oldest = await session.scalar(select(FactRow.at).where(~FactRow.relayed).order_by(FactRow.id).limit(1))
    failing = select(func.count(), func.min(_marks.c.fact_id)).where(_IS_FAILING)
    row = (await session.execute(failing)).one()
    return count or 0, oldest, row[0], row[1]


async def hurry(session: AsyncSession, fact_id: int, reaction: str, now: datetime) -> FactReaction | None:
    """Make a failing reaction due; None when there is no such one."""
    failing = FactReaction.state == "failing"
    mine = (FactReaction.fact_id == fact_id, FactReaction.reaction == reaction, failing)
    await session.execute(update(FactReaction).where(*mine).values(next_try_at=now))
    return (await session.scalars(select(FactReaction).where(*mine))).first()
