"""What a Python user would pick: the `ocpp` package on `websockets`, both with their defaults (JSON schema validation in
both directions, asyncio's own loop). It keeps nothing: no storage, no knowledge of id tokens, transaction ids from a counter."""

import asyncio
import itertools
import sys
from datetime import UTC, datetime
from typing import Any

from ocpp.routing import on
from ocpp.v16.datatypes import IdTagInfo
from ocpp.v16.enums import Action, AuthorizationStatus, RegistrationStatus
from websockets.asyncio.server import ServerConnection, serve
from websockets.exceptions import ConnectionClosed

from ocpp.v16 import ChargePoint, call_result

_transaction_ids = itertools.count(1)


def _now() -> str:
    return datetime.now(UTC).isoformat()


class CentralSystem(ChargePoint):  # type: ignore[misc]  # the package has no types
    @on(Action.boot_notification)  # type: ignore[untyped-decorator]
    def on_boot_notification(self, **_payload: Any) -> call_result.BootNotification:
        return call_result.BootNotification(current_time=_now(), interval=300, status=RegistrationStatus.accepted)

    @on(Action.heartbeat)  # type: ignore[untyped-decorator]
    def on_heartbeat(self) -> call_result.Heartbeat:
        return call_result.Heartbeat(current_time=_now())

    @on(Action.status_notification)  # type: ignore[untyped-decorator]
    def on_status_notification(self, **_payload: Any) -> call_result.StatusNotification:
        return call_result.StatusNotification()

    @on(Action.authorize)  # type: ignore[untyped-decorator]
    def on_authorize(self, **_payload: Any) -> call_result.Authorize:
        return call_result.Authorize(id_tag_info=IdTagInfo(status=AuthorizationStatus.accepted))

    @on(Action.start_transaction)  # type: ignore[untyped-decorator]
    def on_start_transaction(self, **_payload: Any) -> call_result.StartTransaction:
        return call_result.StartTransaction(
            transaction_id=next(_transaction_ids), id_tag_info=IdTagInfo(status=AuthorizationStatus.accepted)
        )

    @on(Action.meter_values)  # type: ignore[untyped-decorator]
    def on_meter_values(self, **_payload: Any) -> call_result.MeterValues:
        return call_result.MeterValues()

    @on(Action.stop_transaction)  # type: ignore[untyped-decorator]
    def on_stop_transaction(self, **_payload: Any) -> call_result.StopTransaction:
        return call_result.StopTransaction(id_tag_info=IdTagInfo(status=AuthorizationStatus.accepted))


async def on_connect(connection: ServerConnection) -> None:
    if connection.subprotocol is None or connection.request is None:
        return
    identity = connection.request.path.rsplit("/", 1)[-1]
    try:
        await CentralSystem(identity, connection).start()
    except ConnectionClosed:
        return


async def main(host: str, port: int) -> None:
    async with serve(on_connect, host, port, subprotocols=["ocpp1.6"]) as server:  # type: ignore[list-item]
        await server.serve_forever()


if __name__ == "__main__":
    _host, _port = sys.argv[1].rsplit(":", 1)
    asyncio.run(main(_host, int(_port)))
