"""Measure the size of the packages in requirements.txt, from the package index.

    python -m benchmarks.install_size

Prints, for each system, bytes to download and on disk, and the largest packages. Sizes on disk are
read from the wheels' directories, the only part that is downloaded.
"""

import argparse
import io
import struct
import zipfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import requests
from packaging.requirements import Requirement
from packaging.tags import Tag, compatible_tags, cpython_tags, mac_platforms
from packaging.utils import parse_wheel_filename
from rich.console import Console
from rich.table import Table

from install.packages import get_name, read_pins, select_pins

INDEX = "https://pypi.org/simple"
JSON = "application/vnd.pypi.simple.v1+json"
PYTHON = (3, 11)
LARGE = 10e6  # minimum bytes on disk for a package to get its own line


@dataclass(frozen=True)
class System:
    """A system to choose packages for: marker values, and platform tags, the preferred first."""

    name: str
    markers: dict[str, str]
    platforms: list[str]
    cpu: bool = False

    def tags(self) -> dict[Tag, int]:
        """Return the tags of wheels that fit, with their rank."""
        fitting = [
            *cpython_tags(PYTHON, platforms=self.platforms),
            *compatible_tags(PYTHON, "cp311", self.platforms),
        ]
        return {tag: rank for rank, tag in enumerate(fitting)}


LINUX = [f"manylinux_2_{minor}_x86_64" for minor in range(35, 4, -1)] + [
    f"manylinux{name}_x86_64" for name in ("2014", "2010", "1")
]
ON_LINUX = {"sys_platform": "linux", "platform_machine": "x86_64"}
ON_A_MAC = {"sys_platform": "darwin", "platform_machine": "arm64"}
SYSTEMS = [
    System("Linux", ON_LINUX, LINUX),
    System("Linux, TORCH=cpu, without torch", ON_LINUX, LINUX, cpu=True),
    System("macOS on Apple silicon", ON_A_MAC, list(mac_platforms((15, 0), "arm64"))),
]


class RemoteFile(io.RawIOBase):
    """The end of a file on a web server, fetched in one or two requests for zipfile to read."""

    def __init__(self, address: str, size: int) -> None:
        self.address, self.size, self.at = address, size, 0
        self.start, self.tail = size, b""
        self.fetch(max(0, size - 65_536))
        end = self.tail.rfind(b"PK\5\6")
        self.fetch(struct.unpack("<I", self.tail[end + 16 : end + 20])[0])  # of the directory

    def fetch(self, start: int) -> None:
        if start < self.start:
            headers = {"Range": f"bytes={start}-{self.start - 1}"}
            answer = requests.get(self.address, headers=headers, timeout=60)
            answer.raise_for_status()
            assert answer.status_code == 206, "the server sends no parts of files"
            self.start, self.tail = start, answer.content + self.tail

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self.at

    def seek(self, offset: int, whence: int = 0) -> int:
        self.at = offset + (0, self.at, self.size)[whence]
        return self.at

    def read(self, count: int = -1) -> bytes:
        first = self.at - self.start
        content = self.tail[first:] if count < 0 else self.tail[first : first + count]
        self.at += len(content)
        return content


def find_wheel(pin: str, system: System) -> dict[str, Any] | None:
    """Return the wheel that pip would choose for a pin, or None if the system doesn't need it."""
    requirement = Requirement(pin)
    python = {"python_version": "3.11", "python_full_version": "3.11.9"}
    if requirement.marker and not requirement.marker.evaluate(system.markers | python):
        return None
    answer = requests.get(f"{INDEX}/{requirement.name}/", headers={"Accept": JSON}, timeout=60)
    answer.raise_for_status()
    tags, best, version = system.tags(), [], pin.split(";")[0].split("==")[1].strip()
    for file in answer.json()["files"]:
        if f"-{version}-" in file["filename"] and file["filename"].endswith(".whl"):
            fits = parse_wheel_filename(file["filename"])[3]
            if ranks := [tags[tag] for tag in fits if tag in tags]:
                best.append((min(ranks), file["filename"], file))
    if not best:
        raise LookupError(f"{pin}: no wheel fits {system.name}")
    return min(best)[2]


def compute_unpacked_size(wheel: dict[str, Any]) -> int:
    """Return the size of the unpacked files of a wheel, in bytes."""
    with zipfile.ZipFile(RemoteFile(wheel["url"], wheel["size"])) as files:
        return sum(info.file_size for info in files.infolist())


def measure(system: System, pins: list[str]) -> Iterator[tuple[str, int, int]]:
    """Yield the name, bytes to download and bytes on disk of each package."""
    for pin in select_pins(pins, system.cpu):
        if system.cpu and get_name(pin) == "torch":
            continue  # its CPU build is on another index
        if wheel := find_wheel(pin, system):
            yield get_name(pin), wheel["size"], compute_unpacked_size(wheel)


def main() -> None:
    """Print a table for each system."""
    argparse.ArgumentParser("python -m benchmarks.install_size", description=__doc__).parse_args()
    console, pins = Console(), read_pins([])
    with ThreadPoolExecutor(len(SYSTEMS)) as pool:
        measured = list(pool.map(lambda system: list(measure(system, pins)), SYSTEMS))
    for system, rows in zip(SYSTEMS, measured, strict=True):
        table = Table("package", "to download, MB", "on disk, MB", title=system.name)
        rows.sort(key=lambda row: -row[2])
        small = [row for row in rows if row[2] < LARGE]
        for name, download, disk in [
            *(row for row in rows if row[2] >= LARGE),
            (f"{len(small)} others", sum(r[1] for r in small), sum(r[2] for r in small)),
            (f"{len(rows)} packages", sum(r[1] for r in rows), sum(r[2] for r in rows)),
        ]:
            table.add_row(name, f"{download / 1e6:,.0f}", f"{disk / 1e6:,.0f}")
        console.print(table)


if __name__ == "__main__":
    main()
