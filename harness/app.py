"""Start the app as a user does, and the screen sizes that it is tested on."""

import os
import socket
import subprocess
import sys
import time
from pathlib import Path

from playwright.sync_api import ViewportSize

PROJECT = Path(__file__).parents[1]
WIDE = ViewportSize(width=1440, height=900)
NARROW = ViewportSize(width=390, height=844)


class Server:
    """The app on a free port, started as a user starts it."""

    def __init__(self, catalogues: Path, log: Path, *options: str, script: str = "app.py") -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        self.url = f"http://127.0.0.1:{port}"
        command = [sys.executable, "-m", "streamlit", "run", script, f"--server.port={port}"]
        command += options
        environment = os.environ | {"SIMILARITY_CATALOGUES": str(catalogues)}
        environment.pop("SIMILARITY_CATALOGUE", None)
        with log.open("wb") as out:
            self.process = subprocess.Popen(
                command, cwd=PROJECT, env=environment, stdout=out, stderr=subprocess.STDOUT
            )
        end = time.monotonic() + 60
        while True:
            try:
                socket.create_connection(("127.0.0.1", port), 1).close()
                return
            except OSError:
                if time.monotonic() > end or self.process.poll() is not None:
                    self.stop()
                    raise RuntimeError(f"The app did not start: {log.read_text()}") from None
                time.sleep(0.05)

    def stop(self) -> None:
        self.process.terminate()
        self.process.wait(10)
