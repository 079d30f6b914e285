"""Reaching a host, and downloading from it over connections that break."""

import shutil
import threading
import time
from collections.abc import Callable, Collection
from pathlib import Path
from typing import Any
from urllib.parse import urljoin, urlsplit

from similarity.errors import SimilarityError, reason_of

REACH = 3  # s in which a host has to answer at all
READ = 20  # s that a transfer may stand still
TRIES = 4  # in a row that bring nothing
PAUSE = 1  # s between two tries
REDIRECTS = 5
LARGEST = 20_000_000_000  # bytes
CHUNK = 1 << 16

Progress = Callable[[int, int], None]  # bytes that are here, of all; 0 where nobody tells


def reach(addresses: Collection[str], otherwise: str) -> None:
    """Raises SimilarityError unless all answer, whatever they say, within REACH seconds in all.

    `otherwise` is what to do where there is no network.
    """
    import requests

    answered: set[str] = set()

    def ask(address: str) -> None:
        try:
            requests.head(address, timeout=REACH, allow_redirects=False)
            answered.add(address)
        except requests.RequestException:
            pass

    # In threads: a search for a name can take far longer than any timeout that is set here.
    asking = [threading.Thread(target=ask, args=(each,), daemon=True) for each in addresses]
    end = time.monotonic() + REACH
    for thread in asking:
        thread.start()
    for thread in asking:
        thread.join(max(0, end - time.monotonic()))
    if silent := set(addresses) - answered:
        hosts = ", ".join(sorted(urlsplit(each).hostname or each for each in silent))
        raise SimilarityError(
            f"{hosts} can't be reached. Run this where there is a network, or {otherwise}"
        )


def download(address: str, place: Path, progress: Progress, hosts: Collection[str] = ()) -> None:
    """Get a file, going on with what a former try left where the server can.

    A redirect is followed to the address's own host and to `hosts` alone, and never from https to
    http. Raises SimilarityError; what came so far stays beside `place` for the next call, unless
    the server's file is another one by then.
    """
    import requests

    place.parent.mkdir(parents=True, exist_ok=True)
    part = place.with_name(place.name + ".part")
    left = TRIES
    while True:
        had = _size(part)
        try:
            _transfer(address, part, progress, hosts)
            break
        except requests.RequestException as error:
            left = TRIES if _size(part) > had else left - 1
            told = error.response.status_code if error.response is not None else 0
            if not left or (400 <= told < 500 and told not in (416, 429)):
                raise SimilarityError(
                    f"{address} could not be fetched: {_why(error)}. Run the same command again: "
                    "it goes on where it stopped."
                ) from error
            time.sleep(PAUSE)
    _version(part).unlink(missing_ok=True)
    part.replace(place)


def _transfer(address: str, part: Path, progress: Progress, hosts: Collection[str]) -> None:
    """Add to `part` what it lacks. Raises requests.RequestException where that breaks off."""
    import requests

    had = _size(part)
    version = _version(part).read_text() if had and _version(part).is_file() else ""
    headers = {"Accept-Encoding": "identity"}
    if version:  # a server whose file is another now sends all of that
        headers |= {"Range": f"bytes={had}-", "If-Range": version}
    with _get(address, headers, hosts) as answer:
        if answer.status_code == 416:  # what is here is longer than the server's file
            part.unlink()
        answer.raise_for_status()
        if answer.status_code != 206:
            had = 0
        elif not answer.headers.get("Content-Range", "").startswith(f"bytes {had}-"):
            part.unlink()
            raise requests.ConnectionError("another part than was asked for")
        tag = answer.headers.get("ETag", "")
        # A weak tag may stand for other bytes; without a strong one the next try begins anew.
        version = answer.headers.get("Last-Modified", "") if tag[:1] != '"' else tag
        _version(part).write_text(version)
        given = answer.headers.get("Content-Length", "")
        length = int(given) if given.isdecimal() else 0
        total = had + length if length else 0
        if max(total, had) > LARGEST:
            raise _too_large(address)
        if length > shutil.disk_usage(part.parent).free:
            raise SimilarityError(f"There is no room for {length / 1e6:,.0f} MB in '{part.parent}'")
        with part.open("r+b" if had else "wb") as out:
            out.seek(had)
            for chunk in answer.iter_content(CHUNK):
                out.write(chunk)
                had += len(chunk)
                if had > LARGEST:
                    raise _too_large(address)
                progress(had, total)


def _get(address: str, headers: dict[str, str], hosts: Collection[str]) -> Any:
    """The answer to a request, its redirects followed as far as `download` allows."""
    import requests

    allowed = {urlsplit(address).hostname, *hosts}
    for _ in range(REDIRECTS + 1):
        answer = requests.get(
            address, headers=headers, stream=True, timeout=(READ, READ), allow_redirects=False
        )
        if not answer.is_redirect:
            return answer
        answer.close()
        target = urljoin(address, answer.headers["Location"])
        safe = urlsplit(target).scheme in ("https", urlsplit(address).scheme)
        if urlsplit(target).hostname not in allowed or not safe:
            raise SimilarityError(
                f"{urlsplit(address).hostname} sent this on to '{target}', which is not where the "
                "file is known to be. Behind a network's login page, log in there first."
            )
        address = target
    raise SimilarityError(f"'{address}' leads round in a circle. Try again later.")


def _why(error: Exception) -> str:
    """What went wrong with a transfer, for a person; requests' own words are a nest of classes."""
    import requests

    if isinstance(error, requests.HTTPError):
        return reason_of(error)
    silent = isinstance(error, requests.Timeout) or "timed out" in str(error)
    return f"no byte came for {READ} s" if silent else "the connection broke off"


def _too_large(address: str) -> SimilarityError:
    return SimilarityError(f"'{address}' sends more than {LARGEST / 1e9:,.0f} GB: not what it was.")


def _version(part: Path) -> Path:
    """Where it is kept of which version of the server's file a part is."""
    return part.with_name(part.name + ".version")


def _size(place: Path) -> int:
    return place.stat().st_size if place.is_file() else 0
