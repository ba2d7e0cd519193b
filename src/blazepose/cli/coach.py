"""`blazepose coach`: repetitions, angles and form of a clip, an annotated video and a report."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape
from rich.table import Table

from blazepose import posefile
from blazepose.annotate import plan
from blazepose.cli import console, options, progress, watch
from blazepose.cli.track import MODEL_HELP, pull
from blazepose.coach import AUTO, MOVES, Analysis, Repetition
from blazepose.errors import SourceError
from blazepose.workout import Journal, Recorder, Request, Watcher, Workout, replay, write_report

EXAMPLES = "\n\n".join(
    (
        "Examples:",
        "blazepose coach squats.mp4 --exercise squat",
        "blazepose coach gym.mp4  (recognises the exercise)",
        "blazepose coach gym.mp4 --id 2 --out second",
        "blazepose coach out/poses.jsonl --exercise push-up  (poses from before: no video is made)",
        "blazepose coach squats.mp4 --save, then blazepose sessions compare squat",
    )
)
DATABASE_HELP = "Journal of saved sessions; the default is this user's own."


@dataclass(frozen=True)
class _Task:
    """A workout to make, and the folder of its report."""

    name: str
    folder: Path
    run: Callable[[Watcher], Workout]


def coach(
    source: Annotated[
        str,
        typer.Argument(
            metavar="SOURCE", help="Video, folder, glob, camera number, URL or poses.jsonl."
        ),
    ],
    exercise: Annotated[
        str, typer.Option(help=f"What is done: {AUTO}, {', '.join(MOVES)}.")
    ] = AUTO,
    out: Annotated[Path, typer.Option(help="Folder for the results.")] = Path("out"),
    model: Annotated[str, typer.Option(help=MODEL_HELP)] = "full",
    person: Annotated[
        int | None,
        typer.Option("--id", help="Whom to coach, by the id in poses.jsonl; else the largest."),
    ] = None,
    detector: options.Detector = None,
    runtime: options.Runtime = "auto",
    threads: options.Threads = None,
    save: Annotated[bool, typer.Option("--save", help="Keep the numbers in the journal.")] = False,
    database: Annotated[Path | None, typer.Option(metavar="FILE", help=DATABASE_HELP)] = None,
) -> None:
    """Count repetitions and judge form: annotated video, poses, report.json and report.html."""
    if database and not save:
        raise typer.BadParameter("--database is where --save keeps the numbers: give both")
    request = Request(exercise, person, model, detector, runtime, threads)
    try:
        recorder = Recorder(request)
    except ValueError as error:
        raise typer.BadParameter(f"--exercise: {error}") from error
    tasks = _tasks(source, out, recorder, request)
    with ExitStack() as stack:
        journal = stack.enter_context(Journal(database, make=True)) if save else None
        stopped = stack.enter_context(watch.ctrl_c())
        raise typer.Exit(_run(tasks, stopped, journal))


def _tasks(source: str, out: Path, recorder: Recorder, request: Request) -> list[_Task]:
    """What is to be done for a source; fetches the model if one is needed."""
    if source.endswith(posefile.SUFFIXES):
        path = Path(source)
        return [_Task(path.name, out, partial(replay, path, request))]
    jobs = plan(source, out)
    pull(request.model, request.detector)
    return [_Task(job.name, job.folder, partial(recorder, job)) for job in jobs]


def _run(tasks: Sequence[_Task], stopped: Callable[[], bool], journal: Journal | None) -> int:
    """Do one after the other; of several, one that cannot be read is told and the others go on.

    Returns:
        Exit code: 0, 1 after Ctrl-C, 2 if something could not be read.
    """
    code = 0
    for task in tasks:
        try:
            workout = _followed(task, stopped)
        except SourceError as error:
            console.error(str(error))
            code = 2
            continue
        outputs = [*workout.outputs, *write_report(workout, task.folder)]
        tell(workout)
        for path in outputs:
            console.out.print(f"  {escape(str(path))}")
        if journal:
            _keep(workout, journal)
        if stopped():
            return 1
    return code


def _followed(task: _Task, stopped: Callable[[], bool]) -> Workout:
    """The workout, with a bar on stderr while it is made."""
    with progress.bar(task.name) as show:

        def watch_frames(done: int, total: int | None) -> bool:
            show(done, total)
            return stopped()

        return task.run(watch_frames)


def _keep(workout: Workout, journal: Journal) -> None:
    if workout.analysis.is_empty:
        console.warning("nothing was counted, so nothing is saved")
    else:
        console.out.print(f"  saved as session {journal.add(workout)}")


def tell(workout: Workout) -> None:
    """What came of a workout, for people."""
    analysis = workout.analysis
    console.out.print(f"[bold]{escape(workout.name)}[/bold]: {escape(_summary(analysis))}")
    if analysis.reps:
        console.out.print(_table(analysis.reps))
    for remark in analysis.remarks if analysis.holds else ():
        console.out.print(f"  {remark.text}")
    for line in analysis.notices:
        console.warning(line)
    if workout.problem:
        console.warning(workout.problem)


def _summary(analysis: Analysis) -> str:
    name = analysis.exercise or "no exercise recognised"
    if analysis.holds:
        return f"{name}, {analysis.hold_s:.1f} s held"
    count, partial_ = analysis.repetitions, analysis.partial
    half = f", {partial_} partial" if partial_ else ""
    return f"{name}, {count} repetition{'' if count == 1 else 's'}{half}"


def _table(reps: Sequence[Repetition]) -> Table:
    table = Table(box=None, pad_edge=False, padding=(0, 2))
    for title in ("", "at, s", "depth, °", "down, s", "hold, s", "up, s"):
        table.add_column(title, justify="right")
    table.add_column("remarks")
    for number, rep in enumerate(reps, 1):
        depth = f"{rep.depth_deg:.0f}" if math.isfinite(rep.depth_deg) else "not seen"
        figures = (f"{rep.depth_s:.1f}", depth)
        tempo = (f"{seconds:.1f}" for seconds in (rep.down_s, rep.hold_s, rep.up_s))
        said = "; ".join(remark.text for remark in rep.remarks)
        table.add_row(str(number), *figures, *tempo, said)
    return table
