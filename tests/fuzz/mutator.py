"""Frames and answers of real stations, and what becomes of them when bits fall over, programmers err, or somebody means harm.

The same seed gives the same frames.
"""

import re
from random import Random
from typing import Final

from .asked import ASKED

_AT: Final = '"timestamp":"2030-01-01T10:00:00Z"'
_SAMPLES: Final = (
    '"meterValue":[{' + _AT + ',"sampledValue":[{"value":"1500","context":"Sample.Periodic","unit":"Wh"},'
    '{"value":"11040.0","measurand":"Power.Active.Import","unit":"W"},'
    '{"value":"16.0","measurand":"Current.Import","phase":"L1","unit":"A"},'
    '{"value":"40","measurand":"SoC","location":"EV","unit":"Percent"}]}]'
)
_CALLS: Final = {
    "BootNotification": '{"chargePointVendor":"V","chargePointModel":"M","chargePointSerialNumber":"1","firmwareVersion":"1.0",'
    '"iccid":"1","imsi":"1","meterType":"T","meterSerialNumber":"2"}',
    "Heartbeat": "{}",
    "Authorize": '{"idTag":"FRIEND"}',
    "StartTransaction": '{"connectorId":1,"idTag":"FRIEND","meterStart":1000,"reservationId":7,' + _AT + "}",
    "MeterValues": '{"connectorId":1,"transactionId":%T%,' + _SAMPLES + "}",
    "StopTransaction": '{"transactionId":%T%,"idTag":"FRIEND","meterStop":2000,"reason":"EVDisconnected",' + _AT
    + ',"transactionData":[{' + _AT + ',"sampledValue":[{"value":"2000","format":"Raw","context":"Transaction.End"}]}]}',
    "StatusNotification": '{"connectorId":1,"status":"Faulted","errorCode":"OtherError","info":"text","vendorId":"V",'
    '"vendorErrorCode":"E-1",' + _AT + "}",
    "DataTransfer": '{"vendorId":"V","messageId":"M","data":"{\\"a\\":1}"}',
    "FirmwareStatusNotification": '{"status":"Downloading"}',
    "DiagnosticsStatusNotification": '{"status":"Uploading"}',
    "LogStatusNotification": '{"status":"Uploading","requestId":1}',
    "SecurityEventNotification": '{"type":"FirmwareUpdated","techInfo":"text",' + _AT + "}",
    "SignCertificate": '{"csr":"-----BEGIN CERTIFICATE REQUEST-----\\nMIIB\\n-----END CERTIFICATE REQUEST-----"}',
    "SignedFirmwareStatusNotification": '{"status":"Installed","requestId":1}',
    "Reset": '{"type":"Soft"}',
}  # fmt: skip
CORPUS: Final = [
    *(f'[2,"%I%","{action}",{payload}]' for action, payload in _CALLS.items()),
    '[3,"%I%",{"status":"Accepted"}]',
    '[4,"%I%","GenericError","",{}]',
]
NUMBERS: Final = ("0", "-1", "1e400", "1.5", "-0", "2147483648", "9007199254740993", "18446744073709551616", "1" * 400, "01", "NaN",
                  "1850000000", "-9223372036854775809", "1E5")  # fmt: skip
TEXTS: Final = ('""', '" "', '"\\u0000"', '"\\ud800"', '"\\udc00\\ud800"', f'"{"x" * 60}"', f'"{"é" * 21}"', '"電站"',
                '"\\uD83D\\uDE00"',
                '"2030-02-30T25:61:61Z"', '"2030-01-01 10:00:00"', '"0000-00-00T00:00:00Z"', '"9999-12-31T23:59:60-23:59"',
                '"\'; DROP TABLE sessions; --"', '"\\n\\r\\t"', '"Infinity"', '"-1"', '"1e999"', '"NaN"', '"\u202e"')  # fmt: skip
VALUES: Final = (
    "null",
    "true",
    "false",
    "{}",
    "[]",
    "[[]]",
    '{"":null}',
    "",
    "undefined",
    "[" * 200,
    '{"a":' * 100,
    ",,",
    "'x'",
)
_TOKEN: Final = re.compile(r'"(?:[^"\\]|\\.)*"|-?[0-9][0-9.eE+-]*|[][{},:]|[a-z]+')
_NAMES: Final = [name for frame in CORPUS for name in re.findall(r'"\w+"', frame)]


