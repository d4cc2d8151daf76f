"""Relaying facts, step by step, and what people ask of it."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final, NamedTuple

from sqlalchemy.ext.asyncio import AsyncSession

from csms.domain.audit import service as audit
from csms.domain.audit.service import Author
from csms.domain.facts import store
from csms.domain.facts.model import FactReaction
from csms.domain.facts.reaction import Reactions, StoredFact
from csms.kit.errors import NotFound

SHARES: Final = store.SHARES
LONGEST_WAIT: Final = timedelta(hours=1)
_PAGE: Final = 500
_SMALL_PAGE: Final = 50
_ERROR_LENGTH: Final = 500

claim = store.claim
release = store.release
any_waiting = store.any_waiting
settle_unwanted = store.settle_unwanted


class NoFailingReaction(NotFound):
    """There is no such reaction that fails."""

    code = "no_failing_reaction"


class Due(NamedTuple):
    """A reaction that is to be done; `failures` so far. The fact is relayed with its `last` one."""

    fact: StoredFact
    reaction: str
    failures: int
    last: bool


class Plan(NamedTuple):
    """What is to be done in a share now: reactions in order, and facts that need none any more."""

    due: list[Due]
    finished: list[int]


class Backlog(NamedTuple):
    """Facts that wait and since when; reactions that fail, and the first fact that one of them fails at."""

    waiting: int
    oldest_at: datetime | None
    failing: int
    first_failing_fact: int | None


async def plan(session: AsyncSession, reactions: Reactions, share: int, most: int, now: datetime) -> Plan:
    """What is to be done in a share, at most about so much: whatever waits behind a failed reaction is passed over."""
    held = await store.blocked(session, now)
    found, after = Plan([], []), 0
    page_size = min(max(_SMALL_PAGE, most), _PAGE)
    while len(found.due) < most and (page := await store.waiting(session, share, after, page_size)):
        after = page[-1].id
        marks = await store.marks(session, [fact.id for fact in page])
        for fact in page:
            wanted = [name for name, reaction in reactions.items() if fact.kind in reaction.kinds]
            open_ = [name for name in wanted if marks.get((fact.id, name)) != 0]
            if not open_:
                found.finished.append(fact.id)
            found.due.extend(
                Due(fact, name, marks.get((fact.id, name), 0), last=len(open_) == 1)
                for name in open_
                if (name, fact.stream) not in held
            )
    return found


async def settle(session: AsyncSession, fact_ids: Sequence[int]) -> None:
    """These facts are relayed."""
    for first in range(0, len(fact_ids), _PAGE):
        await store.settle(session, fact_ids[first : first + _PAGE])


async def react(session: AsyncSession, reactions: Reactions, due: Sequence[Due], now: datetime) -> None:
    """Do reactions and mark them done, in one unit of work; not those that another has done meanwhile."""
    by_reaction: dict[str, list[StoredFact]] = {}
    for one in due:
        by_reaction.setdefault(one.reaction, []).append(one.fact)
    for name, wanted in by_reaction.items():
        marked = await store.mark_done(session, wanted, name, now)
        if marked:
            await reactions[name].react(session, [fact for fact in wanted if fact.id in marked], now)
    await settle(session, [one.fact.id for one in due if one.last])


async def failed(session: AsyncSession, due: Due, error: BaseException, now: datetime) -> None:
    """Note why a reaction failed, and when it is tried again: after 2, 4, 8 … seconds, at most an hour."""
    said = f"{type(error).__name__}: {error}".replace("\0", "\ufffd")[:_ERROR_LENGTH]
    wait = min(timedelta(seconds=2 ** min(due.failures + 1, 20)), LONGEST_WAIT)
    await store.mark_failing(session, due.fact, due.reaction, said, now + wait, now)


async def get_backlog(session: AsyncSession) -> Backlog:
    return Backlog(*await store.backlog(session))


async def reactions_of(session: AsyncSession, fact_ids: Sequence[int]) -> dict[int, list[FactReaction]]:
    """What became of the reactions to these facts, by fact; those not tried yet are not among them."""
    found: dict[int, list[FactReaction]] = {}
    for mark in await store.reactions_of(session, fact_ids):
        found.setdefault(mark.fact_id, []).append(mark)
    return found


async def retry(session: AsyncSession, actor: Author, fact_id: int, reaction: str, now: datetime) -> FactReaction:
    """Have a failing reaction tried at once. Raises NoFailingReaction."""
    mark = await store.hurry(session, fact_id, reaction, now)
    if mark is None:
        raise NoFailingReaction
    said = {"reaction": reaction, "attempts": mark.attempts, "error": mark.error}
    await audit.record(session, actor, "retry", "fact", fact_id, said, None, now)
    return mark
