"""What request bodies and answers have in common."""

from typing import Annotated, Any

from pydantic import AwareDatetime, BaseModel, ConfigDict, StringConstraints


class Body(BaseModel):
    """A request body; fields it does not know are refused."""

    model_config = ConfigDict(extra="forbid", frozen=True)


def _without_defaults(schema: dict[str, Any]) -> None:
    for described in schema.get("properties", {}).values():
        described.pop("default", None)


class Change(Body):
    """A request body of which only what is sent is changed; its defaults stand for nothing and are not shown."""

    model_config = ConfigDict(json_schema_extra=_without_defaults)


class Out(BaseModel):
    """An answer, made from a row of the same attributes."""

    model_config = ConfigDict(from_attributes=True)


Name = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]
Time = AwareDatetime
Password = Annotated[str, StringConstraints(max_length=1000)]

OPEN: dict[str, Any] = {"security": []}  # an operation anybody may call, for `openapi_extra`
