"""A change class that does not fit its table is refused when it is defined, not when a station first needs it."""

from typing import NamedTuple

import pytest

from csms.adapters.db.tables import METADATA
from csms.domain.stations.model import Link
from csms.kit.changes import REGISTRY, Kind, writes


class Closed(NamedTuple):
    online: bool
    station_id: int
    epoch: int


class Misspelt(NamedTuple):
    onlien: bool
    station_id: int


def test_columns_must_exist() -> None:
    with pytest.raises(TypeError, match="links has no column onlien"):
        writes(Link, Kind.UPDATE, key=("station_id",))(Misspelt)


def test_the_key_of_an_update_stands_last() -> None:
    with pytest.raises(TypeError, match="stands last"):
        writes(Link, Kind.UPDATE, key=("online",))(Closed)
    assert Closed not in REGISTRY


def test_every_change_names_columns_of_its_table() -> None:
    assert len(REGISTRY) > 20
    for change, write in REGISTRY.items():
        assert set(write.columns) <= set(METADATA.tables[write.table].c.keys()), change
