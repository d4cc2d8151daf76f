"""The limit of a Python process: every frame goes back as it came, on the WebSocket library the gateway uses."""

import sys

import uvloop
from picows import (
    WSCloseCode,
    WSFrame,
    WSListener,
    WSMsgType,
    WSTransport,
    WSUpgradeRequest,
    WSUpgradeResponse,
    WSUpgradeResponseWithListener,
    ws_create_server,
)


class Echo(WSListener):
    __slots__ = ()

    def on_ws_frame(self, transport: WSTransport, frame: WSFrame) -> None:
        if frame.msg_type is WSMsgType.CLOSE:
            transport.send_close(WSCloseCode.OK)
            transport.disconnect()
        else:
            transport.send(frame.msg_type, frame.get_payload_as_bytes())


def _accept(_request: WSUpgradeRequest) -> WSUpgradeResponseWithListener:
    response = WSUpgradeResponse.create_101_response({"Sec-WebSocket-Protocol": "ocpp1.6"})
    return WSUpgradeResponseWithListener(response, Echo())


async def serve(host: str, port: int) -> None:
    server = await ws_create_server(_accept, host, port, use_aiofastnet=False, read_buffer_init_size=2048, backlog=4096)
    await server.serve_forever()


if __name__ == "__main__":
    _host, _port = sys.argv[1].rsplit(":", 1)
    uvloop.run(serve(_host, int(_port)))
