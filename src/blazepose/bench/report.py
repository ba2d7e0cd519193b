"""A result as tables, and as files: bench.json, bench.md, bench.png."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from blazepose.aside import aside, made_folder
from blazepose.bench.chart import save_chart
from blazepose.bench.figures import ClipFigures, Figures, Result
from blazepose.plot import can_plot

_NOTES = (
    "Medians over rounds in which each system has its turn in a fresh process. fps, ms and p95: "
    "tracking, frames in memory. file fps: decoding included. found: % of the frames, or of "
    "the people on stills, with a pose. start: of a process, to the first pose. memory: the most "
    "until clips are done from their files. install: the packages with all they need, models "
    "left out."
)


@dataclass(frozen=True)
class Table:
    """Cells as text; the first column names the system, the others are numbers.

    Attributes:
        title: what it shows.
        head: names of the columns.
        rows: as many cells each.
    """

    title: str
    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


def tables(result: Result) -> list[Table]:
    """A table per clip, one of stills if there were any, one of what a system costs."""
    clips = [_clip_table(result, index) for index in range(len(result.figures[0].clips))]
    stills = [_stills_table(result)] if result.data else []
    return [*clips, *stills, _system_table(result)]


def write_result(folder: Path, result: Result) -> list[Path]:
    """Write all files; the picture only if matplotlib is installed.

    Returns:
        The files.

    Raises:
        OutputError: they cannot be written.
    """
    made_folder(folder)
    texts = {"bench.json": _json(result), "bench.md": markdown(result)}
    for name, text in texts.items():
        with aside(folder / name) as part:
            part.write_text(text, encoding="utf-8")
    files = [folder / name for name in texts]
    if can_plot():
        save_chart(folder / "bench.png", result)
        files.append(folder / "bench.png")
    return files


def markdown(result: Result) -> str:
    """The tables with the machine above and what they mean below."""
    machine = result.machine
    packages = ", ".join(f"{name} {version}" for name, version in machine.packages.items())
    parts = [f"{machine.title}; Python {machine.python}, {packages}."]
    if machine.busy:
        parts.append(f"The machine was busy when it began (load {machine.load:.1f}).")
    for table in tables(result):
        parts += [f"**{table.title}**", _markdown_table(table)]
    parts += [explain(result)]
    parts += [f"- {problem}" for problem in result.problems]
    return "\n\n".join(parts) + "\n"


def explain(result: Result) -> str:
    """What the columns mean, and which versions ran."""
    versions = {row.system.title: row.version for row in result.figures if row.version}
    ran = ", ".join(f"{title} ({version})" for title, version in versions.items())
    return f"times: as fast as {result.against} in the same round. {_NOTES} Versions: {ran}."


def _clip_table(result: Result, index: int) -> Table:
    clip = result.figures[0].clips[index].clip
    head = ("system", "fps", "times", "ms", "p95", "file fps", "times", "found")
    rows = tuple(_clip_row(row, row.clips[index]) for row in result.figures)
    return Table(f"Tracking {clip}", head, rows)


def _clip_row(figures: Figures, clip: ClipFigures) -> tuple[str, ...]:
    return (
        figures.system.title,
        _number(clip.fps, 0),
        _number(clip.times, 2),
        _number(clip.ms, 2),
        _number(clip.ms_p95, 2),
        _number(clip.file_fps, 0),
        _number(clip.file_times, 2),
        _percent(clip.found),
    )


def _system_table(result: Result) -> Table:
    head = ("system", "start s", "memory MB", "install MB")
    rows = tuple(
        (
            row.system.title,
            _number(row.first_pose_s, 2),
            _number(row.peak_mb, 0),
            _number(row.installed_mb, 0),
        )
        for row in result.figures
    )
    return Table("Start, memory, installation", head, rows)


def _stills_table(result: Result) -> Table:
    measures = [row.accuracy.measure for row in result.figures if row.accuracy]
    head = ("system", f"{measures[0] if measures else 'accuracy'} %", "found %")
    rows = tuple(
        (
            row.system.title,
            _percent(row.accuracy.share if row.accuracy else None),
            _percent(row.accuracy.found if row.accuracy else None),
            _number(row.image_ms, 1),
            _number(row.image_ms_p95, 1),
            _number(row.image_times, 2),
        )
        for row in result.figures
    )
    return Table(f"Stills of {result.data}", (*head, "ms", "p95", "times"), rows)


def _percent(share: float | None) -> str:
    return _number(None if share is None else 100 * share, 1)


def _number(value: float | None, digits: int) -> str:
    return "-" if value is None else f"{value:.{digits}f}"


def _markdown_table(table: Table) -> str:
    rule = ["---"] + ["---:"] * (len(table.head) - 1)
    rows: Sequence[Sequence[str]] = [table.head, rule, *table.rows]
    return "\n".join("| " + " | ".join(row) + " |" for row in rows)


def _json(result: Result) -> str:
    """Everything, systems by their titles."""
    content: dict[str, Any] = asdict(result)
    for row, figures in zip(content["figures"], result.figures, strict=True):
        row["system"] = figures.system.title
    content["systems"] = content.pop("figures")
    return json.dumps(content, indent=2, allow_nan=False) + "\n"
