"""`blazepose bench`: this machine, several systems, one run."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer
from rich.box import SIMPLE_HEAD
from rich.markup import escape
from rich.table import Table

from blazepose.bench import (
    KINDS,
    Accuracy,
    Figures,
    Outcome,
    Plan,
    Ready,
    Result,
    System,
    figures,
    measure,
    parse_command,
    parse_systems,
    prepare,
)
from blazepose.bench.figures import choose_reference
from blazepose.bench.machine import this_machine
from blazepose.bench.report import explain, tables, write_result
from blazepose.cli import console, progress
from blazepose.cli.models import pull_progress
from blazepose.cli.people import SplitText, read_people
from blazepose.cli.watch import ctrl_c
from blazepose.datasets import Sample
from blazepose.errors import BlazePoseError, SourceError
from blazepose.evaluate import Answer, Subject, counted_joints, evaluate, score
from blazepose.evaluate.pairing import pair
from blazepose.plot import can_plot
from blazepose.pose import Pose
from blazepose.weights import store

EXAMPLES = "\n\n".join(
    (
        "Examples:",
        "blazepose bench",
        "blazepose bench squat.mp4 --systems blazepose:lite,mediapipe:lite,movenet",
        "blazepose bench squat.mp4 --data lsp --split 1001..2000 --limit 200",
        "blazepose bench --systems blazepose --system mine='mine {source} --out {out}'",
    )
)
_DEFAULT = "blazepose:full,mediapipe-0.10.21:full,mediapipe:full,movenet:lightning,movenet:thunder"


def bench(
    clips: Annotated[
        list[Path] | None,
        typer.Argument(metavar="[CLIP]...", help="Videos of a person; else the sample clip."),
    ] = None,
    systems: Annotated[
        str,
        typer.Option(help=f"SYSTEM or SYSTEM:MODEL, with commas. Systems: {', '.join(KINDS)}."),
    ] = _DEFAULT,
    system: Annotated[
        list[str] | None,
        typer.Option(
            metavar="NAME='COMMAND'",
            help="Another one: a command that reads {source}, a video or a folder of images, and "
            "writes {out}, a poses.jsonl; again for several.",
        ),
    ] = None,
    data: Annotated[
        Path | None, typer.Option(help="Labelled images, for stills and their accuracy.")
    ] = None,
    split: SplitText = None,
    limit: Annotated[
        int | None, typer.Option(min=1, help="No more than so many people of the data.")
    ] = None,
    rounds: Annotated[int, typer.Option(min=1, help="Turns of each system.")] = 3,
    against: Annotated[
        str | None,
        typer.Option(help="SYSTEM:MODEL to compare with; else the first that is not blazepose."),
    ] = None,
    out: Annotated[Path, typer.Option(help="Folder for bench.json, .md and .png.")] = Path("out"),
) -> None:
    """Compare systems on this machine: speed, start-up, memory, size, accuracy.

    Systems take turns, each in a process of its own. MediaPipe is installed into an environment of
    its own in the cache folder; models of others are fetched with npm.
    """
    wanted = _systems(systems, system or [], against)
    samples = _samples(data, split, limit)
    plan = Plan(_clips(clips), tuple(dict.fromkeys(s.image for s in samples)), rounds)
    machine = this_machine()
    if machine.busy:
        console.warning(f"this machine is busy (load {machine.load:.1f}): times will be too long")
    ready, problems = _prepare(wanted)
    outcomes, early = _measure(ready, plan)
    problems += [problem for outcome in outcomes for problem in outcome.problems]
    measured = [outcome for outcome in outcomes if outcome.turns]
    if not measured:
        raise SourceError(f"no system could be measured: {problems[0] if problems else 'stopped'}")
    reference = _reference(measured, against)
    rows = [_figures(outcome, reference, plan, samples, problems) for outcome in measured]
    name = _name(data, split, len(samples)) if data else None
    result = Result(machine, tuple(rows), reference.system.title, name, tuple(problems))
    _tell(result)
    for path in write_result(out, result):
        console.out.print(escape(str(path)))
    raise typer.Exit(1 if early else 2 if problems else 0)


def _systems(text: str, commands: Sequence[str], against: str | None) -> list[System]:
    try:
        wanted = [*parse_systems(text), *(parse_command(command) for command in commands)]
    except ValueError as error:
        raise typer.BadParameter(str(error)) from error
    titles = [system.title for system in wanted]
    if against and against not in titles:
        raise typer.BadParameter(f"--against: expected one of {', '.join(titles)}, got {against}")
    return wanted


def _samples(data: Path | None, split: str | None, limit: int | None) -> list[Sample]:
    if data is None:
        if split or limit:
            raise typer.BadParameter("--split and --limit need --data")
        return []
    samples, _, broken = read_people(data, split)
    for problem in broken:
        console.error(str(problem))
    first = samples[0].skeleton
    return [sample for sample in samples if sample.skeleton == first][:limit]


def _clips(clips: Sequence[Path] | None) -> tuple[Path, ...]:
    for clip in clips or []:
        if not clip.is_file():
            raise SourceError(f"no such clip: {clip}: check the path")
    if clips:
        return tuple(clips)
    with pull_progress() as report:
        return (store.path("demo", on_progress=report),)


def _prepare(systems: Sequence[System]) -> tuple[list[Ready], list[str]]:
    """Those that can be started, and why the others cannot."""
    problems: list[str] = []
    ready = [_prepared(system, problems) for system in systems]
    return [one for one in ready if one], problems


def _prepared(system: System, problems: list[str]) -> Ready | None:
    try:
        with pull_progress() as report:
            return prepare(system, tell=_note, report=report)
    except BlazePoseError as error:
        problems.append(f"{system.title}: {error}".split("\n")[0])
        return None


def _note(text: str) -> None:
    console.err.print(escape(text))


def _measure(ready: Sequence[Ready], plan: Plan) -> tuple[list[Outcome], bool]:
    """What came of each, and whether Ctrl-C ended it early."""
    with ctrl_c() as stopped, progress.bar("bench") as show:

        def watch(done: int, total: int, name: str) -> bool:
            show(done, total, name)
            return stopped()

        return measure(ready, plan, watch=watch), stopped()


def _reference(outcomes: Sequence[Outcome], wanted: str | None) -> Outcome:
    """The system to compare with; another one if the one that was wanted failed."""
    titles = {outcome.system.title for outcome in outcomes}
    return choose_reference(outcomes, wanted if wanted in titles else None)


def _figures(
    outcome: Outcome,
    reference: Outcome,
    plan: Plan,
    samples: Sequence[Sample],
    problems: list[str],
) -> Figures:
    """The numbers of a system, accuracy included if its poses can be judged."""
    row = figures(outcome, reference, plan)
    try:
        return replace(row, accuracy=_accuracy(outcome, samples))
    except BlazePoseError as error:
        problems.append(f"{outcome.system.title}: {error}")
        return row


def _accuracy(outcome: Outcome, samples: Sequence[Sample]) -> Accuracy | None:
    """PCK over the people of the images that it saw."""
    seen = [sample for sample in samples if sample.image in outcome.poses]
    if not seen:
        return None
    joints = counted_joints(seen[0].skeleton)
    evaluation = evaluate(seen, _Given(outcome.poses), joints=joints)
    if not evaluation.people:
        return None
    scores = score(evaluation, Subject("bench", None, outcome.system.title, "image"))
    people = len(evaluation.people)
    if scores.pck not in scores.metrics:  # the labels have no torso
        return None
    return Accuracy(scores.pck, scores.metrics[scores.pck], scores.found / people, people)


class _Given:
    """A finder that was asked before."""

    def __init__(self, poses: Mapping[Path, list[Pose]]) -> None:
        self._poses = poses

    def __call__(self, image: Path, people: Sequence[Sample]) -> Answer:
        poses = self._poses[image]
        return Answer(poses, pair(poses, people))


def _name(data: Path, split: str | None, count: int) -> str:
    place = f"{data.resolve().name} {split}" if split else data.resolve().name
    return f"{place}, {count} people"


def _tell(result: Result) -> None:
    """Tables on stdout, problems on stderr."""
    for problem in result.problems:
        console.error(problem)
    if not can_plot():
        console.warning("no chart: pip install 'blazepose[plot]' brings it")
    console.out.print(escape(result.machine.title))
    for content in tables(result):
        table = Table(*content.head, box=SIMPLE_HEAD, title=escape(content.title))
        table.pad_edge, table.padding = False, (0, 1, 0, 0)  # the widest has 80 columns for itself
        table.title_justify, table.title_style = "left", "bold"
        table.columns[0].no_wrap = True
        for column in table.columns[1:]:
            column.justify, column.no_wrap = "right", True
        for row in content.rows:
            table.add_row(*map(escape, row))
        console.out.print(table)
    console.out.print(escape(explain(result)))
