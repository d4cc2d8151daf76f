"""The data directory: one server at a time, and nobody else's business."""

import os
import stat
from pathlib import Path

import pytest

from csms.app.home import DataDirectoryInUse, DataDirectoryUnusable, Home


def test_only_the_owner_can_look_inside(tmp_path: Path) -> None:
    folder = tmp_path / "a" / "data"
    home = Home(folder)
    home.lock()
    key = home.station_key()
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert {stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir()} == {0o600}
    assert len(key) == 32
    assert Home(folder).station_key() == key


def test_a_directory_others_could_read_is_closed(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    folder.mkdir(mode=0o755)
    Home(folder)
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700


def test_two_servers_never_share_it(tmp_path: Path) -> None:
    first, second = Home(tmp_path / "data"), Home(tmp_path / "data")
    first.lock()
    with pytest.raises(DataDirectoryInUse):
        second.lock()
    first.unlock()
    second.lock()


def test_a_file_in_its_place_is_said_so(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("no directory")
    with pytest.raises(DataDirectoryUnusable):
        Home(tmp_path / "data")


def test_a_place_where_no_file_can_be_kept_is_said_so(tmp_path: Path) -> None:
    home = Home(tmp_path / "data")
    (home.path / "files").write_text("no directory")
    with pytest.raises(DataDirectoryUnusable):
        home.files()


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_files_that_belong_to_others_are_said_so(tmp_path: Path) -> None:
    home = Home(tmp_path / "data")
    home.files().chmod(0o500)
    with pytest.raises(DataDirectoryUnusable):
        home.files()
