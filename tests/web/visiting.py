"""Visitors without networks of either kind: pictures, sessions, the browser's end of a socket."""

import asyncio
import io
import json
import threading
from collections.abc import Callable
from typing import Any

import numpy as np
from PIL import Image
from starlette.websockets import WebSocket

from blazepose.web.protocol import HEADER, Shot


def jpeg(width: int = 16, height: int = 12, **options: Any) -> bytes:
    """A picture of noise, which shrinks little."""
    noise = np.random.default_rng(0).integers(0, 255, (height, width, 3), np.uint8)
    file = io.BytesIO()
    Image.fromarray(noise).save(file, "JPEG", **options)
    return file.getvalue()


JPEG = jpeg()


def shot(sequence: int, time_s: float = 0.0, picture: bytes = JPEG) -> bytes:
    """A picture as the page sends it."""
    return HEADER.pack(sequence, time_s) + picture


def start(exercise: str = "squat") -> str:
    return json.dumps({"type": "start", "exercise": exercise})


class FakeSession:
    """Answers with the sequence; waits for `gate` and tells of each step where it is asked to."""

    def __init__(
        self, *, gate: threading.Event | None = None, tell: Callable[[Any], None] = lambda _: None
    ) -> None:
        self._gate, self._tell = gate, tell

    def greeting(self) -> str:
        return '{"type": "hello"}'

    def start(self, exercise: str) -> None:
        self._tell(exercise)

    def __call__(self, shot: Shot) -> str:
        self._tell(shot.sequence)
        if self._gate:
            assert self._gate.wait(10)
        return json.dumps({"type": "pose", "sequence": shot.sequence})


class Page:
    """The browser's end of a socket; what it answers to each message of the server is up to you."""

    def __init__(self, react: Callable[["Page", dict[str, Any]], object] | None = None) -> None:
        self._inbox: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        self._react = react
        self._inbox.put_nowait({"type": "websocket.connect"})
        self.received: list[dict[str, Any]] = []
        self.code: int | None = None  # with which the server closed
        self.socket = WebSocket({"type": "websocket", "headers": []}, self._inbox.get, self._take)

    def send(self, message: str | bytes) -> None:
        kind = "bytes" if isinstance(message, bytes) else "text"
        self._inbox.put_nowait({"type": "websocket.receive", kind: message})

    def leave(self) -> None:
        self._inbox.put_nowait({"type": "websocket.disconnect", "code": 1001})

    @property
    def sequences(self) -> list[int]:
        """Of the pictures that were answered."""
        return [m["sequence"] for m in self.received if m["type"] == "pose"]

    async def taken(self) -> None:
        """Let the server take all that was sent."""
        await self.until(self._inbox.empty)
        await asyncio.sleep(0.01)  # and do with the last message what it does

    async def until(self, done: Callable[[], bool]) -> None:
        """Let the others go on until something has come about."""
        for _ in range(10_000):
            if done():
                return
            await asyncio.sleep(0.001)
        raise AssertionError(f"waited in vain, got {self.received}, closed with {self.code}")

    async def _take(self, message: Any) -> None:
        if message["type"] == "websocket.close":
            self.code = message["code"]
        elif message["type"] == "websocket.send":
            self.received.append(json.loads(message["text"]))
            if self._react:
                self._react(self, self.received[-1])
