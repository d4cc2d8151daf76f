"""Looking through stored frames and facts."""

from sqlalchemy.ext.asyncio import AsyncSession

from csms.domain.stations.store import frames as store
from csms.domain.stations.views import FactFilter, FactView, FrameFilter, FrameSearch
from csms.kit.paging import Page, Slice


async def search_frames(session: AsyncSession, asked: FrameFilter, before: int | None, limit: int) -> FrameSearch:
    """Frames newest first, from below the id `before` on."""
    return await store.search(session, asked, before, limit)


async def list_facts(session: AsyncSession, asked: FactFilter, wanted: Slice) -> Page[FactView]:
    items, total = await store.facts(session, asked, wanted)
    return Page(items, total, wanted.offset, wanted.limit)
