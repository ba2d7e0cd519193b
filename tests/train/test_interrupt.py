import contextlib
import signal
import threading

import pytest

from blazepose.train.interrupt import Interrupt


def test_the_first_signal_asks_and_the_second_ends_at_once() -> None:
    with Interrupt() as interrupt:
        assert not interrupt.asked
        signal.raise_signal(signal.SIGINT)
        assert interrupt.asked
        with pytest.raises(KeyboardInterrupt):
            signal.raise_signal(signal.SIGINT)


def test_a_request_to_terminate_is_taken_as_well() -> None:
    with Interrupt() as interrupt:
        for _ in range(3):  # schedulers repeat it, and the state is still to be saved
            signal.raise_signal(signal.SIGTERM)
        assert interrupt.asked


@pytest.mark.parametrize("fails", [False, True])
def test_handlers_are_as_before_afterwards(fails: bool) -> None:
    before = [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)]
    with contextlib.suppress(ZeroDivisionError), Interrupt():
        assert signal.getsignal(signal.SIGINT) != before[0]
        assert 1 / (not fails)
    assert [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)] == before


def test_in_another_thread_signals_are_left_alone() -> None:
    seen = []

    def run() -> None:
        with Interrupt() as interrupt:
            seen.append((signal.getsignal(signal.SIGINT), interrupt.asked))

    before = signal.getsignal(signal.SIGINT)
    thread = threading.Thread(target=run)
    thread.start()
    thread.join()
    assert seen == [(before, False)]
