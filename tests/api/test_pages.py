"""The API's own pages: nothing comes from elsewhere, nothing stands inline."""

import re
from collections.abc import AsyncIterator
from dataclasses import replace
from importlib.resources import files

import httpx
import pytest
from fastapi import FastAPI

from csms.api.app import create_app
from csms.api.context import ApiContext, ApiSettings
from csms.api.edge import RequestEdge
from csms.api.pages import pages
from csms.kit.clock import SystemClock

PAGES = ("/", "/setup", "/docs")


@pytest.fixture
async def client() -> AsyncIterator[httpx.AsyncClient]:
    """These pages alone: a console that was built stands before some of them."""
    app = FastAPI(openapi_url="/api/openapi.json", docs_url=None, redoc_url=None)
    app.include_router(pages(docs=True))
    app.add_middleware(RequestEdge, clock=SystemClock(), secure=False)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://bluesky.test") as client:
        yield client


@pytest.mark.parametrize("path", PAGES)
async def test_a_page_loads_only_what_we_serve(client: httpx.AsyncClient, path: str) -> None:
    page = await client.get(path)
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    wanted = re.findall(r'(?:src|href)="([^"]+)"', page.text)
    assert wanted
    for address in wanted:
        assert (await client.get(address)).status_code == 200, address


@pytest.mark.parametrize("path", PAGES)
async def test_a_page_obeys_its_own_content_policy(client: httpx.AsyncClient, path: str) -> None:
    page = await client.get(path)
    assert "unsafe" not in page.headers["content-security-policy"]
    assert not re.search(r"<style|\sstyle=|\son\w+=|<script(?![^>]*\ssrc=)", page.text)


async def test_scripts_import_only_what_we_serve(client: httpx.AsyncClient) -> None:
    scripts = [entry.name for entry in (files("csms.api") / "static").iterdir() if entry.name.endswith(".js")]
    assert "docs.js" in scripts
    for name in scripts:
        script = await client.get(f"/static/{name}")
        assert script.headers["content-type"].startswith("text/javascript")
        for address in re.findall(r'from "([^"]+)"', script.text):
            assert (await client.get(address)).status_code == 200, address
        assert not re.search(r"https?://(?!www\.w3\.org/2000/svg)|innerHTML|\beval\b", script.text), name


@pytest.mark.parametrize("name", ["index", "setup"])
async def test_both_languages_say_everything(client: httpx.AsyncClient, name: str) -> None:
    script = (await client.get(f"/static/{name}.js")).text
    html = (await client.get("/" if name == "index" else f"/{name}")).text
    english, chinese = (set(re.findall(r"^    (\w+): ", part, re.MULTILINE)) for part in script.split("  zh: {")[:2])
    used = set(re.findall(r'data-t="(\w+)"', html)) | {"title"}
    assert used <= english <= chinese


async def test_a_file_that_is_known_is_not_sent_again(client: httpx.AsyncClient) -> None:
    first = await client.get("/static/base.css")
    again = await client.get("/static/base.css", headers={"If-None-Match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert (await client.head("/docs")).status_code == 200


@pytest.mark.parametrize("path", ["/static/none.css", "/static/..%2Fapp.py", "/static/../app.py", "/static/"])
async def test_nothing_else_is_served(client: httpx.AsyncClient, path: str) -> None:
    assert (await client.get(path)).status_code == 404


async def test_the_reference_can_be_switched_off(context: ApiContext) -> None:
    app = create_app(replace(context, settings=ApiSettings(docs=False)))
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://bluesky.test") as client:
        assert (await client.get("/docs")).status_code == 404
        assert (await client.get("/api/openapi.json")).status_code == 404
        assert (await client.get("/")).status_code == 200
