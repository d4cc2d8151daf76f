"""What a browser loads before the first screen stands: few scripts, of 400 KB at most as they travel, without charts and map."""

import gzip
import re
from pathlib import Path
from typing import Final

import pytest

from csms.api.console import built

DIST: Final = Path(__file__).parents[2] / "src" / "csms" / "api" / "console_dist"
MOST_BYTES: Final = 400_000
MOST_FILES: Final = 20  # each is a request, and each waits for the one that names it
_IMPORTED: Final = re.compile(r"""(?:from|\bimport)\s*["']\./([^"']+\.js)["']""")


def imported(*names: str) -> dict[str, bytes]:
    """Files by name: these, and whatever they cannot run without."""
    found: dict[str, bytes] = {}
    wanted = list(names)
    while wanted:
        name = wanted.pop()
        if name not in found:
            found[name] = (DIST / "assets" / name).read_bytes()
            wanted += _IMPORTED.findall(found[name].decode())
    return found


def chunk(name: str) -> str:
    (file,) = (DIST / "assets").glob(f"{name}-*.js")
    return file.name


def travelling(files: dict[str, bytes]) -> int:
    return sum(len(gzip.compress(content, 6, mtime=0)) for content in files.values())


@pytest.mark.skipif(not built(), reason="the console is not built; `make web` builds it")
@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("screen", ["SignIn", "Overview"])
def test_the_first_screen_is_light(screen: str, language: str) -> None:
    entries = re.findall(r'<script type="module"[^>]* src="/assets/([^"]+)"', (DIST / "index.html").read_text())
    assert entries
    files = imported(*entries, chunk(screen), chunk(language))
    files["scheme.js"] = (DIST / "scheme.js").read_bytes()

    assert len(files) <= MOST_FILES, sorted(files)
    assert not {chunk("Chart"), chunk("WorldMap"), chunk("zh" if language == "en" else "en")} & set(files)
    assert travelling(files) <= MOST_BYTES, sorted(files, key=lambda name: -len(files[name]))[:10]
