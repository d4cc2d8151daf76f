"""The benchmark mix: one charging session of fifteen calls, formatted from byte templates and checked with as little work
as possible, so that the load generator leaves the processor to the server."""

from collections.abc import Callable
from typing import NamedTuple

import msgspec


class WrongAnswerError(Exception):
    """The server's answer is not the one OCPP asks for; the message says how."""


class IdTagInfo(msgspec.Struct):
    status: str


class AuthorizeConf(msgspec.Struct):
    id_tag_info: IdTagInfo = msgspec.field(name="idTagInfo")


class StartTransactionConf(msgspec.Struct):
    transaction_id: int = msgspec.field(name="transactionId")
    id_tag_info: IdTagInfo = msgspec.field(name="idTagInfo")


class BootNotificationConf(msgspec.Struct):
    status: str
    interval: int


_boot_answer = msgspec.json.Decoder(tuple[int, str, BootNotificationConf])
_authorize_answer = msgspec.json.Decoder(tuple[int, str, AuthorizeConf])
_start_answer = msgspec.json.Decoder(tuple[int, str, StartTransactionConf])
_any_answer = msgspec.json.Decoder(list[object])

_BOOT = b'{"chargePointVendor":"Bluesky","chargePointModel":"Bench","chargePointSerialNumber":"%b","firmwareVersion":"1.0.0"}'


def _samples() -> bytes:
    sample = '{"value":"%s","context":"Sample.Periodic","measurand":"%s"%s,"unit":"%s"}'
    samples = [
        sample % ("%d", "Energy.Active.Import.Register", "", "Wh"),
        sample % ("11040.0", "Power.Active.Import", "", "W"),
        *(sample % ("16.0", "Current.Import", f',"phase":"L{phase}"', "A") for phase in (1, 2, 3)),
        *(sample % ("230.1", "Voltage", f',"phase":"L{phase}-N"', "V") for phase in (1, 2, 3)),
    ]
    return ",".join(samples).encode()


_METER_VALUE = b'"meterValue":[{"timestamp":"%b","sampledValue":[' + _samples() + b"]}]}"
_METER_VALUES = b'{"connectorId":1,"transactionId":%d,' + _METER_VALUE
_METER_VALUES_IDLE = b'{"connectorId":1,' + _METER_VALUE


class Script:
    """What one station says next, and whether the answer is right; no input or output in here.

    `echo` expects the call itself to come back, as the bare echo server does it. `transaction_ids` are those given to any
    station so far: no id may be given twice."""

    __slots__ = (
        "_answer_type",
        "_expected",
        "_sent",
        "echo",
        "energy_wh",
        "id_token",
        "message_id",
        "step",
        "stops",
        "transaction_id",
        "transaction_ids",
    )

    def __init__(
        self, id_token: str, *, first_message_id: int = 0, echo: bool = False, transaction_ids: set[int] | None = None
    ) -> None:
        self.id_token = id_token.encode()
        self.echo = echo
        self.energy_wh = 1000
        self.transaction_id = 1
        self.stops = 0
        self.transaction_ids = set() if transaction_ids is None else transaction_ids
        self.step = 0
        self.message_id = first_message_id
        self._answer_type = b"2" if echo else b"3"
        self._sent = BOOT
        self._expected = b""

    def boot(self) -> bytes:
        """The BootNotification call; it is no part of the cycle."""
        return self._call(BOOT, BOOT.payload(self, b""))

    def next_call(self, now: bytes) -> bytes:
        """The next call of the cycle as a frame; `now` is the ISO 8601 timestamp to put in."""
        step = CYCLE[self.step]
        self.step = (self.step + 1) % len(CYCLE)
        return self._call(step, step.payload(self, now))

    def check(self, answer: bytes) -> None:
        """Compare a frame with the answer that is due; raises WrongAnswerError."""
        if not answer.startswith(self._expected):
            self._check_slowly(answer)
        if self._sent.check is not None and not self.echo:
            try:
                self._sent.check(self, answer)
            except msgspec.MsgspecError as error:
                raise WrongAnswerError(f"{self._sent.action.decode()}: {error}") from None

    def _call(self, step: "Step", payload: bytes) -> bytes:
        self.message_id += 1
        self._sent = step
        self._expected = b'[%b,"%x",' % (self._answer_type, self.message_id)
        return b'[2,"%x","%b",%b]' % (self.message_id, step.action, payload)

    def _check_slowly(self, answer: bytes) -> None:
        """Whitespace and other spellings of the same JSON are right answers too."""
        try:
            frame = _any_answer.decode(answer)
        except msgspec.DecodeError:
            raise WrongAnswerError(f"{self._sent.action.decode()}: not an OCPP frame") from None
        if frame[:2] == [int(self._answer_type), f"{self.message_id:x}"]:
            return
        if frame[:1] == [4]:
            raise WrongAnswerError(f"{self._sent.action.decode()}: CALLERROR {' '.join(map(str, frame[2:4]))}".rstrip())
        raise WrongAnswerError(f"{self._sent.action.decode()}: not the answer to this message id")


