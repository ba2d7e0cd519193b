"""The page, its files and its socket, as a browser or an intruder asks for them."""

import json
import re
from importlib import resources

import pytest
from starlette.testclient import TestClient
from starlette.websockets import WebSocketDisconnect
from visiting import FakeSession, shot

from blazepose import look
from blazepose.web import Guard, Options, create_app

LOCAL = "http://localhost:8765"
SOCKET = "ws://localhost:8765/live"
STATIC = resources.files("blazepose.web") / "static"
FILES = sorted(file.name for file in STATIC.iterdir())


def client(token: str = "", address: str = LOCAL) -> TestClient:
    app = create_app(Options(), guard=Guard(token), open_session=FakeSession)
    return TestClient(app, base_url=address)


def test_every_packaged_file_is_served_and_known_by_its_kind() -> None:
    asked = client()
    for name in FILES:
        answer = asked.get("/" if name == "index.html" else f"/{name}")
        assert answer.status_code == 200
        assert answer.content == (STATIC / name).read_bytes()
        assert "octet" not in answer.headers["content-type"]


@pytest.mark.parametrize("path", ["/", "/app.js", "/nothing", "/live"])
def test_every_answer_forbids_what_the_page_does_not_need(path: str) -> None:
    headers = client().get(path).headers
    assert headers["content-security-policy"].startswith("default-src 'self';")
    assert "unsafe" not in headers["content-security-policy"]
    assert headers["referrer-policy"] == "no-referrer"
    assert headers["x-content-type-options"] == "nosniff"
    assert "camera=(self)" in headers["permissions-policy"]


@pytest.mark.parametrize(
    "path", ["/../app.py", "/%2e%2e/app.py", "/static/app.js", "//etc/passwd", "/\\x"]
)
def test_no_path_reaches_beyond_the_packaged_files(path: str) -> None:
    assert client().get(path).status_code == 404


def test_nothing_can_be_uploaded() -> None:
    assert client().post("/", content=b"clip").status_code == 405


def test_nothing_in_the_page_comes_from_elsewhere() -> None:
    for name in FILES:
        text = (STATIC / name).read_text(encoding="utf-8")
        addresses = set(re.findall(r"(?:https?:)?//[\w.-]+\.\w+", text))
        assert addresses <= {"http://www.w3.org"}, name  # the name of SVG, which is not fetched


def test_the_page_holds_nothing_that_its_own_policy_forbids() -> None:
    page = (STATIC / "index.html").read_text(encoding="utf-8")
    assert not re.search(r"style=|<style|\son\w+=|<script(?![^>]*src=)", page)


@pytest.mark.parametrize("name", ["left", "right", "centre", "ink"])
def test_the_page_has_the_colours_of_all_skeletons(name: str) -> None:
    css = (STATIC / "style.css").read_text(encoding="utf-8")
    colour = "".join(f"{channel:02x}" for channel in getattr(look, name.upper()))
    assert f"--{name}: #{colour};" in css


def test_a_foreign_name_for_this_machine_is_refused() -> None:
    assert client(address="http://evil.example:8765").get("/").status_code == 403


@pytest.mark.parametrize("address", [LOCAL, "http://127.0.0.1:8765", "http://[::1]:8765"])
def test_this_machine_is_let_in_by_each_of_its_own_names(address: str) -> None:
    assert client(address=address).get("/").status_code == 200


@pytest.mark.parametrize(
    ("query", "status"), [("", 403), ("?token=no", 403), ("?token=%ff", 403), ("?token=right", 200)]
)
def test_the_page_asks_for_the_token_where_there_is_one(query: str, status: int) -> None:
    assert client("right", "http://10.0.0.7").get(f"/{query}").status_code == status


def test_our_own_page_gets_its_socket() -> None:
    with client() as asked, asked.websocket_connect(SOCKET, headers={"origin": LOCAL}) as socket:
        assert socket.receive_json() == {"type": "hello"}
        socket.send_bytes(shot(3))
        assert socket.receive_json()["sequence"] == 3


@pytest.mark.parametrize(
    "origin", [None, "", "null", "http://evil.example", "http://localhost", "file://localhost:8765"]
)
def test_a_page_of_somebody_else_gets_no_socket(origin: str | None) -> None:
    headers = {} if origin is None else {"origin": origin}
    with client() as asked, pytest.raises(WebSocketDisconnect):
        asked.websocket_connect(SOCKET, headers=headers).__enter__()


def test_a_socket_with_the_token_is_opened() -> None:
    address = "http://10.0.0.7:8765"
    with (
        client("right", address) as asked,
        asked.websocket_connect(
            "ws://10.0.0.7:8765/live?token=right", headers={"origin": address}
        ) as socket,
    ):
        assert socket.receive_json() == {"type": "hello"}


@pytest.mark.parametrize("query", ["", "?token=", "?token=wrong", "?token=righ"])
def test_a_socket_without_the_token_is_refused(query: str) -> None:
    address = "http://10.0.0.7:8765"
    with client("right", address) as asked, pytest.raises(WebSocketDisconnect):
        asked.websocket_connect(
            f"ws://10.0.0.7:8765/live{query}", headers={"origin": address}
        ).__enter__()


def test_a_hostile_message_is_answered_with_an_error_and_a_close() -> None:
    with client() as asked, asked.websocket_connect(SOCKET, headers={"origin": LOCAL}) as socket:
        socket.receive_json()
        socket.send_text(json.dumps({"type": "start", "exercise": "../../etc/passwd"}))
        assert socket.receive_json()["reason"] == "malformed"
        with pytest.raises(WebSocketDisconnect):
            socket.receive_json()
