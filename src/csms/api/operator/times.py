"""The `from` and `to` of lists, and other parameters they share."""

from typing import Annotated

from fastapi import Query
from pydantic import AwareDatetime

From = Annotated[AwareDatetime | None, Query(alias="from", description="not before this time")]
To = Annotated[AwareDatetime | None, Query(alias="to", description="before this time")]
StationIdentity = Annotated[str | None, Query(max_length=48, description="identity of the station")]
BIGGEST = (1 << 63) - 1
