"""A participant without a browser: Streamlit's own protocol, as its frontend speaks it."""

import json
from types import TracebackType
from typing import Any

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.proto.WidgetStates_pb2 import WidgetState
from websockets.sync.client import connect


class Participant:
    """One who opens a vote and answers; `said` is what the page was last told to show."""

    def __init__(self, address: str, vote: str, who: str) -> None:
        self.link = connect(
            f"{address.replace('http', 'ws', 1)}/_stcore/stream",
            subprotocols=["streamlit"],  # type: ignore[list-item]
            max_size=None,
        )
        self.vote, self.who, self.element = vote, who, ""
        self.said: dict[str, Any] = {}
        self._run([])
        self._run([])  # now that the element is known, with who votes

    def __enter__(self) -> "Participant":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.link.close()

    def answer(self, number: int, answer: str) -> None:
        """Press a button; the page has gone on when this returns."""
        events = json.dumps([{"event": "answer", "value": [number, answer]}])
        identity = f"$$STREAMLIT_INTERNAL_KEY_{self.element}__events"
        self._run([WidgetState(id=identity, json_trigger_value=events)])

    def _run(self, states: list[WidgetState]) -> None:
        message = BackMsg()
        asked = message.rerun_script
        asked.query_string, asked.page_name = f"vote={self.vote}", "ballot"
        if self.element:
            known = WidgetState(id=self.element, json_value=json.dumps({"who": self.who}))
            asked.widget_states.widgets.extend([known, *states])
        self.link.send(message.SerializeToString())
        while True:
            told = ForwardMsg.FromString(self.link.recv(60, decode=False))
            element = told.delta.new_element
            if element.WhichOneof("type") == "bidi_component":
                shown = element.bidi_component
                if shown.component_name.endswith("ballot"):
                    self.element = shown.id
                    self.said = json.loads(shown.json or shown.mixed.json)
            if told.WhichOneof("type") == "script_finished":
                return
