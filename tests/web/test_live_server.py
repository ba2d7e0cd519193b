"""The server on a real port."""

import contextlib
import json
import socket
import threading
import time
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest
from visiting import FakeSession, shot
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect

from blazepose.errors import OutputError
from blazepose.web import Limits, Options, Server


@contextlib.contextmanager
def serving(options: Options) -> Iterator[Server]:
    with Server(options, port=0) as server:
        thread = threading.Thread(target=server.run, daemon=True)
        thread.start()
        yield server
        server.stop()
        thread.join(20)
        assert not thread.is_alive()


@pytest.fixture(autouse=True)
def without_networks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("blazepose.web.app.TrackingSession", lambda options: FakeSession())


@contextlib.contextmanager
def page(server: Server) -> Iterator[ClientConnection]:
    host = urlsplit(server.url).netloc
    with connect(f"ws://{host}/live", origin=f"http://{host}") as opened:  # type: ignore[arg-type]
        assert json.loads(opened.recv(10)) == {"type": "hello"}
        yield opened


def test_pictures_are_answered_and_the_end_is_clean_with_a_visitor_inside() -> None:
    with serving(Options()) as server, page(server) as visitor:
        for sequence in range(20):
            visitor.send(shot(sequence))
            assert json.loads(visitor.recv(10))["sequence"] == sequence
        server.stop()
        with pytest.raises(ConnectionClosed):
            visitor.recv(10)


def test_a_message_over_the_limit_closes_before_it_is_held() -> None:
    options = Options(limits=Limits(frame_bytes=1000))
    with serving(options) as server, page(server) as visitor:
        visitor.send(bytes(2000))
        with pytest.raises(ConnectionClosed) as end:
            visitor.recv(10)
        assert end.value.rcvd is not None
        assert end.value.rcvd.code == 1009


def test_seats_are_free_again_after_pages_close() -> None:
    with serving(Options(limits=Limits(visitors=1))) as server:
        for _ in range(5):
            with page(server) as visitor:
                visitor.send(shot(1))
            while server.seated:  # the end of a visit takes a moment
                time.sleep(0.01)


def test_the_address_holds_a_token_only_where_others_can_reach_it() -> None:
    with Server(Options(), port=0) as alone, Server(Options(), host="0.0.0.0", port=0) as shared:
        assert urlsplit(alone.url).hostname == "127.0.0.1"
        assert "token" not in alone.url
        assert len(urlsplit(shared.url).query) > 30
        assert "0.0.0.0" not in shared.url


def test_a_port_that_is_taken_or_a_host_that_is_none_is_told_in_a_line() -> None:
    with (
        socket.create_server(("127.0.0.1", 0)) as taken,
        pytest.raises(OutputError, match="choose another --host or --port"),
    ):
        Server(Options(), port=taken.getsockname()[1])
    with pytest.raises(OutputError, match=r"cannot serve on nowhere\.invalid"):
        Server(Options(), host="nowhere.invalid", port=0)
