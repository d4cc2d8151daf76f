"""`make screenshots`: a demo network, and a browser that takes a picture of every screen."""

import os
import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).parents[3]
WARM_UP_S = 60  # cars come, the first sessions end
STARTS_WITHIN_S = 300  # it tells 30 days of history first


def _greeting(log: Path) -> tuple[str, str, str]:
    """Where the demo listens and who may sign in, as it prints them."""
    deadline = time.monotonic() + STARTS_WITHIN_S
    while time.monotonic() < deadline:
        text = log.read_text()
        url = re.search(r"Look around\s+(http\S+)", text)
        who = re.search(r"Sign in as\s+(\S+)\s+password:\s+(\S+)", text)
        if url and who:
            return url[1], who[1], who[2]
        time.sleep(0.5)
    sys.exit(f"the demo did not start: {log.read_text()}")


def main() -> int:
    with tempfile.TemporaryDirectory() as folder:
        log = Path(folder) / "demo.log"
        demo = [sys.executable, "-c", "from csms.app.cli import main; main()", "demo"]
        with log.open("w") as out:
            running = subprocess.Popen(  # noqa: S603 - our own program
                [*demo, "--http", "127.0.0.1:0", "--ocpp", "127.0.0.1:0"], stdout=out, stderr=out
            )
        try:
            url, email, password = _greeting(log)
            time.sleep(WARM_UP_S)
            environment = {**os.environ, "CSMS_URL": url, "CSMS_EMAIL": email, "CSMS_PASSWORD": password}
            return subprocess.run(  # noqa: S603 - our own program
                [ROOT / "web" / "run", "node", "scripts/screenshots.mjs"], env=environment, check=False
            ).returncode
        finally:
            running.terminate()
            running.wait(60)


if __name__ == "__main__":
    sys.exit(main())
