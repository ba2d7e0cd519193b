"""Work ahead of the reader: an iterator runs in a thread of its own, some items in advance.

Knows nothing of what the items are, only that none of them is None. However the reading ends (the
last item, an error, a `break`), the thread is gone and the iterator closed afterwards.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Generator
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

T = TypeVar("T")


def ahead(items: Generator[T], *, depth: int) -> Generator[T]:
    """All items in order, up to `depth` of them made before they are asked for.

    An error of `items` is raised where its item would have come.
    """
    pool = ThreadPoolExecutor(1, thread_name_prefix="blazepose-ahead")
    pending = deque(pool.submit(next, items, None) for _ in range(depth))
    try:
        while (item := pending.popleft().result()) is not None:
            pending.append(pool.submit(next, items, None))
            yield item
    finally:
        pool.shutdown(cancel_futures=True)
        items.close()


def newest(items: Generator[T]) -> Generator[T]:
    """The item that came last whenever one is asked for; those in between are dropped.

    For sources that do not wait for their reader. An error is raised after the last item.
    """
    latest: deque[T] = deque(maxlen=1)
    news, stop = threading.Event(), threading.Event()

    def watch() -> None:
        for item in items:
            latest.append(item)
            news.set()
            if stop.is_set():
                return

    pool = ThreadPoolExecutor(1, thread_name_prefix="blazepose-newest")
    watching = pool.submit(watch)
    watching.add_done_callback(lambda _: news.set())
    try:
        while latest or not watching.done():
            news.wait(1.0)  # not for ever: Windows lets no Ctrl-C through an endless wait
            news.clear()
            if latest:
                yield latest.pop()
        watching.result()
    finally:
        stop.set()
        pool.shutdown()
        items.close()
