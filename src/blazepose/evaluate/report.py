"""The report of an evaluation, or of several side by side: numbers, charts and pictures."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from html import escape
from pathlib import Path

import numpy as np

from blazepose import __version__, page
from blazepose.aside import aside
from blazepose.errors import SourceError
from blazepose.evaluate import gallery
from blazepose.evaluate.charts import curve_chart, people_chart
from blazepose.evaluate.score import Scores, explain
from blazepose.look import CENTRE, LEFT, RIGHT, Colour

_WORST, _MEDIAN = 12, 6
_LENGTHS = (
    "A torso goes from the left shoulder to the right hip, a head from its top to the neck, as "
    "labelled; without a labelled box the box is that round the labelled keypoints."
)


def write_report(path: Path, results: Sequence[Scores]) -> None:
    """Write an HTML page that needs no other file; appears when it is complete.

    Args:
        path: of the page.
        results: of one or several models on the same people.

    Raises:
        MissingExtraError: matplotlib is not installed.
        OutputError: the page cannot be written.
        SourceError: nobody has a labelled torso, so that there is no PCK to show.
    """
    first = results[0]
    if any(result.pck not in result.metrics for result in results):
        raise SourceError("a report needs people with left shoulder and right hip labelled, got 0")
    subject = first.subject
    place = f"{subject.dataset} {subject.split}" if subject.split else subject.dataset
    title = f"{' and '.join(dict.fromkeys(r.subject.title for r in results))} on {place}"
    content = page.page(title, list(_parts(title, results)))
    with aside(path) as part:
        part.write_text(content, encoding="utf-8")


def _parts(title: str, results: Sequence[Scores]) -> Iterator[str]:
    first = results[0]
    yield f"<h1>{escape(title)}</h1>"
    yield page.paragraph(_protocol(first), "quiet")
    for result in results:
        yield from _warnings(result)
    yield page.heading("Summary")
    yield _summary(results)
    yield page.paragraph(_LENGTHS, "quiet")
    yield page.heading(f"PCK@{first.alpha:g} of each keypoint, %")
    yield _per_joint(results)
    yield page.heading("How near, and how evenly")
    yield '<div class="row">'
    yield page.svg_figure(
        curve_chart(results), "Share of keypoints that are nearer to their label than alpha torsos."
    )
    yield page.svg_figure(
        people_chart(results),
        f"Every person's own PCK@{first.alpha:g}, sorted; the thin line is the mean over people.",
    )
    yield "</div>"
    for result in results:
        yield from _pictures(result, several=len(results) > 1)
    yield page.paragraph(f"Made by blazepose {__version__}.", "quiet")


def _protocol(scores: Scores) -> str:
    how = {
        "image": "The whole image is the input; no label was used to find people.",
        "roi": "The input is the region that alignment with the labels gives.",
        "file": "The predictions were read from a file.",
    }[scores.subject.input]
    joints = scores.evaluation.joints
    without = int(np.isnan(scores.errors).all(axis=1).sum())
    left_out = f" {without} people without a labelled torso have no PCK." if without else ""
    return (
        f"{len(scores.errors)} people in {len(scores.evaluation.images)} images, "
        f"{len(joints)} keypoints each. {how} Somebody not found is wrong in every keypoint; "
        f"hidden keypoints count as far as they are labelled.{left_out}"
    )


def _warnings(scores: Scores) -> Iterator[str]:
    evaluation, name = scores.evaluation, scores.subject.title
    if not evaluation.complete:
        done = len(evaluation.images) + len(evaluation.problems)
        yield page.paragraph(f"{name}: ended after {done} of {evaluation.total} images.", "warn")
    for problem in evaluation.problems:
        yield page.paragraph(f"{name}: left out, {problem}", "warn")


def _summary(results: Sequence[Scores]) -> str:
    names = list(dict.fromkeys(name for result in results for name in result.metrics))
    rows = [_summary_row(name, "%", explain(name), results) for name in names]
    found = "people for whom a pose was found"
    rows.append(_row("found", "%", found, [100 * r.found / len(r.errors) for r in results]))
    times = [r.evaluation.ms_per_image for r in results]
    if any(times):
        rows.append(_row("time", "ms", "median per image, reading it left out", times))
    head = ["measure", "", *(f">{result.subject.title}" for result in results), "what it says"]
    return page.table(head, rows, main=names.index(results[0].pck))


def _summary_row(name: str, unit: str, words: str, results: Sequence[Scores]) -> list[str]:
    shares = [result.metrics.get(name) for result in results]
    return _row(name, unit, words, [None if s is None else 100 * s for s in shares])


def _row(name: str, unit: str, words: str, values: Sequence[float | None]) -> list[str]:
    numbers = [page.number("" if value is None else f"{value:.1f}") for value in values]
    return [page.text(name), page.text(unit, "quiet"), *numbers, page.text(words, "quiet")]


def _per_joint(results: Sequence[Scores]) -> str:
    """Left and right beside each other, for every model."""
    head = ["keypoint"]
    for result in results:
        name = f"{result.subject.title}: " if len(results) > 1 else ""
        head += [f"{name}left", f"{name}right"]
    joints = results[0].evaluation.joints
    words = list(dict.fromkeys(_without_side(name) for name in joints))
    rows = [
        [page.text(word), *(cell for result in results for cell in _cells(word, result))]
        for word in words
    ]
    width = max(8 / len(results), 2)
    return f'<div style="--bar: {width:.1f}rem">{page.table(head, rows)}</div>'


def _cells(word: str, result: Scores) -> list[str]:
    sides: dict[str, float] = {
        _side(name): share
        for name, share in result.per_joint.items()
        if _without_side(name) == word
    }
    if "" in sides:
        return [page.bar(sides[""], _css(CENTRE), span=2)]
    colours = (("left", LEFT), ("right", RIGHT))
    return [page.bar(sides.get(side, float("nan")), _css(colour)) for side, colour in colours]


def _pictures(scores: Scores, *, several: bool) -> Iterator[str]:
    of = f" of {scores.subject.title}" if several else ""
    yield page.heading(f"Where it fails: the worst people{of}")
    yield _legend()
    yield _gallery(scores, gallery.worst(scores, _WORST))
    yield page.heading(f"How it usually looks: people in the middle{of}")
    yield _gallery(scores, gallery.median(scores, _MEDIAN))


def _legend() -> str:
    keys = [
        page.key(_css(LEFT), "the person's left"),
        page.key(_css(RIGHT), "right"),
        page.key(_css(gallery.ASTRAY), "from a wrong keypoint to where it belongs"),
    ]
    return f'<p class="legend">Label on the left, found on the right.{"".join(keys)}</p>'


def _gallery(scores: Scores, rows: Sequence[int]) -> str:
    return f'<div class="gallery">{"".join(_shown(scores, row) for row in rows)}</div>'


def _shown(scores: Scores, row: int) -> str:
    judged = scores.evaluation.people[row]
    caption = f"{judged.person.image.name}: {_verdict(scores, row)}"
    try:
        return page.photo_figure(gallery.picture(scores, row), caption)
    except SourceError as error:
        return page.paragraph(str(error), "warn")


def _verdict(scores: Scores, row: int) -> str:
    errors = scores.errors[row]
    counted = ~np.isnan(errors)
    wrong = [
        name.replace("_", " ")
        for name, error in zip(scores.evaluation.joints, errors, strict=True)
        if error >= scores.alpha
    ]
    if scores.evaluation.people[row].pose is None:
        return "nobody found"
    right = f"{counted.sum() - len(wrong)} of {counted.sum()} right"
    return right if len(wrong) in (0, counted.sum()) else f"{right}; wrong: {', '.join(wrong)}"


def _side(name: str) -> str:
    return next((word for word in name.split("_") if word in ("left", "right")), "")


def _without_side(name: str) -> str:
    return " ".join(word for word in name.split("_") if word not in ("left", "right"))


def _css(colour: Colour) -> str:
    return "#{:02x}{:02x}{:02x}".format(*colour)
