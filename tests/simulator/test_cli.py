"""`csms simulate` as a command of its own."""

import asyncio
import signal
import sys

import pytest

from csms.simulator import read_journal

COMMAND = "import typer; from csms.simulator.cli import simulate; typer.run(simulate)"


@pytest.fixture
async def simulate():
    started = []

    async def simulate(*arguments):
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-c", COMMAND, *arguments, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE
        )
        started.append(process)
        return process

    yield simulate
    for process in started:
        if process.returncode is None:
            process.kill()
            await process.wait()


async def end(process):
    process.send_signal(signal.SIGINT)
    out, err = await asyncio.wait_for(process.communicate(), 30)
    return process.returncode, out.decode(), err.decode()


async def test_it_charges_cars_until_it_is_interrupted(csms, simulate, tmp_path):
    journal = tmp_path / "journal.jsonl"
    heard = csms.heard("MeterValues")
    process = await simulate(
        csms.url, "--stations", "3", "--speed", "900", "--id-tag", "ANNA", "--prefix", "T-", "--journal", str(journal)
    )
    await heard
    code, out, err = await end(process)

    assert (code, err) == (0, "")
    assert "/3 online" in out
    assert "3 stations," in out
    assert set(csms.links) <= {"T-0001", "T-0002", "T-0003"}
    records = read_journal(journal)
    assert records
    assert {record.transaction_id is not None for record in records} == {True}


async def test_passwords_come_from_a_file(csms, simulate, tmp_path):
    passwords = tmp_path / "passwords"
    passwords.write_text("# identity password\n\nCS-A secret of a\nCS-B secret-b\n")
    heard = csms.heard("BootNotification", chargePointSerialNumber="CS-A")
    process = await simulate(csms.url, "--password-file", str(passwords), "--speed", "100")
    await heard
    code, out, _ = await end(process)
    assert code == 0
    assert "2 stations" in out
    assert csms.headers["CS-A"]["Authorization"] == "Basic Q1MtQTpzZWNyZXQgb2YgYQ=="


async def test_a_violation_shows_in_the_exit_code(csms, simulate):
    csms.boot = {"status": "Maybe", "interval": 300}
    heard = csms.heard("BootNotification")
    process = await simulate(csms.url, "--stations", "1", "--speed", "100", "--duration", "60")
    await heard
    await csms.heard("BootNotification")  # the first answer was refused by now
    code, _, err = await end(process)
    assert code == 1
    assert "violated OCPP 1.6" in err
    assert "BootNotification: invalid answer: status" in err


async def test_it_ends_by_itself(csms, simulate):
    process = await simulate(csms.url, "--stations", "1", "--duration", "0")
    out, _ = await asyncio.wait_for(process.communicate(), 30)
    assert process.returncode == 0
    assert b"1 stations, 0 transactions" in out


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (["http://127.0.0.1:9000/ocpp"], "must begin with ws://"),
        (["ws://127.0.0.1:9000", "--stations", "0"], "stations"),
        (["ws://127.0.0.1:9000", "--password-file", "nowhere"], "does not exist"),
        (["ws://127.0.0.1:9000", "--ca", __file__], "--ca need a URL that begins with wss://"),
        (["wss://127.0.0.1:9000", "--cert", __file__], "--cert and --key come together"),
        (["wss://127.0.0.1:9000", "--ca", __file__], "no certificate or key in PEM"),
    ],
)
async def test_what_makes_no_sense_is_refused(simulate, arguments, complaint):
    process = await simulate(*arguments)
    _, err = await asyncio.wait_for(process.communicate(), 30)
    assert process.returncode == 2
    assert complaint in err.decode()
