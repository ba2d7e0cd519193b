"""`blazepose track`: annotated media and poses from any source."""

from __future__ import annotations

import re
from contextlib import ExitStack
from pathlib import Path
from typing import Annotated, get_args

import typer

from blazepose.annotate import Annotator, Background, Job, Options, Summary, Watcher, plan
from blazepose.cli import console, options, watch
from blazepose.cli.at_once import by_parts, parse_jobs, run_at_once
from blazepose.cli.models import pull_progress
from blazepose.cli.summary import tell, unreadable
from blazepose.cli.window import Window
from blazepose.errors import OutputError, SourceError, did_you_mean
from blazepose.posefile import FORMATS
from blazepose.track import Follow, People, checked, most_of
from blazepose.track.choice import Word
from blazepose.track.models import fetch, single
from blazepose.weights import store
from blazepose.weights.catalog import ENTRIES

EXAMPLES = "\n\n".join(
    (
        "Examples:",
        "blazepose track squat.mp4",
        "blazepose track photos/ --out results --format csv,npz",
        "blazepose track 'clips/*.mov' --model heavy --jobs auto  (all cores)",
        "blazepose track match.mp4 --jobs auto --poses-only",
        "blazepose track match.mp4 --people all",
        "blazepose track match.mp4 --follow 640,360  (whoever is there in the first frame)",
        "blazepose track talk.mp4 --background blur",
        "blazepose track 0 --show --model lite  (the first camera)",
    )
)
_NAMES = ", ".join(row.name for row in ENTRIES.values() if row.finds == "landmarks")
MODEL_HELP = f"{_NAMES}, or a file ({', '.join(store.MODEL_SUFFIXES)})."


def track(
    source: Annotated[
        str,
        typer.Argument(metavar="SOURCE", help="Image, video, folder, glob, camera number or URL."),
    ],
    out: Annotated[Path, typer.Option(help="Folder for the results.")] = Path("out"),
    model: Annotated[str, typer.Option(help=MODEL_HELP)] = "full",
    formats: Annotated[
        str, typer.Option("--format", help=f"Poses files, with commas: {', '.join(FORMATS)}.")
    ] = "jsonl",
    people: Annotated[
        str, typer.Option(metavar="N|all", help="How many to follow at most, each with an id.")
    ] = "1",
    follow: Annotated[
        str | None,
        typer.Option(
            metavar="largest|central|X,Y|X0,Y0,X1,Y1",
            help="Whom alone to follow, by a point on them or a box in px of the first frame.",
        ),
    ] = None,
    person: Annotated[
        int | None, typer.Option("--id", min=0, help="Keep one of several people by their id.")
    ] = None,
    detector: options.Detector = None,
    smooth: Annotated[bool, typer.Option(help="Filter points over time.")] = True,
    refine: Annotated[bool, typer.Option(help="Refine points by their heatmaps.")] = True,
    mask: Annotated[bool, typer.Option("--mask", help="Tint the person.")] = False,
    background: Annotated[
        str | None,
        typer.Option(
            metavar="blur|COLOUR|IMAGE",
            help="What to put behind the people followed: a blur, white, #20a060, a file.",
        ),
    ] = None,
    fps: Annotated[bool, typer.Option("--fps", help="Write the speed on the picture.")] = False,
    show: Annotated[
        bool, typer.Option("--show", help="Show it in a window; q or Esc ends.")
    ] = False,
    print_points: Annotated[
        bool, typer.Option("--print", help="List the named keypoints of each frame.")
    ] = False,
    poses_only: Annotated[
        bool, typer.Option("--poses-only", help="Write no annotated pictures or video.")
    ] = False,
    jobs: Annotated[
        str,
        typer.Option(
            metavar="N|auto",
            help="Sources at once, or with --poses-only parts of one clip; auto: one per core.",
        ),
    ] = "1",
    runtime: options.Runtime = "auto",
    threads: options.Threads = None,
) -> None:
    """Follow a body through media: annotated picture or video, poses and a 3-D figure."""
    chosen = Options(
        model=model,
        people=parse_people(people),
        follow=parse_follow(follow, person),
        detector=detector,
        smooth=smooth,
        mask=mask,
        background=Background.parse(background) if background else None,
        refine=refine,
        runtime=runtime,
        threads=threads,
        formats=parse_formats(formats),
        media=not poses_only,
        fps_on_picture=fps,
    )
    count = parse_jobs(jobs)
    if poses_only:
        _check_nothing_drawn(
            {"--show": show, "--mask": mask, "--background": background, "--fps": fps}
        )
    if count > 1 and (show or print_points):
        raise typer.BadParameter(
            "--show and --print are for one source at a time: leave out --jobs"
        )
    planned = plan(source, out)
    if person is not None and any(job.album for job in planned):
        raise typer.BadParameter("--id: nobody keeps an id from photo to photo, leave it out")
    pull(model, detector)
    if count > 1 and (len(planned) > 1 or by_parts(planned, chosen, count)):
        raise typer.Exit(run_at_once(planned, chosen, count))
    if count > 1:
        console.warning(
            "one source is tracked in one go; parts at once need --poses-only, no --follow"
        )
    raise typer.Exit(run_jobs(planned, chosen, show=show, print_points=print_points))


