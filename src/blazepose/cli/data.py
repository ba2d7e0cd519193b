"""`blazepose data`: look through a data set before training on it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated

import typer
from rich.box import SIMPLE_HEAD
from rich.markup import escape
from rich.table import Table

from blazepose.aside import aside, made_folder
from blazepose.cli import console, progress
from blazepose.cli.people import SplitText, read_people
from blazepose.cli.track import MODEL_HELP, pull
from blazepose.datasets import Sample
from blazepose.errors import SourceError
from blazepose.survey import Survey, Teacher, clean, image_sizes, survey
from blazepose.survey.gallery import people_tiles, suspicious_tiles
from blazepose.survey.sheet import Tile, contact_sheet
from blazepose.teach import lessons_name, teach
from blazepose.video import write_image

app = typer.Typer(
    name="data",
    no_args_is_help=True,
)
EXAMPLES = "\n\n".join(
    (
        "Examples:",
        "blazepose data check my-photos",
        "blazepose data check lsp --split 1..1000 --out survey",
        "blazepose data check lspet --teacher heavy --out survey",
    )
)
_PEOPLE = 24  # on the sheet of people at random
_SUSPICIOUS = 40
_SHOWN = 8  # lines of what may be thousands
_BAR = 40  # characters


@app.callback()
def _group() -> None:
    """Data sets for training and judging: look what is in them, and what is wrong."""
    # Without a callback Typer would drop the word "check" from the only command.


@app.command(epilog=EXAMPLES)
def check(
    path: Annotated[
        Path, typer.Argument(metavar="PATH", help="A data set's folder or annotation file.")
    ],
    split: SplitText = None,
    out: Annotated[
        Path | None, typer.Option(help="Folder for survey.json, people.png, suspicious.png.")
    ] = None,
    teacher: Annotated[
        str | None,
        typer.Option(metavar="MODEL", help=f"Compare with what it sees: {MODEL_HELP}"),
    ] = None,
) -> None:
    """Count people, keypoints and images of a data set, and find labels that cannot be right.

    Read are LSP and its extension, COCO keypoints, YOLO pose, PASCAL VOC, MPII and poses files.
    """
    samples, first, broken = read_people(path, split)
    with progress.bar("opening images") as show:
        sizes, unread = image_sizes(samples, decode=True, progress=show)
    sight = _teacher(samples, teacher, out) if teacher else None
    findings = clean(samples, sizes_wh=sizes, teacher=sight).findings
    problems = [str(error) for error in (*broken, *unread.values())]
    result = survey(samples, sizes_wh=sizes, findings=findings, broken=problems)
    _tell(result, samples, first)
    if out:
        _write(out, result, samples, first)
    raise typer.Exit(2 if problems else 0)


def _teacher(samples: list[Sample], model: str, out: Path | None) -> Teacher:
    """What a model sees; kept in `out`, so that an interrupted look goes on next time."""
    shapes = list(dict.fromkeys(sample.skeleton for sample in samples))
    if len(shapes) > 1:
        names = ", ".join(shape.name for shape in shapes)
        raise SourceError(f"--teacher needs people of one skeleton, got {names}")
    pull(model, landmarks_only=True)
    name = f"lessons-{lessons_name(model, samples)}"
    with TemporaryDirectory() as fleeting, progress.bar(f"{model} looks") as show:
        folder = made_folder(out) if out else Path(fleeting)
        lessons = teach(samples, folder / f"{name}.npz", teacher=model, progress=show)
    try:
        return Teacher.from_lessons(lessons, shapes[0])
    except ValueError as error:
        raise SourceError(f"--teacher cannot judge these labels: {error}") from error


def _tell(result: Survey, samples: Sequence[Sample], first: int) -> None:
    console.out.print(
        f"[bold]{result.people} people[/bold] in {result.images} images, "
        f"{escape(', '.join(result.skeletons))}; {result.alignable} can be aligned "
        f"(hips and shoulders labelled), {result.boxed} have a box"
    )
    if result.image_sizes:
        sizes = (f"{name} {w} x {h}" for name, (w, h) in result.image_sizes.items())
        console.out.print(f"images: {', '.join(sizes)} px")
    console.out.print(_histogram(result))
    console.out.print(_keypoints(result))
    _tell_findings(result, samples, first)
    for problem in result.broken[:_SHOWN]:
        console.error(problem)
    if len(result.broken) > _SHOWN:
        console.error(f"{len(result.broken) - _SHOWN} more labels or images cannot be read")


def _histogram(result: Survey) -> Table:
    table = Table("labelled keypoints", "people", "", box=SIMPLE_HEAD, pad_edge=False)
    most = max(result.labelled.values())
    for number, people in result.labelled.items():
        bar = "█" * max(round(_BAR * people / most), 1)
        table.add_row(str(number), str(people), bar)
    for column in table.columns[:2]:
        column.justify = "right"
    return table


def _keypoints(result: Survey) -> Table:
    titles = ("keypoint", "visible", "hidden", "not labelled")
    table = Table(*titles, box=SIMPLE_HEAD, pad_edge=False)
    for row in result.keypoints:
        table.add_row(escape(row.name), str(row.visible), str(row.hidden), str(row.unlabelled))
    for column in table.columns[1:]:
        column.justify = "right"
    return table


def _tell_findings(result: Survey, samples: Sequence[Sample], first: int) -> None:
    if not result.findings:
        console.out.print("no suspicious labels")
        return
    people = len({finding.index for finding in result.findings})
    share = people / result.people
    console.out.print(f"[bold]people with suspicious labels: {people} ({share:.1%})[/bold]")
    for kind, (count, concerned) in result.suspicious.items():
        whom = "1 person" if concerned == 1 else f"{concerned} people"
        console.out.print(f"  {kind}: {count} ({whom})")
    for finding in result.findings[:_SHOWN]:
        name = samples[finding.index].image.name
        console.out.print(
            f"  {first + finding.index}  {escape(name)}  {escape(finding.reason)}: {finding.done}"
        )
    if len(result.findings) > _SHOWN:
        console.out.print(f"  and {len(result.findings) - _SHOWN} more; --out writes all")


def _write(folder: Path, result: Survey, samples: Sequence[Sample], first: int) -> None:
    made_folder(folder)
    with aside(folder / "survey.json") as part:
        text = json.dumps(result.to_json(samples, first=first), indent=1, ensure_ascii=False)
        part.write_text(text, encoding="utf-8")
    sheets: dict[str, list[Tile]] = {
        "people.png": people_tiles(samples, count=_PEOPLE, first=first),
        "suspicious.png": suspicious_tiles(
            samples, result.findings, count=_SUSPICIOUS, first=first
        ),
    }
    console.out.print(escape(str(folder / "survey.json")))
    for name, tiles in sheets.items():
        if tiles:
            write_image(folder / name, contact_sheet(tiles))
            console.out.print(escape(str(folder / name)))
