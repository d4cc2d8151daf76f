"""TLS between a socket and a protocol, with as little memory as OpenSSL allows.

The loop's own layer keeps a read buffer for each connection, of which every idle station holds some pages; here what arrives goes
from the loop's shared buffer through OpenSSL straight to the protocol, and nothing is kept.
"""

import asyncio
import ssl
from asyncio import BufferedProtocol, Future, Transport
from collections.abc import Iterable
from contextlib import suppress
from typing import Any, Final

READ_AT_MOST: Final = 64 * 1024


class TlsTransport(asyncio.Protocol, Transport):
    """The protocol of a raw socket, and the transport of what speaks through it (`above`), as the server's side.

    `shake_hands` comes first; it raises ssl.SSLError or OSError when it fails, and then the socket closes once the alert is out.
    What `above` is told afterwards is what any transport tells.
    """

    __slots__ = ("_above", "_closing", "_incoming", "_outgoing", "_paused", "_raw", "_shaken", "_tls")

    def __init__(self, raw: Transport, above: asyncio.BaseProtocol, context: ssl.SSLContext) -> None:
        self._raw = raw
        self._above = above
        self._incoming, self._outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        self._tls = context.wrap_bio(self._incoming, self._outgoing, server_side=True)
        self._shaken: Future[None] | None = asyncio.get_running_loop().create_future()
        self._paused = False
        self._closing = False

    async def shake_hands(self, said: bytes) -> None:
        """Take over the socket, which has `said` its first bytes and is paused; returns when the handshake is done."""
        shaken = self._shaken
        assert shaken is not None
        self._raw.set_protocol(self)
        self.data_received(said)
        if not self._raw.is_closing():
            self._raw.resume_reading()
        await shaken

    # -- below: the socket's protocol -----------------------------------------------------------------------------------

    def data_received(self, data: bytes) -> None:
        self._incoming.write(data)
        if self._shaken is not None and not self._shake(self._shaken):
            return
        self._read()

    def eof_received(self) -> None:
        """Let the socket close: half a connection is of no use."""

    def connection_lost(self, exc: Exception | None) -> None:
        self._closing = True
        self._failed(exc or ConnectionResetError("The station ended the connection during the handshake."))
        self._above.connection_lost(exc)

    def pause_writing(self) -> None:
        self._above.pause_writing()

    def resume_writing(self) -> None:
        self._above.resume_writing()

    def _shake(self, shaken: "Future[None]") -> bool:
        """Whether hands are shaken, after what came so far."""
        try:
            self._tls.do_handshake()
        except ssl.SSLWantReadError:
            self._flush()
            return False
        except ssl.SSLError as error:
            self._failed(error)
            self.close()
            return False
        self._flush()
        self._shaken = None
        if not shaken.done():
            shaken.set_result(None)
        return True

    def _failed(self, error: Exception) -> None:
        if self._shaken is not None and not self._shaken.done():
            self._shaken.set_exception(error)
        self._shaken = None

    def _read(self) -> None:
        """Hand over what there is to read, as long as it is wanted."""
        while not (self._paused or self._closing):
            try:
                data = self._tls.read(READ_AT_MOST)
            except ssl.SSLWantReadError:
                break
            except ssl.SSLError:
                return self.close()
            if not data:  # they have said that they are done
                return self.close()
            if isinstance(self._above, BufferedProtocol):
                feed(self._above, data, self.is_closing)
            else:
                self._above.data_received(data)  # type: ignore[attr-defined]
        if self._outgoing.pending and not self._closing:  # OpenSSL's own: new keys, an alert
            self._flush()
        return None

    def _flush(self) -> None:
        if self._outgoing.pending:
            self._raw.write(self._outgoing.read())

    # -- above: the transport of what speaks through it ---------------------------------------------------------------

    def write(self, data: Any) -> None:
        if self._closing:
            return None
        rest = memoryview(data)
        try:
            while rest:
                rest = rest[self._tls.write(rest) :]
        except ssl.SSLError:
            return self.close()
        return self._raw.write(self._outgoing.read())

    def writelines(self, list_of_data: Iterable[Any]) -> None:
        self.write(b"".join(list_of_data))

    def close(self) -> None:
        """Say that we are done, and close once all is written; their word for it is not waited for."""
        if self._closing:
            return
        self._closing = True
        with suppress(ssl.SSLError):
            self._tls.unwrap()
        self._flush()
        self._raw.close()

    def abort(self) -> None:
        self._closing = True
        self._raw.abort()

    def is_closing(self) -> bool:
        return self._closing or self._raw.is_closing()

    def pause_reading(self) -> None:
        self._paused = True
        self._raw.pause_reading()

    def resume_reading(self) -> None:
        if self._paused:
            self._paused = False
            self._raw.resume_reading()
            asyncio.get_running_loop().call_soon(self._read)  # what OpenSSL has already

    def is_reading(self) -> bool:
        return not self._paused

    def get_write_buffer_size(self) -> int:
        return self._raw.get_write_buffer_size()

    def set_write_buffer_limits(self, high: int | None = None, low: int | None = None) -> None:
        self._raw.set_write_buffer_limits(high, low)

    def get_protocol(self) -> asyncio.BaseProtocol:
        return self._above

    def set_protocol(self, protocol: asyncio.BaseProtocol) -> None:
        self._above = protocol

    def get_extra_info(self, name: str, default: Any = None) -> Any:
        return self._tls if name == "ssl_object" else self._raw.get_extra_info(name, default)


def feed(protocol: Any, data: bytes, closed: Any) -> None:
    """Give a buffered protocol bytes as its transport would."""
    rest = memoryview(data)
    while rest and not closed():
        room = protocol.get_buffer(len(rest))
        count = min(len(room), len(rest))
        room[:count] = rest[:count]
        protocol.buffer_updated(count)
        rest = rest[count:]