class Step(NamedTuple):
    """One call of the mix: its action, how its payload is made, and what its answer must hold."""

    action: bytes
    payload: Callable[[Script, bytes], bytes]
    check: Callable[[Script, bytes], None] | None = None


def _boot(script: Script, _now: bytes) -> bytes:
    return _BOOT % script.id_token


def _check_boot(_script: Script, answer: bytes) -> None:
    status = _boot_answer.decode(answer)[2].status
    if status != "Accepted":
        raise WrongAnswerError(f"BootNotification: {status}")


def _authorize(script: Script, _now: bytes) -> bytes:
    return b'{"idTag":"%b"}' % script.id_token


def _check_authorize(_script: Script, answer: bytes) -> None:
    status = _authorize_answer.decode(answer)[2].id_tag_info.status
    if status != "Accepted":
        raise WrongAnswerError(f"Authorize: {status}")


def _start(script: Script, now: bytes) -> bytes:
    return b'{"connectorId":1,"idTag":"%b","meterStart":%d,"timestamp":"%b"}' % (script.id_token, script.energy_wh, now)


def _check_start(script: Script, answer: bytes) -> None:
    conf = _start_answer.decode(answer)[2]
    script.transaction_id = conf.transaction_id
    if conf.transaction_id <= 0:
        raise WrongAnswerError("StartTransaction: a transaction id above zero is due")
    if conf.transaction_id in script.transaction_ids:
        raise WrongAnswerError("StartTransaction: a transaction id was given twice")
    script.transaction_ids.add(conf.transaction_id)
    if conf.id_tag_info.status != "Accepted":
        raise WrongAnswerError(f"StartTransaction: {conf.id_tag_info.status}")


def _stop(script: Script, now: bytes) -> bytes:
    return b'{"transactionId":%d,"idTag":"%b","meterStop":%d,"timestamp":"%b","reason":"Local"}' % (
        script.transaction_id,
        script.id_token,
        script.energy_wh,
        now,
    )


def _check_stop(script: Script, _answer: bytes) -> None:
    script.stops += 1


def _meter_values(script: Script, now: bytes) -> bytes:
    script.energy_wh += 250
    return _METER_VALUES % (script.transaction_id, now, script.energy_wh)


def _meter_values_idle(script: Script, now: bytes) -> bytes:
    return _METER_VALUES_IDLE % (now, script.energy_wh)


def _status(status: bytes) -> Step:
    before, after = b'{"connectorId":1,"errorCode":"NoError","status":"' + status + b'","timestamp":"', b'"}'
    return Step(b"StatusNotification", lambda _script, now: before + now + after)


BOOT = Step(b"BootNotification", _boot, _check_boot)
_HEARTBEAT = Step(b"Heartbeat", lambda _script, _now: b"{}")
_METER = Step(b"MeterValues", _meter_values)

CYCLE: tuple[Step, ...] = (
    _HEARTBEAT,
    _status(b"Preparing"),
    Step(b"Authorize", _authorize, _check_authorize),
    Step(b"StartTransaction", _start, _check_start),
    _status(b"Charging"),
    _METER,
    _METER,
    _HEARTBEAT,
    _METER,
    _METER,
    _status(b"Finishing"),
    Step(b"StopTransaction", _stop, _check_stop),
    _status(b"Available"),
    Step(b"MeterValues", _meter_values_idle),
    _HEARTBEAT,
)
