"""What a fact says."""

from datetime import UTC, datetime, timedelta

from csms.kit.facts import belated, detail

NOW = datetime(2030, 1, 1, 12, tzinfo=UTC)


def test_a_detail_leaves_out_what_is_not_known_and_keeps_zero() -> None:
    assert detail(energy_wh=0, reason=None, ended_by="station", whole=False) == (
        '{"energy_wh":0,"ended_by":"station","whole":false}'
    )


def test_only_what_is_told_noticeably_late_says_when_it_happened() -> None:
    assert belated(NOW, NOW) is None
    assert belated(NOW - timedelta(seconds=60), NOW) is None
    assert belated(NOW - timedelta(seconds=61), NOW) == NOW - timedelta(seconds=61)
    assert belated(NOW + timedelta(hours=1), NOW) is None
