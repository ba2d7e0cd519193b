"""`blazepose eval`: how good a model is on labelled images."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from math import isnan
from pathlib import Path
from typing import Annotated, Literal

import typer
from rich.box import SIMPLE_HEAD
from rich.markup import escape
from rich.table import Table

from blazepose import posefile
from blazepose.aside import aside, made_folder
from blazepose.cli import console, progress
from blazepose.cli.people import SplitText, read_people
from blazepose.cli.track import MODEL_HELP, pull
from blazepose.cli.watch import ctrl_c
from blazepose.datasets import Sample
from blazepose.errors import MissingExtraError, SourceError
from blazepose.evaluate import (
    Evaluation,
    Scores,
    Subject,
    counted_joints,
    evaluate,
    open_finder,
    score,
    write_report,
)
from blazepose.evaluate.score import explain
from blazepose.metrics import can_average
from blazepose.plot import can_plot
from blazepose.skeleton import Skeleton

EXAMPLES = "\n\n".join(
    (
        "Examples:",
        "blazepose eval lsp --split 1001..2000",
        "blazepose eval my-photos --model run/best.safetensors --input roi --out report",
        "blazepose eval lsp --split 1001..2000 --model full --model heavy --out report",
        "blazepose eval coco --model predictions.jsonl --json result.json",
    )
)
_REPORT = "report.html"


def evaluate_model(
    data: Annotated[
        Path, typer.Argument(metavar="DATA", help="Labelled images: a folder or annotation file.")
    ],
    split: SplitText = None,
    model: Annotated[
        list[str] | None,
        typer.Option(help=f"{MODEL_HELP[:-1]}, or predictions (.jsonl); again for several."),
    ] = None,
    input: Annotated[
        Literal["image", "roi"],
        typer.Option(help="The whole image, or the region that the labels give."),
    ] = "image",
    search: Annotated[
        Literal["estimate", "tracker"],
        typer.Option(help="On the whole image: the thorough search, or a tracker's first look."),
    ] = "estimate",
    joints: Annotated[
        Literal["limbs", "all"] | None,
        typer.Option(help="Keypoints that count; as usual limbs on LSP, all elsewhere."),
    ] = None,
    alpha: Annotated[
        float, typer.Option(help="PCK: share of the torso that an error stays below.")
    ] = 0.2,
    json_file: Annotated[
        Path | None, typer.Option("--json", help="Write the numbers to this file.")
    ] = None,
    out: Annotated[
        Path | None, typer.Option(help=f"Folder for {_REPORT}: charts, failures.")
    ] = None,
) -> None:
    """Judge models, or predictions of another system, on labelled images.

    PCK in torsos, heads and boxes, PDJ, OKS-AP, each keypoint; somebody not found counts as wrong.
    """
    if not 0 < alpha < float("inf"):
        raise typer.BadParameter(f"--alpha must be above 0, got {alpha}")
    if out and not can_plot():
        raise MissingExtraError("the report", "plot")
    if input == "roi" and search == "tracker":
        raise typer.BadParameter("--search is for the whole image: leave out --input roi")
    samples, broken = _people(data, split)
    counted = _counted(samples[0].skeleton, joints)
    names = dict.fromkeys(model or ["full"])
    subjects = [Subject(data.resolve().name, split, name, _input(name, input)) for name in names]
    with ctrl_c() as stopped:
        judged = _judge_each(subjects, samples, search, counted, stopped)
    results = [score(found, subject, alpha=alpha) for subject, found in judged if found.people]
    if not results:
        raise SourceError(_nobody(data, judged[-1][1]))
    _tell(results)
    if json_file:
        _write_json(json_file, results)
    if out:
        _write_page(out, results)
    if stopped():
        raise typer.Exit(1)
    unread = any(result.evaluation.problems for result in results)
    raise typer.Exit(2 if broken or unread else 0)


def _people(data: Path, split: str | None) -> tuple[list[Sample], list[SourceError]]:
    """Labelled people, all on one skeleton, and the labels that are broken, which are told."""
    samples, _, broken = read_people(data, split)
    for problem in broken:
        console.error(str(problem))
    names = sorted({sample.skeleton.name for sample in samples})
    if len(names) > 1:
        raise SourceError(
            f"{data}: expected people on one skeleton, got {', '.join(names)}: judge them apart"
        )
    return samples, broken


def _counted(skeleton: Skeleton, joints: Literal["limbs", "all"] | None) -> tuple[str, ...]:
    try:
        return counted_joints(skeleton, joints)
    except ValueError as error:
        raise typer.BadParameter(f"--joints {joints}: {error}") from error


def _input(model: str, input: Literal["image", "roi"]) -> Literal["image", "roi", "file"]:
    return "file" if Path(model).suffix in posefile.SUFFIXES else input


def _judge_each(
    subjects: Sequence[Subject],
    samples: Sequence[Sample],
    search: Literal["estimate", "tracker"],
    joints: tuple[str, ...],
    stopped: Callable[[], bool],
) -> list[tuple[Subject, Evaluation]]:
    """Model after model; what was judged until Ctrl-C came is kept."""
    judged = []
    for subject in subjects:
        judged.append((subject, _judge(subject, samples, search, joints, stopped)))
        if stopped():
            break
    return judged


def _judge(
    subject: Subject,
    samples: Sequence[Sample],
    search: Literal["estimate", "tracker"],
    joints: tuple[str, ...],
    stopped: Callable[[], bool],
) -> Evaluation:
    """Run a model over the images, with a bar."""
    if subject.input != "file":
        pull(subject.model, landmarks_only=subject.input == "roi")
    input = "image" if subject.input == "file" else subject.input
    finder = open_finder(subject.model, samples, input=input, search=search)
    with progress.bar(subject.title) as show:

        def watch(done: int, total: int) -> bool:
            show(done, total)
            return stopped()

        return evaluate(samples, finder, joints=joints, watch=watch)


def _tell(results: Sequence[Scores]) -> None:
    """Tables on stdout, problems on stderr."""
    for result in results:
        for problem in result.evaluation.problems:
            console.error(problem)
    if not can_average():
        console.warning("no OKS-AP: pip install 'blazepose[eval]' brings it")
    names = [escape(result.subject.title) for result in results]
    console.out.print(_headline(results[0]))
    console.out.print(_measures(results, names))
    console.out.print(_keypoints(results, names))
    for result in results:
        evaluation = result.evaluation
        if not evaluation.complete:
            done = len(evaluation.images) + len(evaluation.problems)
            console.warning(
                f"{result.subject.title}: stopped after {done} of {evaluation.total} images"
            )


def _headline(scores: Scores) -> str:
    subject = scores.subject
    what = f"{len(scores.errors)} people, {len(scores.per_joint)} keypoints each"
    place = f"{subject.dataset} {subject.split}" if subject.split else subject.dataset
    return f"[bold]{escape(place)}[/bold] ({subject.input}): {what}"


def _measures(results: Sequence[Scores], names: Sequence[str]) -> Table:
    """Measures in rows, models in columns."""
    table = Table("%", *names, "", box=SIMPLE_HEAD, pad_edge=False)
    for column in table.columns[1:-1]:
        column.justify = "right"
    for name in dict.fromkeys(name for result in results for name in result.metrics):
        shares = [result.metrics.get(name) for result in results]
        cells = ["" if share is None else f"{100 * share:.1f}" for share in shares]
        table.add_row(name, *cells, explain(name), style="bold" if name == results[0].pck else None)
    found = [f"{100 * result.found / len(result.errors):.1f}" for result in results]
    table.add_row("found", *found, "people for whom a pose was found")
    times = [result.evaluation.ms_per_image for result in results]
    if any(times):
        cells = ["" if time is None else f"{time:.1f}" for time in times]
        table.add_row("ms", *cells, "median per image, reading it left out")
    return table


def _keypoints(results: Sequence[Scores], names: Sequence[str]) -> Table:
    """Keypoints in rows, models in columns."""
    table = Table(results[0].pck, *names, box=SIMPLE_HEAD, pad_edge=False)
    for column in table.columns[1:]:
        column.justify = "right"
    for joint in results[0].per_joint:
        shares = [result.per_joint[joint] for result in results]
        table.add_row(joint, *("-" if isnan(share) else f"{100 * share:.1f}" for share in shares))
    return table


def _nobody(data: Path, evaluation: Evaluation) -> str:
    why = evaluation.problems[0] if evaluation.problems else "no keypoint that counts is labelled"
    return f"nobody in {data} could be judged: {why}"


def _write_json(path: Path, results: Sequence[Scores]) -> None:
    content = [result.to_json() for result in results]
    with aside(path) as part:
        part.write_text(
            json.dumps(content if len(content) > 1 else content[0], indent=2) + "\n",
            encoding="utf-8",
        )
    console.out.print(escape(str(path)))


def _write_page(folder: Path, results: Sequence[Scores]) -> None:
    page = made_folder(folder) / _REPORT
    write_report(page, results)
    console.out.print(escape(str(page)))