class Mutator:
    """Makes frames. `transaction_id` may be set to one that the station really has."""

    def __init__(self, seed: str, vendor: str = "V") -> None:
        self._random = Random(seed)
        self._corpus = [self._tokens(frame.replace('"V"', f'"{vendor}"')) for frame in CORPUS]
        self._answers = {action: self._tokens(f'[3,"%I%",{asked.answer}]') for action, asked in ASKED.items()}
        self._number = 0
        self.transaction_id = 1

    @staticmethod
    def _tokens(frame: str) -> list[str]:
        return _TOKEN.findall(frame.replace("%I%", "ID").replace("%T%", "777777"))

    def frame(self) -> bytes:
        self._number += 1
        return self._mutated(self._random.choice(self._corpus), f"f{self._number}")

    def answer(self, action: str, message_id: str) -> bytes:
        """To a call of the central system."""
        return self._mutated(self._answers[action], message_id)

    def _mutated(self, right: list[str], message_id: str) -> bytes:
        random, tokens = self._random, list(right)
        for _ in range(random.choice((0, 1, 1, 1, 1, 2, 2, 3, 6))):
            self._change(tokens)
        text = "".join(tokens).replace('"ID"', f'"{message_id}"').replace("777777", str(self.transaction_id))
        data = text.encode("utf-8", "surrogatepass")
        if random.random() < 0.12:
            data = damaged(data, random)
        if random.random() < 0.0005:
            data += b" " * random.choice((70_000, 65_536 - len(data)))
        return data

    def _change(self, tokens: list[str]) -> None:
        """One mistake that a programmer makes."""
        random = self._random
        place = random.randrange(len(tokens)) if tokens else 0
        kind = random.randrange(-9, 9)
        if kind < 0:
            self._change_a_value(tokens)
        elif kind <= 3 and tokens:
            tokens[place] = self._instead_of(tokens[place])
        elif kind == 4 and tokens:
            del tokens[place]
        elif kind == 5 and tokens:
            tokens.insert(place, tokens[place])
        elif kind == 6 and tokens:
            other = random.randrange(len(tokens))
            tokens[place], tokens[other] = tokens[other], tokens[place]
        elif kind == 7:
            other_tokens = random.choice(self._corpus)
            begin = random.randrange(len(other_tokens))
            tokens[place:place] = other_tokens[begin : begin + random.randrange(1, 12)]
        else:
            tokens[place:place] = ['"extra"', ":", random.choice(VALUES), ","]

    def _change_a_value(self, tokens: list[str]) -> None:
        """What is still JSON: another value, or another name, where one was."""
        random = self._random
        places = [number for number, token in enumerate(tokens) if token[:1] == '"' or token[:1].isdigit()]
        if places:
            place = random.choice(places)
            other = random.choice((random.choice(TEXTS), random.choice(NUMBERS), random.choice(VALUES[:7])))
            name = tokens[place + 1 : place + 2] == [":"]
            tokens[place] = random.choice(_NAMES) if name or random.random() < 0.2 else other

    def _instead_of(self, token: str) -> str:
        random = self._random
        if not token or random.random() < 0.2:
            return random.choice(VALUES)
        if token[0] == '"':
            return random.choice(_NAMES) if random.random() < 0.4 else random.choice(TEXTS)
        if token[0].isdigit() or token[0] == "-":
            return random.choice(NUMBERS)
        return random.choice(("{", "}", "[", "]", ",", ":", '"', " ", "\n"))


def damaged(data: bytes, random: Random) -> bytes:
    """What noise and broken memory do."""
    changed = bytearray(data)
    for _ in range(random.choice((1, 1, 1, 2, 4))):
        place = random.randrange(len(changed) + 1)
        kind = random.randrange(5)
        if kind == 0 and place < len(changed):
            changed[place] ^= 1 << random.randrange(8)
        elif kind == 1:
            changed[place:place] = random.randbytes(random.choice((1, 1, 2, 8)))
        elif kind == 2:
            del changed[place : place + random.choice((1, 1, 3, 20))]
        elif kind == 3:
            changed[place:place] = changed[place : place + random.choice((1, 10, 100))]
        else:
            del changed[place:]
    return bytes(changed)
