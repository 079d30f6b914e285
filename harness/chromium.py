"""Find a Chromium for the browser tests; `python -m harness.chromium` installs one."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

from playwright.sync_api import sync_playwright

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
APT = ["apt-get", "install", "-y", "-qq", "chromium"]
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--disable-background-networking"]


def find_chromium() -> str | None:
    """Return the path of the system's Chromium if it starts, else of playwright's, else None."""
    for path in filter(None, map(shutil.which, NAMES)):
        # On some systems the command is only a note that says how to get the program.
        if subprocess.run([path, "--version"], capture_output=True, check=False).returncode == 0:
            return path
    with sync_playwright() as playwright:
        bundled = playwright.chromium.executable_path
    return bundled if Path(bundled).exists() else None


def install_chromium() -> None:
    """Install Chromium with apt if the user may, else with playwright."""
    may = os.geteuid() == 0 and shutil.which("apt-get")
    if may and subprocess.run(["apt-get", "update", "-qq"], check=False).returncode == 0:
        quiet = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
        subprocess.run(APT, env=quiet, stdout=subprocess.DEVNULL, check=False)
    if find_chromium() is None:
        subprocess.run([sys.executable, "-m", "playwright", "install", "chromium"], check=False)


if __name__ == "__main__":
    if find_chromium() is None:
        print("Installing Chromium for the browser tests", flush=True)
        install_chromium()
    if find_chromium() is None:
        sys.exit("No Chromium could be installed: install it by hand and run the tests again.")
