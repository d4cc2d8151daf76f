"""Every query on reactions, claims, and facts that wait."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from functools import cache
from typing import Final
from uuid import UUID

from sqlalchemy import BigInteger, TextClause, Uuid, bindparam, delete, func, literal, select, text, update
from sqlalchemy.ext.asyncio import AsyncSession

from csms.domain.facts.model import FactReaction, RelayClaim
from csms.domain.facts.reaction import StoredFact
from csms.kit.facts import FactRow
from csms.kit.tables import UtcTime

SHARES: Final = 4  # of the stations: as many workers can relay at the same time
_UNWANTED_AT_ONCE: Final = 1000

_IS_FAILING: Final = FactReaction.state == literal("failing", literal_execute=True)  # as its index has it
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


async def claim(session: AsyncSession, share: int, worker: UUID, now: datetime, until: datetime) -> bool:
    """Take or keep a share unless another worker has it; in one statement, so only one can win."""
    values = {"share": share, "worker": worker, "now": now, "until": until}
    return (await session.execute(_CLAIM, values)).first() is not None


async def release(session: AsyncSession, share: int, worker: UUID) -> None:
    await session.execute(delete(RelayClaim).where(RelayClaim.share == share, RelayClaim.worker == worker))


async def waiting(session: AsyncSession, share: int, after: int, most: int) -> list[StoredFact]:
    """Facts of a share that are not relayed, in order, from behind the id `after`."""
    columns = (FactRow.id, FactRow.kind, FactRow.at, FactRow.station_id, FactRow.session_id, FactRow.detail)
    mine = func.coalesce(FactRow.station_id, 0) % SHARES == share
    query = select(*columns).where(~FactRow.relayed, FactRow.id > after, mine).order_by(FactRow.id).limit(most)
    return [StoredFact(*row) for row in await session.execute(query)]


async def any_waiting(session: AsyncSession) -> bool:
    return (await session.scalar(select(FactRow.id).where(~FactRow.relayed).limit(1))) is not None


async def settle_unwanted(session: AsyncSession, wanted: Iterable[str]) -> int:
    """Facts of other than the `wanted` kinds are relayed as they are, some at a time; how many."""
    waiting = select(FactRow.id).where(~FactRow.relayed, FactRow.kind.not_in(sorted(wanted))).order_by(FactRow.id)
    some = (await session.scalars(waiting.limit(_UNWANTED_AT_ONCE).with_for_update(skip_locked=True))).all()
    await settle(session, some)
    return len(some)


async def marks(session: AsyncSession, fact_ids: Iterable[int]) -> dict[tuple[int, str], int]:
    """Of these facts' reactions: 0 where one is done, else how often it has failed."""
    query = select(FactReaction.fact_id, FactReaction.reaction, FactReaction.state, FactReaction.attempts)
    rows = await session.execute(query.where(FactReaction.fact_id.in_(fact_ids)))
    return {(row[0], row[1]): 0 if row[2] == "done" else row[3] for row in rows}


async def blocked(session: AsyncSession, now: datetime) -> set[tuple[str, str]]:
    """Reactions and streams that wait until a failed one is due again."""
    query = select(FactReaction.reaction, FactReaction.stream)
    rows = await session.execute(query.where(_IS_FAILING, FactReaction.next_try_at > now))
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
        await session.execute(update(FactRow).where(FactRow.id.in_(fact_ids)).values(relayed=True))


async def reactions_of(session: AsyncSession, fact_ids: Sequence[int]) -> list[FactReaction]:
    query = select(FactReaction).where(FactReaction.fact_id.in_(fact_ids)).order_by(FactReaction.reaction)
    return list((await session.scalars(query)).all())


async def backlog(session: AsyncSession) -> tuple[int, datetime | None, int, int | None]:
    """How many facts wait and since when, how many reactions fail and the first fact that one fails at."""
    count = await session.scalar(select(func.count()).select_from(FactRow).where(~FactRow.relayed))
    oldest = await session.scalar(select(FactRow.at).where(~FactRow.relayed).order_by(FactRow.id).limit(1))
    failing = select(func.count(), func.min(FactReaction.fact_id)).where(_IS_FAILING)
    row = (await session.execute(failing)).one()
    return count or 0, oldest, row[0], row[1]


async def hurry(session: AsyncSession, fact_id: int, reaction: str, now: datetime) -> FactReaction | None:
    """Make a failing reaction due; None when there is no such one."""
    mine = (FactReaction.fact_id == fact_id, FactReaction.reaction == reaction, _IS_FAILING)
    await session.execute(update(FactReaction).where(*mine).values(next_try_at=now))
    return (await session.scalars(select(FactReaction).where(*mine))).first()
