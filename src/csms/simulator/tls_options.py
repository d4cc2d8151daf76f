"""What `csms simulate` is told about TLS."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

import typer

from csms.simulator.safe import new_safe


class Secured(NamedTuple):
    """Whose certificate it is, if there is one, and what makes a spec of a station one that connects over TLS."""

    owner: str | None
    options: dict[str, Any]


def read_tls(url: str, ca: Path | None, cert: Path | None, key: Path | None) -> Secured:
    """Security profile 3 with a certificate, 2 without; nothing without TLS."""
    given = {"--ca": ca, "--cert": cert, "--key": key}
    if not url.startswith("wss://"):
        if any(given.values()):
            raise typer.BadParameter(f"{_all_of(given)} need a URL that begins with wss://", param_hint="URL")
        return Secured(None, {})
    if (cert is None) != (key is None):
        raise typer.BadParameter("--cert and --key come together", param_hint="--cert" if key is None else "--key")
    text = {name: path.read_text() if path is not None else None for name, path in given.items()}
    options = {"trusted": text["--ca"], "certificate": text["--cert"], "key": text["--key"]}
    try:
        safe = new_safe(2 if cert is None else 3, **options)
    except (ValueError, TypeError) as error:
        raise typer.BadParameter(
            f"no certificate or key in PEM, or an encrypted key: {error}", param_hint=_all_of(given)
        ) from error
    return Secured(safe.owner, options | {"security_profile": safe.profile})


def _all_of(given: Mapping[str, Path | None]) -> str:
    return ", ".join(name for name, path in given.items() if path is not None)
