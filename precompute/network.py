"""Check that hosts can be reached, and download over unreliable connections."""

import shutil
import threading
import time
from collections.abc import Callable, Collection
from pathlib import Path
from typing import Any
from urllib.parse import urljoin, urlsplit

from similarity.errors import SimilarityError, get_reason

REACH_TIMEOUT = 3  # s in which all hosts have to answer
READ_TIMEOUT = 20  # s without data before a transfer is retried
MAX_TRIES = 4  # in a row that transfer nothing
RETRY_INTERVAL = 1  # s between two tries
MAX_REDIRECTS = 5
MAX_BYTES = 20_000_000_000  # bytes
CHUNK = 1 << 16

Progress = Callable[[int, int], None]  # bytes received and total bytes; 0 if unknown


def require_hosts(urls: Collection[str], remedy: str) -> None:
    """Raise SimilarityError unless all hosts answer anything within REACH_TIMEOUT seconds.

    `remedy` says what to do without a network.
    """
    import requests

    reached: set[str] = set()

    def request(url: str) -> None:
        try:
            requests.head(url, timeout=REACH_TIMEOUT, allow_redirects=False)
            reached.add(url)
        except requests.RequestException:
            pass

    # In threads, because a name lookup can take far longer than any timeout set here.
    threads = [threading.Thread(target=request, args=(url,), daemon=True) for url in urls]
    deadline = time.monotonic() + REACH_TIMEOUT
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(max(0, deadline - time.monotonic()))
    if unreachable := set(urls) - reached:
        hosts = ", ".join(sorted(urlsplit(url).hostname or url for url in unreachable))
        raise SimilarityError(
            f"{hosts} can't be reached. Run this with a network connection, or {remedy}"
        )


def download(url: str, target: Path, progress: Progress, hosts: Collection[str] = ()) -> None:
    """Download a file, resuming an earlier download if the server supports it.

    Redirects are followed only to the URL's own host and to `hosts`, and never from https to http.
    Raises SimilarityError; the part that was received is kept for the next call, unless the
    server's file has changed.
    """
    import requests

    target.parent.mkdir(parents=True, exist_ok=True)
    part = target.with_name(target.name + ".part")
    tries_left = MAX_TRIES
    while True:
        size_before = _get_size(part)
        try:
            _transfer(url, part, progress, hosts)
            break
        except requests.RequestException as error:
            tries_left = MAX_TRIES if _get_size(part) > size_before else tries_left - 1
            status = error.response.status_code if error.response is not None else 0
            if not tries_left or (400 <= status < 500 and status not in (416, 429)):
                raise SimilarityError(
                    f"{url} could not be fetched: {_explain(error)}. Run the same command again; "
                    "it resumes."
                ) from error
            time.sleep(RETRY_INTERVAL)
    _get_version_path(part).unlink(missing_ok=True)
    part.replace(target)


def _transfer(url: str, part: Path, progress: Progress, hosts: Collection[str]) -> None:
    """Append what is missing to `part`. Raises requests.RequestException if interrupted."""
    import requests

    size = _get_size(part)
    version = (
        _get_version_path(part).read_text() if size and _get_version_path(part).is_file() else ""
    )
    headers = {"Accept-Encoding": "identity"}
    if version:  # a server whose file has changed sends all of it
        headers |= {"Range": f"bytes={size}-", "If-Range": version}
    with _get_following(url, headers, hosts) as response:
        if response.status_code == 416:  # the part is longer than the server's file
            part.unlink()
        response.raise_for_status()
        if response.status_code != 206:
            size = 0
        elif not response.headers.get("Content-Range", "").startswith(f"bytes {size}-"):
            part.unlink()
            raise requests.ConnectionError("the server sent another part than requested")
        tag = response.headers.get("ETag", "")
        # A weak tag may denote other bytes; without a strong one the next try starts again.
        version = response.headers.get("Last-Modified", "") if tag[:1] != '"' else tag
        _get_version_path(part).write_text(version)
        length_text = response.headers.get("Content-Length", "")
        length = int(length_text) if length_text.isdecimal() else 0
        total = size + length if length else 0
        if max(total, size) > MAX_BYTES:
            raise _make_size_error(url)
        if length > shutil.disk_usage(part.parent).free:
            raise SimilarityError(f"There is no room for {length / 1e6:,.0f} MB in '{part.parent}'")
        with part.open("r+b" if size else "wb") as out:
            out.seek(size)
            for chunk in response.iter_content(CHUNK):
                out.write(chunk)
                size += len(chunk)
                if size > MAX_BYTES:
                    raise _make_size_error(url)
                progress(size, total)


def _get_following(url: str, headers: dict[str, str], hosts: Collection[str]) -> Any:
    """Return the response to a request, following redirects as far as `download` allows."""
    import requests

    allowed = {urlsplit(url).hostname, *hosts}
    for _ in range(MAX_REDIRECTS + 1):
        response = requests.get(
            url,
            headers=headers,
            stream=True,
            timeout=(READ_TIMEOUT, READ_TIMEOUT),
            allow_redirects=False,
        )
        if not response.is_redirect:
            return response
        response.close()
        target = urljoin(url, response.headers["Location"])
        is_secure = urlsplit(target).scheme in ("https", urlsplit(url).scheme)
        if urlsplit(target).hostname not in allowed or not is_secure:
            raise SimilarityError(
                f"{urlsplit(url).hostname} redirected to '{target}', which is not a known location "
                "of the file. If the network has a login page, log in there first."
            )
        url = target
    raise SimilarityError(f"'{url}' redirects in a circle. Try again later.")


def _explain(error: Exception) -> str:
    """Explain why a transfer failed; the texts of requests are nested class names."""
    import requests

    if isinstance(error, requests.HTTPError):
        return get_reason(error)
    is_timeout = isinstance(error, requests.Timeout) or "timed out" in str(error)
    return f"nothing was received for {READ_TIMEOUT} s" if is_timeout else "the connection was lost"


def _make_size_error(url: str) -> SimilarityError:
    return SimilarityError(
        f"'{url}' sends more than {MAX_BYTES / 1e9:,.0f} GB, which can't be right."
    )


def _get_version_path(part: Path) -> Path:
    """Return the file that stores the version of the server's file that a part belongs to."""
    return part.with_name(part.name + ".version")


def _get_size(path: Path) -> int:
    return path.stat().st_size if path.is_file() else 0
