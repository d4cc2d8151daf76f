"""The built console as it is served: strict policy, one page for every client route, files that may be kept for ever."""

import gzip
import re
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
from fastapi import FastAPI

from csms.api.console import built, console


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "assets").mkdir()
    (tmp_path / "index.html").write_text('<meta name="csp-nonce" nonce="__NONCE__">')
    (tmp_path / "assets" / "index-3f2a.js").write_text("console.log('hello')")
    (tmp_path / "scheme.js").write_text("// theme")
    return tmp_path


@pytest.fixture
async def browser(folder: Path) -> AsyncIterator[httpx.AsyncClient]:
    app = FastAPI(openapi_url=None)
    app.include_router(console(folder))
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://bluesky.test") as client:
        yield client


@pytest.mark.parametrize("path", ["/", "/sign-in", "/setup", "/stations", "/stations/CS%2F1", "/settings/users"])
async def test_every_client_route_gets_the_page(browser: httpx.AsyncClient, path: str) -> None:
    answer = await browser.get(path)
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/html")
    assert answer.headers["cache-control"] == "no-store"


async def test_tiles_come_from_their_one_origin_and_nothing_else_does(folder: Path) -> None:
    app = FastAPI(openapi_url=None)
    app.include_router(console(folder, tiles="https://tiles.example.org"))
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://bluesky.test") as client:
        policy = (await client.get("/")).headers["content-security-policy"].split("; ")
    assert "img-src 'self' data: blob: https://tiles.example.org" in policy
    assert "connect-src 'self' https://tiles.example.org" in policy
    assert [part for part in policy if "tiles" in part and not part.startswith(("img-src", "connect-src"))] == []


async def test_the_policy_allows_only_our_own_scripts_and_this_pages_styles(browser: httpx.AsyncClient) -> None:
    first, second = await browser.get("/"), await browser.get("/")
    policy = first.headers["content-security-policy"]
    rules = dict(rule.split(" ", 1) for rule in policy.split("; "))
    assert rules["default-src"] == "'none'"
    assert rules["script-src"] == "'self'"
    nonce = re.fullmatch(r"'self' 'nonce-([\w-]{20,})'", rules["style-src"])
    assert nonce is not None
    assert nonce[1] in first.text
    assert nonce[1] not in second.text


async def test_hashed_files_are_kept_for_ever_and_packed_for_who_can_unpack(browser: httpx.AsyncClient) -> None:
    packed = await browser.get("/assets/index-3f2a.js", headers={"Accept-Encoding": "gzip"})
    plain = await browser.get("/assets/index-3f2a.js", headers={"Accept-Encoding": "identity"})
    assert packed.headers["content-encoding"] == "gzip"
    assert "content-encoding" not in plain.headers
    assert packed.text == plain.text == "console.log('hello')"
    assert "immutable" in packed.headers["cache-control"]
    assert "javascript" in packed.headers["content-type"]


async def test_other_files_are_asked_for_anew(browser: httpx.AsyncClient) -> None:
    assert (await browser.get("/scheme.js")).headers["cache-control"] == "no-cache"


@pytest.mark.parametrize(
    "path", ["/assets/none.js", "/assets/../index.html", "/assets/%2e%2e%2findex.html", "/elsewhere"]
)
async def test_nothing_else_is_served(browser: httpx.AsyncClient, path: str) -> None:
    assert (await browser.get(path)).status_code == 404


def test_without_built_files_there_is_no_console(folder: Path) -> None:
    assert built(folder)
    (folder / "index.html").unlink()
    assert not built(folder)


def test_the_first_load_stays_within_its_budget() -> None:
    """At most 400 KB of script, packed, before the first screen: what the page names and what that imports at once."""
    from csms.api.console import _BUILT

    if not built():
        pytest.skip("the console is not built; `make web` builds it")
    index = (_BUILT / "index.html").read_text()
    waiting = re.findall(r'/assets/([\w.-]+\.js)"', index)
    seen: set[str] = set()
    while waiting:
        name = waiting.pop()
        if name not in seen:
            seen.add(name)
            text = (_BUILT / "assets" / name).read_text()
            waiting += re.findall(r'(?:from|import)\s*"\./([\w.-]+\.js)"', text)
    screens = [
        entry.name for entry in (_BUILT / "assets").iterdir() if re.match(r"(Overview|en|Frame)-.*\.js", entry.name)
    ]
    size = sum(len(gzip.compress((_BUILT / "assets" / name).read_bytes())) for name in seen | set(screens))
    assert size <= 400_000
