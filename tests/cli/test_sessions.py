"""`blazepose sessions`: what `coach --save` kept."""

from pathlib import Path

import pytest

from blazepose.cli import run
from motion import Camera, Plan, exercise, write


@pytest.fixture
def database(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd) -> str:
    """A journal with two sessions of squats."""
    monkeypatch.chdir(tmp_path)
    for plan in (Plan((1,)), Plan((1, 1, 1))):
        write(Path("poses.jsonl"), exercise("squat", plan, camera=Camera(20), fps=10))
        options = ["--exercise", "squat", "--save", "--database", "all.sqlite"]
        assert run(["coach", "poses.jsonl", *options]) == 0
    assert "saved as session 2" in capfd.readouterr().out
    return "all.sqlite"


def test_sessions_are_listed_and_compared(database: str, capfd) -> None:
    assert run(["sessions", "list", "--database", database]) == 0
    lines = capfd.readouterr().out.splitlines()
    assert len(lines) == 3
    assert "squat" in lines[1]
    assert run(["sessions", "compare", "Squats", "--database", database]) == 0
    _, first, second = capfd.readouterr().out.splitlines()
    assert "━" in first
    assert second.count("━") > 2 * first.count("━")


def test_what_was_never_saved_is_told_with_what_was(database: str, capfd) -> None:
    assert run(["sessions", "compare", "lunge", "--database", database]) == 2
    assert "no lunge session is saved: saved are squat" in capfd.readouterr().err
    assert run(["sessions", "compare", "lunch", "--database", database]) == 2
    assert "did you mean 'lunge'" in capfd.readouterr().err
    assert run(["sessions", "compare", "auto", "--database", database]) == 2
    assert "did you mean 'auto'" not in capfd.readouterr().err


def test_a_workout_in_which_nothing_counts_is_not_saved(database: str, capfd) -> None:
    options = ["--exercise", "push-up", "--save", "--database", database]
    assert run(["coach", "poses.jsonl", *options]) == 0
    said = capfd.readouterr()
    assert "nothing was counted, so nothing is saved" in said.err
    assert "no push-up was counted" in said.err
    assert run(["sessions", "list", "--database", database]) == 0
    assert len(capfd.readouterr().out.splitlines()) == 3


def test_the_export_is_a_table_of_repetitions(database: str, capfd) -> None:
    assert run(["sessions", "export", "all.csv", "--database", database]) == 0
    assert "all.csv: 4 lines" in capfd.readouterr().out
    assert len(Path("all.csv").read_text().splitlines()) == 5


def test_the_export_replaces_neither_the_journal_nor_what_is_no_table(database: str, capfd) -> None:
    before = Path(database).read_bytes()
    Path("clip.mp4").write_bytes(b"a clip")
    for file, said in ((database, "is the journal"), ("clip.mp4", "exists and is no .csv")):
        assert run(["sessions", "export", file, "--database", database]) == 2
        assert said in capfd.readouterr().err
    assert Path(database).read_bytes() == before
    assert Path("clip.mp4").read_bytes() == b"a clip"
    for _ in range(2):  # an older table is replaced
        assert run(["sessions", "export", "all.csv", "--database", database]) == 0


def test_nothing_is_stored_unless_asked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd
) -> None:
    monkeypatch.chdir(tmp_path)
    write(Path("poses.jsonl"), exercise("squat", Plan((1,)), camera=Camera(20), fps=10))
    monkeypatch.setattr("blazepose.workout.journal.default_path", lambda: Path("all.sqlite"))
    assert run(["coach", "poses.jsonl"]) == 0
    assert not Path("all.sqlite").exists()
    assert run(["sessions", "list", "--database", "all.sqlite"]) == 2
    assert "no sessions in all.sqlite" in capfd.readouterr().err
