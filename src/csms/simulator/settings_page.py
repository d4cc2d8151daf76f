"""The page that a station shows whoever stands before it, as wallboxes do: where it connects, whether it got in, its password."""

import asyncio
from collections.abc import Callable
from html import escape
from typing import Final
from urllib.parse import parse_qs

from csms.simulator.station import Station

_MOST_BYTES: Final = 4096
_PATIENCE_S: Final = 10
_PAGE: Final = """<!doctype html><html lang="en"><meta charset="utf-8"><title>{identity}</title>{again}
<style>body{{font:16px system-ui;max-width:32rem;margin:3rem auto;padding:0 1rem;color-scheme:light dark}}
input,button{{font:inherit;padding:.5rem;width:100%;box-sizing:border-box;margin:.25rem 0 1rem}}</style>
<h1>{model} {identity}</h1><p>The settings page of a simulated charging station.</p>
<p>Server: {server}<br>State: <strong>{state}</strong></p>
<form method="post"><label>Password, as the console gave it when the station was adopted
<input name="password" maxlength="40" autocomplete="off" required autofocus></label>
<button>Save and connect</button></form></html>"""


class SettingsPage:
    """Serves one station's page; `entered` hears of every password that somebody entered."""

    def __init__(self, station: Station, entered: Callable[[str], object] | None = None) -> None:
        self._station = station
        self._entered = entered
        self._server: asyncio.Server | None = None
        self._waiting = False

    async def open(self, host: str, port: int) -> str:
        """Listen, and say where: the station mentions it to the central system too, as its user agent."""
        self._server = await asyncio.start_server(self._serve, host, port, limit=_MOST_BYTES)
        url = "http://{}:{}".format(*self._server.sockets[0].getsockname()[:2])
        spec = self._station.spec
        self._station.modem.user_agent = f"{spec.vendor} {spec.model}, settings at {url}"
        return url

    async def close(self) -> None:
        if self._server is not None:
            self._server.close()
            await self._server.wait_closed()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            async with asyncio.timeout(_PATIENCE_S):
                writer.write(await self._answer(reader))
                await writer.drain()
        except (TimeoutError, OSError, ValueError, EOFError, asyncio.LimitOverrunError):
            pass  # no request, or nobody there any more to hear what was wrong with it
        finally:
            writer.close()

    async def _answer(self, reader: asyncio.StreamReader) -> bytes:
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").lower()
        if not head.startswith("post "):
            return _response("200 OK", self._page().encode())
        length = next((line[15:] for line in head.split("\r\n") if line.startswith("content-length:")), "0")
        fields = parse_qs((await reader.readexactly(min(int(length), _MOST_BYTES))).decode())
        self._enter(fields.get("password", [""])[0].strip())
        return _response("303 See Other", b"", "Location: /\r\n")

    def _enter(self, password: str) -> None:
        if not password:
            return
        self._waiting = True
        self._station.enter_password(password)
        if self._entered is not None:
            self._entered(password)

    def _page(self) -> str:
        station = self._station
        state = "connected" if station.online else f"not connected: {station.trouble or 'not tried yet'}"
        self._waiting &= not station.online
        return _PAGE.format(
            identity=escape(station.identity),
            model=escape(f"{station.spec.vendor} {station.spec.model}"),
            server=escape(station.modem.url),
            state=escape(state[:200]),
            again='<meta http-equiv="refresh" content="2">' if self._waiting else "",
        )


def _response(status: str, body: bytes, more: str = "") -> bytes:
    head = f"HTTP/1.1 {status}\r\nContent-Type: text/html; charset=utf-8\r\nContent-Length: {len(body)}\r\n{more}"
    return f"{head}Connection: close\r\n\r\n".encode() + body
