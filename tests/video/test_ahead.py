"""Iterators that work in a thread of their own."""

import threading
import time
from collections.abc import Callable, Generator, Iterator

import pytest

from blazepose.video.ahead import ahead, newest

Through = Callable[[Generator[int, None, None]], Iterator[int]]


class Counter:
    """Counts what it gives and notes when it is closed."""

    def __init__(self, count: int, *, fails: bool = False, pause_s: float = 0) -> None:
        self.made, self.closed = 0, False
        self._count, self._fails, self._pause_s = count, fails, pause_s

    def __call__(self) -> Generator[int]:
        try:
            for number in range(self._count):
                time.sleep(self._pause_s)
                self.made += 1
                yield number
            if self._fails:
                raise OSError("the end")
        finally:
            self.closed = True


@pytest.fixture(autouse=True)
def _no_thread_stays() -> Iterator[None]:
    before = threading.active_count()
    yield
    assert threading.active_count() == before


def test_all_items_come_in_order() -> None:
    counter = Counter(100)
    assert list(ahead(counter(), depth=3)) == list(range(100))
    assert counter.closed


def test_no_more_is_made_in_advance_than_allowed() -> None:
    counter = Counter(100)
    items = ahead(counter(), depth=3)
    assert next(items) == 0
    time.sleep(0.05)
    assert counter.made <= 4
    items.close()


def test_an_error_comes_where_its_item_would_have() -> None:
    counter = Counter(2, fails=True)
    items = ahead(counter(), depth=5)
    assert [next(items), next(items)] == [0, 1]
    with pytest.raises(OSError, match="the end"):
        next(items)
    assert counter.closed


@pytest.mark.parametrize("through", [lambda items: ahead(items, depth=2), newest])
def test_a_break_ends_the_thread_and_closes_the_items(through: Through) -> None:
    counter = Counter(10_000)
    for _ in through(counter()):
        break
    assert counter.closed
    assert counter.made < 10_000


@pytest.mark.parametrize("through", [lambda items: ahead(items, depth=2), newest])
def test_an_error_of_the_reader_ends_the_thread(through: Through) -> None:
    counter = Counter(10_000)

    def read() -> None:
        for _ in through(counter()):
            raise KeyError

    with pytest.raises(KeyError):
        read()
    assert counter.closed


def test_a_slow_reader_gets_the_newest_item_and_misses_others() -> None:
    counter = Counter(50, pause_s=0.002)
    seen = []
    for number in newest(counter()):
        seen.append(number)
        time.sleep(0.02)
    assert seen == sorted(set(seen))
    assert len(seen) < 25
    assert seen[-1] == 49


def test_a_live_source_that_breaks_says_so_after_its_last_item() -> None:
    seen: list[int] = []
    with pytest.raises(OSError, match="the end"):
        seen.extend(newest(Counter(3, fails=True)()))  # keeps what came before the error
    assert seen[-1] == 2


def test_a_live_source_without_an_item_ends() -> None:
    assert list(newest(Counter(0)())) == []


def test_an_interrupt_while_the_thread_begins_ends_it(monkeypatch: pytest.MonkeyPatch) -> None:
    begin = threading.Thread.start

    def interrupted(thread: threading.Thread) -> None:
        begin(thread)
        raise KeyboardInterrupt

    before, told = threading.active_count(), []
    for through in (lambda items: ahead(items, depth=3), newest):
        items = through(Counter(100)())
        with monkeypatch.context() as patch:
            patch.setattr(threading.Thread, "start", interrupted)
            with pytest.raises(KeyboardInterrupt) as interrupt:
                next(items)
        told.append(interrupt)  # as Python keeps the last one, and with it what was begun
    assert _threads_fall_to(before)


def test_an_iterator_may_be_let_go_in_its_own_thread() -> None:
    held: list[Iterator[int]] = []
    told = threading.Event()

    def numbers() -> Generator[int]:
        yield 1
        told.wait()
        held.clear()  # as the collector does, wherever it happens to run
        yield 2

    before = threading.active_count()
    held.append(ahead(numbers(), depth=2))
    assert next(held[0]) == 1
    told.set()
    assert _threads_fall_to(before)


def _threads_fall_to(count: int) -> bool:
    until = time.monotonic() + 5
    while threading.active_count() > count and time.monotonic() < until:
        time.sleep(0.01)
    return threading.active_count() <= count
