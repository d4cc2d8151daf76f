"""What station frames change in the id tokens' tables."""

from datetime import datetime
from typing import NamedTuple

from csms.domain.authorization.model import Refusal
from csms.kit.changes import Kind, writes


@writes(Refusal, Kind.INSERT, rank=6)
class NewRefusal(NamedTuple):
    at: datetime
    station_id: int
    id_token: str
    id_token_key: str
    authorization: str
    frame_id: int
