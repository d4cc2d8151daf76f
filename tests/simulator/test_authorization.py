"""The authorization cache forgets the right entries."""

from datetime import UTC, datetime

from csms.ocpp import v16
from csms.simulator.authorization import Cache

NOW = datetime(2026, 3, 2, tzinfo=UTC)


def test_a_full_cache_forgets_a_refused_tag_first_then_the_oldest():
    cache = Cache()
    for number in range(500):
        cache.remember(f"TAG-{number}", v16.IdTagInfo(status="Blocked" if number == 250 else "Accepted"))
    cache.remember("NEW-1", v16.IdTagInfo(status="Accepted"))
    assert cache.find("TAG-250", NOW) is None
    assert cache.find("TAG-0", NOW) is not None
    cache.remember("NEW-2", v16.IdTagInfo(status="Accepted"))
    assert cache.find("tag-0", NOW) is None
    assert len(cache) == 500


def test_what_is_remembered_expires():
    cache = Cache()
    cache.remember("TAG", v16.IdTagInfo(status="Accepted", expiry_date=datetime(2026, 3, 1, tzinfo=UTC)))
    assert cache.find("TAG", NOW).status == "Expired"
