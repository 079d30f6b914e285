"""A participant without a browser, who speaks Streamlit's own protocol."""

import json
from types import TracebackType
from typing import Any

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.proto.WidgetStates_pb2 import WidgetState
from websockets.sync.client import connect


class Participant:
    """A participant who opens a vote and answers. `data` is what the page last sent to show."""

    def __init__(self, address: str, vote: str, who: str) -> None:
        self.link = connect(
            f"{address.replace('http', 'ws', 1)}/_stcore/stream",
            subprotocols=["streamlit"],  # type: ignore[list-item]
            max_size=None,
        )
        self.vote, self.who, self.element = vote, who, ""
        self.data: dict[str, Any] = {}
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
        """Press a button and wait until the page has gone on."""
        events = json.dumps([{"event": "answer", "value": [number, answer]}])
        identity = f"$$STREAMLIT_INTERNAL_KEY_{self.element}__events"
        self._run([WidgetState(id=identity, json_trigger_value=events)])

    def _run(self, states: list[WidgetState]) -> None:
        message = BackMsg()
        script = message.rerun_script
        script.query_string, script.page_name = f"vote={self.vote}", "ballot"
        if self.element:
            state = WidgetState(id=self.element, json_value=json.dumps({"who": self.who}))
            script.widget_states.widgets.extend([state, *states])
        self.link.send(message.SerializeToString())
        while True:
            reply = ForwardMsg.FromString(self.link.recv(60, decode=False))
            element = reply.delta.new_element
            if element.WhichOneof("type") == "bidi_component":
                component = element.bidi_component
                if component.component_name.endswith("ballot"):
                    self.element = component.id
                    self.data = json.loads(component.json or component.mixed.json)
            if reply.WhichOneof("type") == "script_finished":
                return