def _check_nothing_drawn(asked: dict[str, object]) -> None:
    """Nothing may be asked of pictures that are not made."""
    given = [name for name, value in asked.items() if value]
    if given:
        raise typer.BadParameter(f"expected one of {given[0]} and --poses-only, got both")


def parse_people(text: str) -> People:
    """A number of people, or "all".

    Raises:
        typer.BadParameter: neither.
    """
    people: People = int(text) if text.isdecimal() else text  # type: ignore[assignment]
    try:
        most_of(people)
    except ValueError as error:
        raise typer.BadParameter(f"--people: {error}") from error
    return people


def parse_follow(text: str | None, id: int | None) -> Follow | None:
    """Whom to follow, from a word, numbers with commas or an id; None if not said.

    Raises:
        typer.BadParameter: none of these, or a text and an id.
    """
    if text is None or id is not None:
        if text is not None:
            raise typer.BadParameter("expected one of --follow and --id, got both")
        return id
    is_place = re.fullmatch(r"[-+\d.,\s]*,[-+\d.,\s]*", text)
    if not is_place and text not in get_args(Word):
        raise typer.BadParameter(
            f"--follow: expected largest, central, a point X,Y or a box X0,Y0,X1,Y1, got {text!r}; "
            "an id is given by --id"
        )
    try:
        return checked([float(part) for part in text.split(",")] if is_place else text)
    except ValueError as error:
        raise typer.BadParameter(f"--follow: {error}") from error


def parse_formats(text: str) -> tuple[str, ...]:
    """Names of poses formats from a list with commas.

    Raises:
        OutputError: an unknown one, or none.
    """
    names = tuple(dict.fromkeys(name.strip() for name in text.split(",")))
    for name in names:
        if name not in FORMATS:
            raise OutputError(f"unknown poses format {name!r}: {did_you_mean(name, FORMATS)}")
    return names


def pull(model: str, detector: str | None = None, *, landmarks_only: bool = False) -> None:
    """Fetch what a tracker needs, or a model's landmark network alone, showing progress."""
    with pull_progress() as report:
        if landmarks_only:
            store.resolve(str(single(model)), on_progress=report)
        else:
            fetch(model, detector, report=report)


def run_jobs(
    jobs: list[Job], options: Options, *, show: bool = False, print_points: bool = False
) -> int:
    """Run jobs one after the other and tell what came of each.

    Of several, one that cannot be read is told and the others go on.

    Returns:
        Exit code: 0, 1 after Ctrl-C, 2 if something could not be read.
    """
    annotator, code = Annotator(options), 0
    with ExitStack() as stack:
        stopped = stack.enter_context(watch.ctrl_c())
        window = stack.enter_context(Window("blazepose")) if show else None
        watchers: list[Watcher] = [lambda *_: stopped()]
        watchers += [watch.keypoints] if print_points else []
        watchers += [watch.window(window, stopped)] if window else []
        for job in jobs:
            summary = _run(job, annotator, watchers)
            if summary is None or unreadable(summary):
                code = 2
            elif summary.stopped:
                return code if window and window.closed else 1
    return code


def _run(job: Job, annotator: Annotator, watchers: list[Watcher]) -> Summary | None:
    """Run a job and tell what came of it; None if its source cannot be read."""
    try:
        with watch.bar(job) as bar:
            summary = annotator(job, watch.together([bar, *watchers]))
    except SourceError as error:
        console.error(str(error))
        return None
    tell(summary)
    return summary
