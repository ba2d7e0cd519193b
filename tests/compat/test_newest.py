import contextlib
import threading
import weakref

import pytest

from blazepose.compat.newest import Newest

PATIENCE_S = 10.0


def test_items_that_are_overtaken_are_dropped_and_the_last_one_never() -> None:
    done: list[int] = []
    begun, may_go_on = threading.Event(), threading.Event()

    def work(item: int) -> None:
        begun.set()
        may_go_on.wait(PATIENCE_S)
        done.append(item)

    newest = Newest(work)
    newest.put(0)
    assert begun.wait(PATIENCE_S)
    for item in (1, 2, 3):
        newest.put(item)
    may_go_on.set()
    newest.close()
    assert done == [0, 3]


def test_work_happens_in_one_other_thread() -> None:
    threads: list[int] = []
    worked = threading.Event()

    def work(item: int) -> None:
        threads.append(threading.get_ident())
        worked.set()

    newest = Newest(work)
    for item in range(3):
        worked.clear()
        newest.put(item)
        assert worked.wait(PATIENCE_S)
    newest.close()
    assert len(threads) == 3
    assert len(set(threads)) == 1
    assert threading.get_ident() not in threads


def test_an_error_comes_back_at_close() -> None:
    def work(item: int) -> None:
        raise KeyError(item)

    newest = Newest(work)
    newest.put(7)
    with pytest.raises(KeyError):
        newest.close()


def test_an_error_comes_back_with_a_later_item() -> None:
    failed = threading.Event()

    def work(item: int) -> None:
        failed.set()
        raise KeyError(item)

    def put_for_long() -> None:
        for item in range(10_000):
            newest.put(item)
            threading.Event().wait(0.001)

    newest = Newest(work)
    newest.put(7)
    assert failed.wait(PATIENCE_S)
    with pytest.raises(KeyError):
        put_for_long()


def test_nothing_can_be_given_after_close() -> None:
    newest = Newest(lambda item: None)
    newest.close()
    with pytest.raises(RuntimeError):
        newest.put(1)


@pytest.mark.usefixtures("no_collector")
def test_what_has_failed_says_so_and_is_let_go() -> None:
    def work(item: int) -> None:
        raise KeyError(item)

    newest = Newest(work)
    newest.put(7)
    with contextlib.suppress(KeyError):
        newest.close()
        raise AssertionError("nothing is told")
    with contextlib.suppress(RuntimeError):
        newest.put(8)
        raise AssertionError("it goes on")
    newest.close()
    alive = weakref.ref(newest)
    del newest
    assert alive() is None
