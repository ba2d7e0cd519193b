"""Model card: what a trained network is, what it learned from, how good it is, how to use it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from blazepose import __version__
from blazepose.train.curves import Row, best_row
from blazepose.train.recipe import Recipe
from blazepose.train.share import Account
from blazepose.weights import catalog
from blazepose.weights.checkpoint import Checkpoint

_SCORES = ("loss", "pck", "error")
_SHOWN = 12  # rows of the history

_USE = """\
```
blazepose track clip.mp4 --model best.safetensors
blazepose eval DATA --model best.safetensors
blazepose export best.safetensors --to tflite
```

`DATA` is a labelled data set that it has not seen; `--to` also takes onnx, openvino, coreml and
task."""

_LIMITS = """\
- The scores above are of aligned crops of people whose place is known from labels. In use the place
  is found by a detector or by tracking; `blazepose eval` judges that whole way.
- The best epoch was chosen by these scores, so they are a little too good. For a fair number judge
  on people who are neither in the training nor in the validation data.
- It knows bodies, clothes, cameras and poses like those it learned from, and is worse on others.
- One person per region: people who cover each other may be mixed up, as may left and right."""
_FLAT = "\n- It is flat: it says nothing of depth, and has no points in metres."


def model_card(
    checkpoint: Checkpoint,
    recipe: Recipe,
    *,
    text: str,
    train: Sequence[Account],
    validate: Sequence[Account],
    history: Sequence[Row],
) -> str:
    """The card in Markdown.

    Args:
        checkpoint: the network, with whatever weights.
        recipe: of the run.
        text: of the recipe's file.
        train: what the network learned from.
        validate: what its scores are of.
        history: at least one row.
    """
    flat = "" if "world" in dict(checkpoint.network.named_children()) else _FLAT
    parts = {
        f"{checkpoint.name}, {len(checkpoint.skeleton)} keypoints": _about(checkpoint, recipe),
        "Scores": _scores(history, recipe, validate),
        "Use": _USE,
        "Data": _data(train, validate),
        "Limits": _LIMITS + flat,
        "Recipe": f"```toml\n{text.strip()}\n```",
    }
    titles = ("# Model card: {}", *["## {}"] * (len(parts) - 1))
    sections = zip(titles, parts.items(), strict=True)
    return "\n\n".join(f"{mark.format(title)}\n\n{body}" for mark, (title, body) in sections) + "\n"


def _about(checkpoint: Checkpoint, recipe: Recipe) -> str:
    count = sum(parameter.numel() for parameter in checkpoint.network.parameters())
    points = ", ".join(checkpoint.skeleton.names)
    lines = {
        "Network": f"{checkpoint.name}, {count / 1e6:.2f} million parameters",
        "Weights at the start": _start(recipe),
        "Teacher": recipe.teacher or "none, labels only",
        "Skeleton": f"{checkpoint.skeleton.name}: {points}",
        "Made with": f"blazepose {__version__}",
        "Licence": "(to be filled in; the terms of the data and of the starting weights count)",
    }
    return "\n".join(f"- {key}: {value}" for key, value in lines.items())


def _start(recipe: Recipe) -> str:
    if recipe.start is None:
        return "fresh"
    known = catalog.ENTRIES.get(recipe.start)
    return f"{recipe.start} ({known.licence})" if known else recipe.start


def _scores(history: Sequence[Row], recipe: Recipe, validate: Sequence[Account]) -> str:
    """The best epoch in words, and some epochs as a table."""
    best, epochs = best_row(history), sum(phase.epochs for phase in recipe.phases)
    people = sum(account.used for account in validate)
    intro = (
        f"`best.safetensors` is from epoch {history.index(best) + 1}, after {len(history)} of "
        f"{epochs} epochs. PCK@0.2 is the share of keypoints within a fifth of the torso from "
        f"their label, error the mean distance in parts of the crop's side, both on {people} "
        "people that were not learned from."
    )
    head = ("epoch", "phase", *_SCORES)
    places = [place for place in _some(len(history)) if history[place] is not best]
    rows = []
    for place in sorted({*places, history.index(best)}):
        row = history[place]
        cells = [place + 1, row["phase"], *(f"{row[name]:.4g}" for name in head[2:])]
        rows.append([f"**{cell}**" if row is best else cell for cell in cells])
    return f"{intro}\n\n{_table(head, rows)}"


def _some(count: int) -> list[int]:
    """Places from the first to the last, evenly spread."""
    shown = min(count, _SHOWN)
    return [round(i * (count - 1) / max(shown - 1, 1)) for i in range(shown)]


def _data(train: Sequence[Account], validate: Sequence[Account]) -> str:
    head = ("data", "people", "used for", "people used", "labels", "lessons", "terms")
    rows = [
        (f"{a.path}", a.split or "all", use, a.used, a.labels, a.lessons, "(to be filled in)")
        for use, accounts in (("training", train), ("validation", validate))
        for a in accounts
    ]
    note = "Labels and lessons are keypoints told by the data set, and by the teacher alone."
    return f"{_table(head, rows)}\n\n{note}"


def _table(head: Sequence[str], rows: Sequence[Sequence[Any]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(map(str, cells))} |" for cells in lines)
