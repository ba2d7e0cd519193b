from io import StringIO

import pytest
from rich.console import Console

from blazepose.cli import progress


def test_a_bar_shows_what_is_done_of_how_much_and_a_note(monkeypatch: pytest.MonkeyPatch) -> None:
    screen = StringIO()
    monkeypatch.setattr(progress, "err", Console(file=screen, force_terminal=True, width=120))
    with progress.bar("clip [1].mp4") as show:
        show(3, 10, "7 fps")
    for words in ("clip [1].mp4", "3/10", "7 fps"):
        assert words in screen.getvalue()


def test_there_may_be_no_stdout(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdout", None)
    with progress.bar("clip.mp4") as show:
        show(3, None)


def test_where_nobody_watches_there_is_no_bar(capfd: pytest.CaptureFixture[str]) -> None:
    with progress.bar("clip.mp4") as show:
        show(3, None)
    assert capfd.readouterr() == ("", "")
