"""Files over HTTP, for stations that really move them."""

import asyncio
import urllib.request
from typing import Literal
from urllib.parse import urlsplit

_TIMEOUT_S = 20.0
_BOUNDARY = "skylark-boundary"
_opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))


async def upload(location: str, name: str, content: bytes, manner: Literal["PUT", "POST", "multipart"]) -> bool:
    """Put a file under a location, which stands for a directory (OCPP 1.6 §6.25); whether it was taken."""
    return await asyncio.to_thread(_upload, location, name, content, manner)


async def download(location: str) -> bytes | None:
    """The file at a location; None when there is none to be had."""
    return await asyncio.to_thread(_download, location)


def _upload(location: str, name: str, content: bytes, manner: Literal["PUT", "POST", "multipart"]) -> bool:
    headers, url = {"Content-Type": "application/zip"}, f"{location.rstrip('/')}/{name}"
    if manner == "multipart":
        head = f'--{_BOUNDARY}\r\nContent-Disposition: form-data; name="file"; filename="{name}"\r\n'
        head += "Content-Type: application/zip\r\n\r\n"
        content = head.encode() + content + f"\r\n--{_BOUNDARY}--\r\n".encode()
        headers, url = {"Content-Type": f"multipart/form-data; boundary={_BOUNDARY}"}, location
    method = "PUT" if manner == "PUT" else "POST"
    return _ask(urllib.request.Request(url, content, headers, method=method)) is not None  # noqa: S310 - checked there


def _download(location: str) -> bytes | None:
    return _ask(urllib.request.Request(location))  # noqa: S310 - checked there


def _ask(request: urllib.request.Request) -> bytes | None:
    if urlsplit(request.full_url).scheme not in ("http", "https"):
        return None
    try:
        with _opener.open(request, timeout=_TIMEOUT_S) as answer:
            content: bytes = answer.read()
            return content
    except OSError:  # also what HTTP refuses
        return None
