"""The first file of a multipart/form-data body (RFC 7578), read as it comes: stations upload whole disks of logs."""

import re
from collections.abc import AsyncIterator
from typing import NamedTuple

from csms.domain.firmware.errors import NoFile

_BOUNDARY = re.compile(r'boundary=(?:"([^"]{1,70})"|([^;\s]{1,70}))', re.IGNORECASE)
_FILE_NAME = re.compile(rb'filename="((?:[^"\\]|\\.)*)"', re.IGNORECASE)
_TYPE = re.compile(rb"^content-type:\s*([^\r\n]+)", re.IGNORECASE | re.MULTILINE)
_HEAD_LIMIT = 64 << 10


class Part(NamedTuple):
    """A file and its bytes, still to be read."""

    name: str
    content_type: str
    chunks: AsyncIterator[bytes]


async def first_file(content_type: str, chunks: AsyncIterator[bytes]) -> Part:
    """Skips form fields before it; raises NoFile where there is none."""
    match = _BOUNDARY.search(content_type)
    if match is None:
        raise NoFile
    delimiter = b"\r\n--" + (match[1] or match[2]).encode()
    buffer = b"\r\n"
    async for chunk in chunks:
        buffer += chunk
        while (head := _head(buffer, delimiter)) is not None:
            start, end = head
            name = _FILE_NAME.search(buffer, start, end)
            if name is not None:
                kind = _TYPE.search(buffer[start:end])
                return Part(
                    name[1].decode("utf-8", "replace"),
                    (kind[1].decode("latin-1").strip() if kind is not None else "application/octet-stream"),
                    _until(delimiter, buffer[end + 4 :], chunks),
                )
            buffer = buffer[end + 2 :]  # a form field: the next delimiter follows its value
        if len(buffer) > _HEAD_LIMIT:
            raise NoFile
    raise NoFile


def _head(buffer: bytes, delimiter: bytes) -> tuple[int, int] | None:
    """Where the headers of the next part begin and end, once they are there."""
    start = buffer.find(delimiter)
    if start < 0:
        return None
    end = buffer.find(b"\r\n\r\n", start + len(delimiter))
    return None if end < 0 else (start + len(delimiter), end)


async def _until(delimiter: bytes, buffer: bytes, chunks: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    """The bytes before the delimiter; a little is held back, for it may come in pieces. An upload cut short raises NoFile."""
    while (end := buffer.find(delimiter)) < 0:
        safe = len(buffer) - len(delimiter)
        if safe > 0:
            yield buffer[:safe]
            buffer = buffer[safe:]
        try:
            buffer += await anext(chunks)
        except StopAsyncIteration:
            raise NoFile("The upload ended before its file did.") from None
    yield buffer[:end]
    async for _ in chunks:
        pass  # what follows is none of ours, but must be read
