"""Answers of the app are sent at once."""

import socket

import pytest

from similarity.ui.shared.sockets import DESCRIPTORS, set_no_delay


@pytest.mark.skipif(not DESCRIPTORS.is_dir(), reason="only Linux lists open files there")
def test_connections_of_a_socket_that_streamlit_bound_do_not_wait_for_acknowledgements() -> None:
    def waits(connection: socket.socket) -> bool:
        return not connection.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)

    with socket.socket(socket.AF_INET) as server, socket.socket() as one, socket.socket() as two:
        server.bind(("127.0.0.1", 0))
        server.listen()
        one.connect(server.getsockname())
        before, _ = server.accept()
        with before:
            assert waits(before), "else there is nothing to set"
            set_no_delay()
            two.connect(server.getsockname())
            after, _ = server.accept()
            with after:
                assert not waits(before)
                assert not waits(after)
