"""What a browser is given, to see that it is told of no method."""

import re
from pathlib import Path

from playwright.sync_api import Page, Response, WebSocket

from similarity import METHODS
from similarity.ui.shared import query

STYLE = Path(query.__file__).with_name("page.css")


class Listening:
    """Everything that a participant's browser is given, but for Streamlit's own files."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.messages: list[bytes] = []
        self.responses: list[Response] = []
        self.texts: list[str] = []
        page.on("websocket", self._listen)
        page.on("response", lambda response: self.responses.append(response))

    def _listen(self, socket: WebSocket) -> None:
        for event in ("framereceived", "framesent"):
            socket.on(event, lambda frame: self.messages.append(bytes_of(frame)))

    def read(self) -> None:
        """Read what came, which can't be done after the page was left."""
        for response in self.responses:
            self.texts += [response.url, str(response.headers)]
            kind = response.headers.get("content-type", "")
            if "/static/" not in response.url and "image" not in kind and response.ok:
                self.texts.append(response.text())
        self.responses.clear()

    def all(self) -> str:
        """All of it as one text, and what the browser holds now: the page and its stores."""
        storage = self.page.evaluate("""() => {
            const inside = (root) => [...root.querySelectorAll('*')].map((e) =>
                e.shadowRoot ? e.shadowRoot.innerHTML + inside(e.shadowRoot) : '').join('');
            return [document.documentElement.outerHTML, inside(document), document.cookie,
                JSON.stringify(localStorage), JSON.stringify(sessionStorage),
                JSON.stringify(history.state), location.href].join('\\n');
        }""")
        text = b"\n".join(self.messages).decode("utf-8", "replace")
        self.read()
        return "\n".join([text, *self.texts, storage]).replace(STYLE.read_text(), "")


def bytes_of(frame: str | bytes) -> bytes:
    return frame.encode() if isinstance(frame, str) else frame


def hints(text: str) -> set[str]:
    """The methods whose key or title is a word of a text; 'clip' is one of style sheets too."""
    text = re.sub(r"<style.*?</style>", "", text, flags=re.S)
    names = {name: key for key, method in METHODS.items() for name in (key, method.title)}
    return {
        names[name]
        for name in names
        if re.search(rf"(?<![\w-]){re.escape(name)}(?![\w-])", text, re.I)
    }
