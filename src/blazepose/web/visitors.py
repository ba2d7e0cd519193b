"""Visitors: a seat, a session and fair turns for each, from the greeting to the end of the page.

Latest picture wins: a visitor has one picture waiting, which a newer one replaces, and one being
worked on. Turns are given in the order of asking and asked for anew after each answer, so that
visitors take them round robin, however much one of them sends.
"""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any, TypeVar

from starlette.websockets import WebSocket, WebSocketDisconnect

from blazepose.errors import BlazePoseError
from blazepose.web.options import Limits
from blazepose.web.protocol import (
    FULL,
    IDLE,
    MALFORMED,
    TOO_BIG,
    UNABLE,
    Shot,
    Start,
    VisitError,
    read_message,
)
from blazepose.web.session import OpenSession, Session

T = TypeVar("T")

_log = logging.getLogger(__name__)


class Visitors:
    """Everybody who is here now."""

    def __init__(self, open_session: OpenSession, *, limits: Limits) -> None:
        self._open, self._limits = open_session, limits
        self._pool = ThreadPoolExecutor(limits.workers, thread_name_prefix="blazepose-live")
        self._turns = asyncio.Semaphore(limits.workers)
        self._seated = 0

    @property
    def seated(self) -> int:
        """How many there are."""
        return self._seated

    def close(self) -> None:
        """Let the threads go."""
        self._pool.shutdown(wait=True, cancel_futures=True)

    async def receive(self, socket: WebSocket) -> None:
        """One visit, to its end; whatever ends it, its session is let go."""
        await socket.accept()
        try:
            self._take_seat()
            try:
                await self._visit(socket)
            finally:
                self._seated -= 1
        except VisitError as error:
            await _say_goodbye(socket, error)
        except WebSocketDisconnect:
            pass

    def _take_seat(self) -> None:
        if self._seated >= self._limits.visitors:
            raise VisitError("all seats are taken: try again in a while", code=FULL)
        self._seated += 1

    async def _visit(self, socket: WebSocket) -> None:
        session = await self._open_session()
        await socket.send_text(session.greeting())
        inbox = _Inbox()
        listening = asyncio.create_task(_listen(socket, inbox, self._limits))
        try:
            await self._answer(socket, session, inbox)
        finally:
            listening.cancel()
            await asyncio.wait([listening])

    async def _open_session(self) -> Session:
        try:
            async with self._turns:
                return await self._work(self._open)
        except BlazePoseError as error:
            _log.error("%s", error)
            raise VisitError("the model cannot be loaded: see the server", code=UNABLE) from error

    async def _answer(self, socket: WebSocket, session: Session, inbox: _Inbox) -> None:
        """Answer the newest picture, again and again, until the inbox closes."""
        while await inbox.filled():
            async with self._turns:
                answer = await self._work(partial(_step, session, *inbox.take()))
            if answer and not inbox.closed:
                await socket.send_text(answer)

    async def _work(self, job: Callable[[], T]) -> T:
        """Run a job in a thread of the pool.

        Cancelled, it waits for the job all the same: a seat is free when its work is done.
        """
        future = asyncio.get_running_loop().run_in_executor(self._pool, job)
        try:
            return await asyncio.shield(future)
        except asyncio.CancelledError:
            await asyncio.wait([future])
            raise
        finally:
            del future  # else an error of the job and this visit hold each other


class _Inbox:
    """What a visitor has sent and nobody has taken: at most one start and one picture."""

    def __init__(self) -> None:
        self._start: Start | None = None
        self._shot: Shot | None = None
        self._error: VisitError | None = None
        self._changed = asyncio.Event()
        self.closed = False

    def put(self, message: Start | Shot) -> None:
        """Replace what waits; a start also drops the picture from before it."""
        if isinstance(message, Start):
            self._start, self._shot = message, None
        else:
            self._shot = message
        self._changed.set()

    def close(self, error: VisitError | None = None) -> None:
        """Nothing will come any more."""
        self._error, self.closed = error, True
        self._changed.set()

    async def filled(self) -> bool:
        """Wait until there is something to take; False at the end, VisitError at a bad end."""
        await self._changed.wait()
        if error := self._error:
            self._error = None
            try:
                raise error
            finally:
                del error  # else it and this visit hold each other
        return not self.closed

    def take(self) -> tuple[Start | None, Shot | None]:
        """What waits; then nothing does."""
        waiting = self._start, self._shot
        self._start = self._shot = None
        if not self.closed:
            self._changed.clear()
        return waiting


def _step(session: Session, start: Start | None, shot: Shot | None) -> str | None:
    if start:
        session.start(start.exercise)
    return session(shot) if shot else None


async def _listen(socket: WebSocket, inbox: _Inbox, limits: Limits) -> None:
    """Put what comes into the inbox until the page closes, falls silent, or is not our page."""
    try:
        while True:
            message = await asyncio.wait_for(socket.receive(), limits.idle_s)
            if message["type"] == "websocket.disconnect":
                return inbox.close()
            inbox.put(read_message(_content(message), limits=limits))
    except VisitError as error:
        inbox.close(error)
    except asyncio.TimeoutError:
        inbox.close(VisitError("nothing came for a while: start again", code=IDLE))


def _content(message: Any) -> str | bytes:
    content: str | bytes | None = message.get("bytes")
    return message["text"] if content is None else content


async def _say_goodbye(socket: WebSocket, error: VisitError) -> None:
    kind = {FULL: "full", IDLE: "idle", MALFORMED: "malformed", TOO_BIG: "too big"}
    text = {"type": "error", "reason": kind.get(error.code, "unable"), "message": str(error)}
    try:
        await socket.send_text(json.dumps(text))
        await socket.close(error.code)
    except (WebSocketDisconnect, RuntimeError):  # the page has gone before
        pass
