"""What comes back of wanted configuration when it is more than a row."""

from datetime import datetime
from typing import NamedTuple

from csms.domain.configuration.model import WantedKey


class KeyView(NamedTuple):
    """A wanted key, what the station last reported of it, and whose it is."""

    row: WantedKey
    reported: str | None
    reported_at: datetime | None
    identity: str
    template: str
