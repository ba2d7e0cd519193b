from pathlib import Path

from blazepose.coach import MOVES

DOCS = Path(__file__).parents[2] / "docs" / "coach.md"


def test_every_exercise_and_every_bound_is_documented_with_its_reason() -> None:
    rows = DOCS.read_text(encoding="utf-8").splitlines()
    for move in MOVES.values():
        assert any(row.startswith(f"**{move.name}**") for row in rows)
        for rule in move.rules:
            bound = min(abs(rule.low), abs(rule.high))
            assert any(
                row.startswith(f"| {rule.name} |") and rule.why in row and f"{bound:g}" in row
                for row in rows
            ), (move.name, rule.name)
