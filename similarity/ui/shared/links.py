"""Links to a page for other people, as text and as QR codes that phones can open."""

import io
from ipaddress import ip_address
from urllib.parse import urlencode, urlsplit

import segno
import streamlit as st
from streamlit.net_util import get_internal_ip

from similarity.commands import OPEN_TO_NETWORK
from similarity.ui.shared import query as url
from similarity.ui.shared.plain import escape

ALL_ADDRESSES = (None, "", "0.0.0.0", "::")  # of a server that the network can reach
EXAMPLE = "http://192.168.1.20:8501"
CODE_WIDTH = 260  # px


def make_link(address: str, page: str, **parameters: str) -> str:
    """Return the link to a page of this app, under an address that `pick_address` returned.

    Without an address, it is a link for this computer.
    """
    prefix = find_prefix(str(st.context.url or ""))
    return f"{address or _get_origin()}{prefix}/{page}?{urlencode(parameters)}"


def show_code(link: str) -> None:
    """Show a link's QR code."""
    st.image(_make_code(link), width=CODE_WIDTH, alt=f"The QR code of {link}")


def pick_address() -> str:
    """Return the app's address in the network, found or entered; empty if there is none."""
    key = url.widget_key("address")
    text = st.text_input(
        "Address of this app for phones",
        find_network_origin(_get_origin(), st.get_option("server.address")),
        key=key,
        placeholder=EXAMPLE,
        width=420,
    )
    address = text.strip().rstrip("/")
    if address and not is_reachable(address):
        st.error(f"Phones can't open {escape(address)}. Enter an address such as {EXAMPLE}.")
        return ""
    return address


def explain_local_link() -> None:
    """Say why a link only works here, and what to do about it."""
    st.markdown(
        "This link only works on this computer, so there is no code for phones. Restart the app "
        "for the whole network with the following line, which sets no password, and open this "
        "page again. Or enter the address under which others reach this app."
    )
    st.code(OPEN_TO_NETWORK, language=None, wrap_lines=True)


def find_network_origin(origin: str, server_address: str | None) -> str:
    """Return the scheme, host and port by which other machines reach this app, or nothing.

    `origin` is that of the page. If it is of this machine only, the machine's address in its
    network is used, provided that the server listens there.
    """
    if is_reachable(origin):
        return origin
    parts, network_address = urlsplit(origin), None
    if server_address in ALL_ADDRESSES:
        network_address = get_internal_ip()
    if not network_address or not parts.scheme:
        return ""
    port = f":{parts.port}" if parts.port else ""
    host = f"[{network_address}]" if ":" in network_address else network_address
    network_origin = f"{parts.scheme}://{host}{port}"
    return network_origin if is_reachable(network_origin) else ""


def is_reachable(origin: str) -> bool:
    """Return whether an address is one of the web and not of this machine only."""
    try:
        parts = urlsplit(origin)
        host = parts.hostname or ""
        parts.port  # noqa: B018 - raises ValueError for an invalid one
    except ValueError:
        return False
    if parts.scheme not in ("http", "https") or not host or host == "localhost":
        return False
    if any(character.isspace() for character in origin) or parts.query or parts.fragment:
        return False
    try:
        return not (ip_address(host).is_loopback or ip_address(host).is_unspecified)
    except ValueError:
        return not host.endswith(".localhost")  # a name


def find_prefix(page: str) -> str:
    """Return the path of the app's root from a page's URL: empty, or like '/shop'.

    Every page is directly below the root, whatever prefix a proxy adds to it.
    """
    return urlsplit(page).path.rpartition("/")[0].rstrip("/")


def _get_origin() -> str:
    """Return the scheme, host and port of this page."""
    parts = urlsplit(str(st.context.url or ""))
    return f"{parts.scheme}://{parts.netloc}" if parts.netloc else ""


@st.cache_data(max_entries=32, show_spinner=False)
def _make_code(link: str) -> str:
    out = io.BytesIO()
    segno.make(link, error="m", micro=False).save(
        out, kind="svg", border=3, light="#fff", dark="#000", scale=8, xmldecl=False
    )
    return out.getvalue().decode()
