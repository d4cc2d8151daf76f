"""What request bodies and answers have in common."""

from typing import Annotated, Any

from pydantic import AwareDatetime, BaseModel, ConfigDict, StringConstraints


class Body(BaseModel):
    """A request body; fields it does not know are refused."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Out(BaseModel):
    """An answer, made from a row of the same attributes."""

    model_config = ConfigDict(from_attributes=True)


Name = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]
Time = AwareDatetime
Password = Annotated[str, StringConstraints(max_length=1000)]

OPEN: dict[str, Any] = {"security": []}  # an operation anybody may call, for `openapi_extra`
