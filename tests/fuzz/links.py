"""A link that says mutated frames over a real WebSocket, and watches that it is never stuck."""

import asyncio
import json
import logging
import re
from collections import Counter
from pathlib import Path
from random import Random
from typing import Final

from picows import WSError, WSFrame, WSListener, WSMsgType, WSTransport, ws_connect

from .mutator import Mutator

TOGETHER: Final = 50  # frames between two probes
ANSWER_WITHIN_S: Final = 60.0
_TRANSACTION: Final = re.compile(rb'"transactionId":(\d+)')
_PROBE: Final = b'[3,"probe-'
_ENOUGH: Final = b'[4,"%b","GenericError","that was all",{}]'
_ENDS: Final = {1002, 1007, 1009}  # by garbage that is no WebSocket, and by what is too long
_log = logging.LoggerAdapter(logging.getLogger("csms.fuzz"))


class _Listener(WSListener):
    def __init__(self, link: "FuzzLink") -> None:
        super().__init__()
        self._link = link

    def on_ws_connected(self, transport: WSTransport) -> None:
        self._link.transport = transport

    def on_ws_frame(self, transport: WSTransport, frame: WSFrame) -> None:
        if frame.msg_type == WSMsgType.CLOSE:
            self._link.ended(int(frame.get_close_code()))
            transport.disconnect(graceful=False)
        elif frame.msg_type == WSMsgType.TEXT:
            self._link.heard(frame.get_payload_as_bytes())

    def on_ws_disconnected(self, transport: WSTransport) -> None:
        self._link.lost()


class FuzzLink:
    """Says frames until `count` are said. `findings` are what must not happen, with the frames that led to it saved in `keep`.

    `promised` are the transaction ids that were given, `stored_at_least` the frames that must be in the tables, `asked` how often
    it was asked for something, and answered. `vendor` is what it says of itself, unless that is mutated.
    """

    def __init__(self, url: str, identity: str, seed: str, keep: Path, vendor: str = "V") -> None:
        self.identity = identity
        self.transport: WSTransport | None = None
        self.findings: list[str] = []
        self.promised: set[int] = set()
        self.stored_at_least = 0
        self.answers: Counter[str] = Counter()
        self.connects = 0
        self.said = 0
        self.asked = 0
        self._url = f"{url}/{identity}"
        self._keep = keep
        self._mutator = Mutator(seed, vendor)
        self._random = Random(seed)
        self._together: list[bytes] = []
        self._probed: asyncio.Future[bool] | None = None
        self._probes = 0
        self._end: int | None = None
        self._garbage = False

    async def run(self, count: int) -> None:
        while self.said < count:
            if self.transport is None:
                await self._connect()
            await self._say_some()
        if self.transport is not None:
            self.transport.disconnect(graceful=False)

    async def _connect(self) -> None:
        self._end, self._garbage = None, False
        self.connects += 1
        while self.transport is None:
            try:
                await self._open()
            except WSError:  # the server is full: come again
                await asyncio.sleep(0.2)

    async def _open(self) -> None:
        await ws_connect(
            lambda: _Listener(self), self._url, extra_headers={"Sec-WebSocket-Protocol": "ocpp1.6"},
            max_frame_size=1 << 20, use_aiofastnet=False, logger_name=_log, websocket_handshake_timeout=ANSWER_WITHIN_S,
        )  # fmt: skip

    async def _say_some(self) -> None:
        """Frames and a proper call: when that is answered, nothing is stuck and everything before it was read and committed."""
        self._together = [self._mutator.frame() for _ in range(TOGETHER)]
        probed = self._probed = asyncio.get_running_loop().create_future()
        self._probes += 1
        for data in self._together:
            self._say(data)
        self.said += len(self._together)
        if self.transport is not None:
            self.transport.send(WSMsgType.TEXT, b'[2,"probe-%d","DataTransfer",{"vendorId":"V"}]' % self._probes)
        else:
            probed.cancel()
        try:
            if await asyncio.wait_for(probed, ANSWER_WITHIN_S):
                self.stored_at_least += TOGETHER + 1
        except asyncio.CancelledError:
            pass
        except TimeoutError:
            self._found("stuck: a proper call was not answered")
            if self.transport is not None:
                self.transport.disconnect(graceful=False)

    def _say(self, data: bytes) -> None:
        transport = self.transport
        if transport is None:
            return
        chance = self._random.random()
        if chance < 0.02 and len(data) > 2:
            transport.send(WSMsgType.TEXT, data[:2], fin=False)
            transport.send(WSMsgType.CONTINUATION, data[2:])
        elif chance < 0.04:
            transport.send(WSMsgType.BINARY, data)
        elif chance < 0.0401:
            self._garbage = True
            transport.underlying_transport.write(self._random.randbytes(40))
        else:
            transport.send(WSMsgType.TEXT, data)

    # -- what comes back ----------------------------------------------------------------------------------------------

    def heard(self, data: bytes) -> None:
        if data.startswith(_PROBE):
            if self._probed is not None and not self._probed.done():
                self._probed.set_result(True)
        elif data.startswith(b"[3,"):
            self.answers["result"] += 1
            if (given := _TRANSACTION.search(data)) is not None:
                self._mutator.transaction_id = int(given[1])
                self.promised.add(int(given[1]))
        elif data.startswith(b"[2,"):
            self._asked(data)
        else:
            code = data.split(b",", 3)[2].decode(errors="replace")
            self.answers[code] += 1
            if "InternalError" in code:
                self._found(f"answered {data.decode(errors='replace')[:200]}")

    def _asked(self, data: bytes) -> None:
        """Answer wrongly; then properly, in case the central system took that for no answer at all."""
        self.asked += 1
        _, message_id, action, _ = json.loads(data)
        answer = self._mutator.answer(action, message_id)
        self._together.append(answer)
        self._say(answer)
        self._say(_ENOUGH % message_id.encode())

    def ended(self, code: int) -> None:
        self._end = code

    def lost(self) -> None:
        """The server ended the connection: only for what is no WebSocket, or too long."""
        self.transport = None
        if self._probed is not None and not self._probed.done():
            if self._end not in _ENDS and not self._garbage:
                self._found(f"the connection was ended with {self._end}")
            self._probed.set_result(False)

    def _found(self, what: str) -> None:
        self.findings.append(f"{self.identity} after {self.said} frames: {what}")
        path = self._keep / f"{self.identity}-{self.said}.frames"
        path.write_bytes(b"\n".join(frame.hex().encode() for frame in self._together))
