"""Seats, turns and the end of visits."""

import asyncio
import contextlib
import gc
import threading
import time
import weakref
from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest
from visiting import FakeSession, Page, shot, start

from blazepose.errors import ModelError
from blazepose.web import Limits
from blazepose.web.protocol import FULL, IDLE, MALFORMED, UNABLE, VisitError
from blazepose.web.session import Session
from blazepose.web.visitors import Visitors


@contextlib.asynccontextmanager
async def house(
    open_session: Callable[[], Session] = FakeSession, **limits: Any
) -> AsyncIterator[Visitors]:
    visitors = Visitors(open_session, limits=Limits(**limits))
    yield visitors
    visitors.close()


@contextlib.asynccontextmanager
async def visit(visitors: Visitors, page: Page) -> AsyncIterator[Page]:
    """A page that has been greeted and leaves at the end."""
    visiting = asyncio.create_task(visitors.receive(page.socket))
    await page.until(lambda: bool(page.received))
    yield page
    page.leave()
    await visiting


def test_a_visitor_is_greeted_and_every_picture_answered() -> None:
    async def scene() -> None:
        async with house() as visitors, visit(visitors, Page()) as page:
            for sequence in (1, 2):
                page.send(shot(sequence))
                await page.until(lambda: page.sequences[-1:] == [sequence])  # noqa: B023
            assert page.received[0] == {"type": "hello"}
            assert page.sequences == [1, 2]

    asyncio.run(scene())


def test_of_the_pictures_that_wait_only_the_newest_is_worked_on() -> None:
    gate, seen = threading.Event(), list[int]()

    async def scene() -> None:
        async with (
            house(lambda: FakeSession(gate=gate, tell=seen.append)) as visitors,
            visit(visitors, Page()) as page,
        ):
            page.send(shot(1))
            await page.until(lambda: seen == [1])
            for sequence in range(2, 100):
                page.send(shot(sequence))
            await page.taken()
            gate.set()
            await page.until(lambda: page.sequences == [1, 99])

    asyncio.run(scene())
    assert seen == [1, 99]


def test_a_start_drops_the_picture_that_waits_from_before() -> None:
    gate, seen = threading.Event(), list[Any]()

    async def scene() -> None:
        async with (
            house(lambda: FakeSession(gate=gate, tell=seen.append)) as visitors,
            visit(visitors, Page()) as page,
        ):
            page.send(shot(1))
            await page.until(lambda: seen == [1])
            page.send(shot(2))
            page.send(start("plank"))
            page.send(shot(3))
            await asyncio.sleep(0.01)
            gate.set()
            await page.until(lambda: page.sequences == [1, 3])

    asyncio.run(scene())
    assert seen == [1, "plank", 3]


def test_turns_go_round_though_one_visitor_sends_much_more() -> None:
    turns: list[str] = []

    def slow(name: str) -> FakeSession:
        def tell(_: Any) -> None:
            turns.append(name)
            time.sleep(0.002)

        return FakeSession(tell=tell)

    def sender(many: int) -> Callable[[Page, dict[str, Any]], object]:
        return lambda page, _: [page.send(shot(1)) for _ in range(many)]

    async def scene() -> list[str]:
        names = iter("abc")
        async with (
            house(lambda: slow(next(names)), workers=1) as visitors,
            visit(visitors, Page(sender(20))),
            visit(visitors, Page(sender(1))),
            visit(visitors, Page(sender(1))) as last,
        ):
            settled = len(turns) + 3
            await last.until(lambda: len(turns) > settled + 60)
            return turns[settled : settled + 60]

    fair = asyncio.run(scene())
    assert [fair.count(name) for name in "abc"] == [20, 20, 20]


def test_who_finds_no_seat_is_told_and_gets_one_when_somebody_leaves() -> None:
    async def scene() -> None:
        async with house(visitors=1) as visitors:
            async with visit(visitors, Page()):
                async with visit(visitors, late := Page()):
                    await late.until(lambda: late.code is not None)
                assert late.received[0]["reason"] == "full"
                assert late.code == FULL
            async with visit(visitors, Page()) as page:
                assert page.received == [{"type": "hello"}]

    asyncio.run(scene())


def test_a_page_closed_in_mid_work_frees_its_session_and_seat() -> None:
    gate, seen, sessions = threading.Event(), list[int](), list[weakref.ref[FakeSession]]()

    def remembered() -> FakeSession:
        session = FakeSession(gate=gate, tell=seen.append)
        sessions.append(weakref.ref(session))
        return session

    async def scene() -> None:
        async with house(remembered) as visitors:
            async with visit(visitors, Page()) as page:
                page.send(shot(1))
                await page.until(lambda: seen == [1])
                page.leave()
                await asyncio.sleep(0.01)
                assert visitors.seated == 1, "a seat is free when its work is done"
                gate.set()
            assert visitors.seated == 0
            gc.collect()
            assert sessions[0]() is None

    asyncio.run(scene())


@pytest.mark.parametrize("message", [b"", b"123", shot(1, float("nan")), "no JSON", "[]"])
def test_what_no_page_sends_is_answered_with_an_error_and_a_close(message: str | bytes) -> None:
    async def scene() -> None:
        async with house() as visitors, visit(visitors, Page()) as page:
            page.send(message)
            await page.until(lambda: page.code is not None)
            assert page.code == MALFORMED
            assert page.received[-1]["message"].startswith("expected ")
            await page.until(lambda: visitors.seated == 0)

    asyncio.run(scene())


def _fails(sequence: int) -> None:
    raise VisitError("expected a picture", code=MALFORMED)


@pytest.mark.usefixtures("no_collector")
@pytest.mark.parametrize(
    ("message", "tell"), [(b"123", lambda _: None), (shot(1), _fails), (None, lambda _: None)]
)
def test_a_visit_that_ends_badly_lets_its_session_go_at_once(
    message: bytes | None, tell: Callable[[Any], None]
) -> None:
    sessions = list[weakref.ref[FakeSession]]()

    def opened() -> FakeSession:
        session = FakeSession(tell=tell)
        sessions.append(weakref.ref(session))
        return session

    async def scene() -> None:
        idle_s = 0.02 if message is None else 10
        async with house(opened, idle_s=idle_s) as visitors, visit(visitors, Page()) as page:
            if message is not None:
                page.send(message)
            await page.until(lambda: page.code is not None)
        await asyncio.sleep(0.01)
        assert [alive() for alive in sessions] == [None]

    asyncio.run(scene())


def test_a_visitor_who_falls_silent_gives_up_the_seat() -> None:
    async def scene() -> None:
        async with house(idle_s=0.02) as visitors, visit(visitors, Page()) as page:
            await page.until(lambda: page.code is not None)
            assert page.code == IDLE
            await page.until(lambda: visitors.seated == 0)

    asyncio.run(scene())


def test_a_model_that_cannot_be_loaded_is_told_without_its_path() -> None:
    def broken() -> FakeSession:
        raise ModelError("/home/me/secret.tflite is damaged")

    async def scene() -> None:
        async with house(broken) as visitors, visit(visitors, Page()) as page:
            await page.until(lambda: page.code is not None)
            assert page.code == UNABLE
            assert "secret" not in str(page.received)
            assert visitors.seated == 0

    asyncio.run(scene())
