"""The id tokens that every transcript may present."""

from datetime import UTC, datetime
from typing import Any

KNOWN: dict[str, dict[str, Any]] = {
    "FRIEND": {},
    "OTHER": {},
    "Ünïcödé": {},
    "LATER": {"expires_at": datetime(2099, 12, 31, 23, 59, 59, tzinfo=UTC)},
    "EXPIRED": {"expires_at": datetime(2021, 1, 1, tzinfo=UTC)},
    "BLOCKED": {"status": "blocked"},
    "MOTHER": {"group_id": "FAMILY"},
    "SON": {"group_id": "FAMILY"},
}
