"""Transcripts: what stations say, what they hear, and what the tables say afterwards.

    # a remark
    >> StartTransaction {"connectorId": 1, "idTag": "FRIEND", "meterStart": 0, "timestamp": "2030-01-01T10:00:00Z"}
    << {"transactionId": $tx, "idTagInfo": {"status": "Accepted"}}
    >> [2, "my own id", "Heartbeat", {}]          any text that is no action with a payload goes out as it is
    << [3, "my own id", {"currentTime": $_}]      a whole frame, where the frame itself matters
    << !SecurityError                             a CALLERROR of this code
    B>> Heartbeat {}                              another station
    B<< {"currentTime": $_}
    -- reconnect                                  also: restart (the server), boot
    == sessions [{"id": $tx, "state": "active"}]  all rows of A's in a table; of each, the columns named
    == facts/Connector [{"kind": "ConnectorFaulted"}]  only those facts whose kind begins so

`$name` is any value the first time and that value from then on, `$_` any value.
"""

import json
import re
from collections import deque
from dataclasses import dataclass, field
from typing import Any, Protocol

Frame = list[Any]

_LINE = re.compile(r"(?P<station>\w*)(?P<kind>>>|<<|--|==)\s*(?P<rest>.*)", re.DOTALL)
_ACTION = re.compile(r"(?P<action>[A-Z]\w+)\s+(?P<payload>\{.*\})", re.DOTALL)
_VARIABLE = re.compile(r'"?\$(\w+)"?')


class Driver(Protocol):
    """What a transcript is played on."""

    async def say(self, station: str, frame: str) -> None: ...
    async def hear(self, station: str) -> Frame: ...
    async def reconnect(self) -> None: ...
    async def restart(self) -> None: ...
    async def rows(self, station: str, table: str) -> list[dict[str, Any]]: ...


@dataclass
class _Play:
    driver: Driver
    captured: dict[str, Any] = field(default_factory=dict)
    asked: dict[str, deque[str]] = field(default_factory=dict)
    message_ids: int = 0

    async def line(self, line: str) -> None:
        parts = _LINE.fullmatch(line)
        assert parts is not None, f"no line of a transcript: {line}"
        station, rest = parts["station"] or "A", parts["rest"].strip()
        if parts["kind"] == ">>":
            await self.say(station, rest)
        elif parts["kind"] == "<<":
            await self.hear(station, rest)
        elif parts["kind"] == "==":
            what, _, expected = rest.partition(" ")
            table, _, kind = what.partition("/")
            found = [row for row in await self.driver.rows(station, table) if row.get("kind", "").startswith(kind)]
            self.match(self.pattern(expected), found, table, subset=True)
        elif rest == "reconnect":
            await self.driver.reconnect()
        else:
            assert rest == "restart", rest
            await self.driver.restart()

    async def say(self, station: str, what: str) -> None:
        frame = _VARIABLE.sub(lambda name: json.dumps(self.captured[name[1]]), what)
        call = _ACTION.fullmatch(frame)
        message_id = "-1"
        if call is not None:
            self.message_ids += 1
            message_id = f"{station}-{self.message_ids}"
            frame = f'[2,"{message_id}","{call["action"]}",{call["payload"]}]'
        elif (own := re.match(r'\[\s*2\s*,\s*"([^"]*)"', frame)) is not None:
            message_id = own[1]
        if not re.match(r"\[\s*[34]\b", frame):
            self.asked.setdefault(station, deque()).append(message_id)
        await self.driver.say(station, frame)

    async def hear(self, station: str, what: str) -> None:
        frame = await self.driver.hear(station)
        message_id = self.asked[station].popleft()
        expected: Any
        if what.startswith("["):
            expected = self.pattern(what)
        elif what.startswith("!"):
            expected = [4, message_id, what[1:], "$_", {}]
        else:
            expected = [3, message_id, self.pattern(what)]
        self.match(expected, frame, f"{station}<<", subset=False)

    @staticmethod
    def pattern(text: str) -> Any:
        return json.loads(_VARIABLE.sub(r'"$\1"', text))

    def match(self, expected: Any, found: Any, where: str, *, subset: bool) -> None:
        if isinstance(expected, str) and expected.startswith("$"):
            if expected != "$_":
                assert self.captured.setdefault(expected[1:], found) == found, f"{where}: {expected} is {found}"
        elif isinstance(expected, dict) and isinstance(found, dict):
            if not subset:
                assert found.keys() == expected.keys(), f"{where}: {found}"
            for key, value in expected.items():
                assert key in found, f"{where}: no {key} in {found}"
                self.match(value, found[key], f"{where}.{key}", subset=False)
        elif isinstance(expected, list) and isinstance(found, list):
            assert len(found) == len(expected), f"{where}: {len(expected)} expected, found {found}"
            for index, (value, item) in enumerate(zip(expected, found, strict=True)):
                self.match(value, item, f"{where}[{index}]", subset=subset)
        else:
            assert found == expected, f"{where}: expected {expected!r}, found {found!r}"


async def play(driver: Driver, transcript: str) -> None:
    """Play it from top to bottom; a line that is indented further than the first belongs to the one before."""
    playing = _Play(driver)
    for line in _lines(transcript):
        try:
            await playing.line(line)
        except AssertionError as error:
            raise AssertionError(f"{error}\n    at: {line}") from None


def _lines(transcript: str) -> list[str]:
    lines: list[str] = []
    indent: int | None = None
    for raw in transcript.splitlines():
        stripped = raw.strip()
        if not stripped or stripped.startswith("#"):
            continue
        depth = len(raw) - len(raw.lstrip())
        indent = depth if indent is None else indent
        if depth > indent:
            lines[-1] += " " + stripped
        else:
            lines.append(stripped)
    return lines
