"""The report of a workout: report.json, and report.html, a page that needs no other file.

The page shows the values of report.json; whoever prints it gets pictures, curves and tables that
break between pages and not within.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from html import escape
from pathlib import Path
from typing import Any

import numpy as np

from blazepose import __version__, page
from blazepose.aside import aside, made_folder
from blazepose.coach import ANGLES, MOVES, Analysis, Hold, Move, Remark, Repetition
from blazepose.look import LEFT, RIGHT
from blazepose.workout.curves import angle_chart
from blazepose.workout.pictures import at_depth, best_and_worst
from blazepose.workout.record import Workout

JSON, HTML = "report.json", "report.html"

_JOINTS = tuple(dict.fromkeys(name.split("_")[-1] for name in ANGLES))
_STYLE = """
.tiles { display: flex; flex-wrap: wrap; gap: .75rem; margin: 1.25rem 0; }
.tiles div { flex: 1 1 8rem; padding: .6rem .9rem; background: var(--band); break-inside: avoid;
  print-color-adjust: exact; -webkit-print-color-adjust: exact; }
.tiles b { display: block; font-size: 2rem; line-height: 1.15; font-weight: 650; }
.tiles div:first-child b { font-size: 3.2rem; line-height: 1; }
.tiles span { color: var(--quiet); font-size: .9rem; }
.scroll > figure { min-width: 34rem; }
.charts { display: grid; grid-template-columns: repeat(auto-fill, minmax(20rem, 1fr)); gap: 1rem; }
.charts figcaption { display: none; }
.gallery img { width: auto; max-width: 100%; max-height: 30rem; margin: 0 auto; }
.gallery figure { background: var(--band); padding: .75rem; }
tr { break-inside: avoid; }
th, td { padding-right: .6rem; }
@media (max-width: 40rem) { td { white-space: nowrap; } }
@media print {
  @page { size: A4; }
  .scroll { overflow: visible; }
  .scroll > figure { min-width: 0; }
  .charts { grid-template-columns: 1fr 1fr; }
  .gallery img { max-height: 8.5cm; }
}
"""
_CONVENTIONS = (
    "Angles are those inside the joint, in space: 180° is a straight limb. The trunk's lean is 0° "
    "upright and 90° lying. They are estimates of a network from single pictures, good to some "
    "degrees, and worse for limbs that point at the camera. Ways down and up are timed from their "
    "middle part and lengthened to the whole."
)


def write_report(workout: Workout, folder: Path) -> list[Path]:
    """Write report.json and report.html into a folder; each appears when it is complete.

    Returns:
        Their paths.

    Raises:
        OutputError: they cannot be written.
    """
    made_folder(folder)
    contents = {JSON: json.dumps(as_json(workout), indent=2, ensure_ascii=False) + "\n"}
    contents[HTML] = page.page(_title(workout.analysis), list(_parts(workout)), style=_STYLE)
    for name, content in contents.items():
        with aside(folder / name) as part:
            part.write_text(content, encoding="utf-8")
    return [folder / name for name in contents]


def as_json(workout: Workout) -> dict[str, Any]:
    """What report.json holds: the analysis, and of whom in which source."""
    times_s = workout.analysis.times_s
    return {
        "blazepose": __version__,
        "source": workout.name,
        "people": list(workout.people),
        "seconds": round(float(np.ptp(times_s)), 3) if len(times_s) else 0.0,
        "problem": workout.problem,
        **workout.analysis.to_json(),
    }


def _parts(workout: Workout) -> Iterator[str]:
    analysis = workout.analysis
    move = MOVES.get(analysis.exercise)
    yield f"<h1>{escape(_title(analysis))}</h1>"
    yield page.paragraph(_subtitle(workout), "quiet")
    for line in (*([workout.problem] if workout.problem else []), *analysis.notices):
        ended = line if line.endswith(("?", ".")) else f"{line}."
        yield page.paragraph(ended[:1].upper() + ended[1:], "warn")
    yield _tiles(analysis, move)
    yield from _pictures(workout, move)
    yield from _main_curve(analysis, move)
    if analysis.reps:
        yield page.heading("Repetitions")
        yield _repetitions(analysis.reps, move)
    if analysis.holds:
        yield page.heading("Holds")
        yield _holds(analysis)
    yield from _remarks(analysis)
    yield from _other_curves(analysis, move)
    yield page.paragraph(_CONVENTIONS, "quiet")
    yield page.paragraph(f"Made by blazepose {__version__}.", "quiet")


def _title(analysis: Analysis) -> str:
    name = analysis.exercise or "nothing recognised"
    move = MOVES.get(name)
    what = f"{analysis.hold_s:.1f} s held" if move and move.hold else _counted(analysis)
    return f"{name[0].upper()}{name[1:]}: {what}"


def _counted(analysis: Analysis) -> str:
    count = analysis.repetitions
    return "1 repetition" if count == 1 else f"{count} repetitions"


def _subtitle(workout: Workout) -> str:
    times_s = workout.analysis.times_s
    length = f", {np.ptp(times_s):.1f} s" if len(times_s) else ""
    return f"{workout.name}{length}"


def _tiles(analysis: Analysis, move: Move | None) -> str:
    """The numbers to read first."""
    reps = analysis.reps
    tiles = [(f"{analysis.hold_s:.1f} s", "held")] if move and move.hold else []
    if not tiles:
        tiles = [(str(analysis.repetitions), "complete"), (str(analysis.partial), "partial")]
    if reps:
        pace = np.median([rep.down_s + rep.hold_s + rep.up_s for rep in reps])
        joint = move.signals[0].measure if move else "angle"
        depth = f"{joint} at depth, median"
        known = [rep.depth_deg for rep in reps if np.isfinite(rep.depth_deg)]
        tiles += [(f"{np.median(known):.0f}°", depth)] if known else []
        tiles += [(f"{pace:.1f} s", "a repetition, median")]
    tiles.append((str(len(analysis.remarks)), "remarks"))
    inside = "".join(f"<div><b>{escape(b)}</b><span>{escape(s)}</span></div>" for b, s in tiles)
    return f'<div class="tiles">{inside}</div>'


def _pictures(workout: Workout, move: Move | None) -> Iterator[str]:
    reps = workout.analysis.reps
    chosen = best_and_worst(reps)
    poses = {reps[i].depth_frame: workout.poses[reps[i].depth_frame] for i in chosen}
    shown = at_depth(
        workout.source,
        {frame: pose for frame, pose in poses.items() if pose},
        joint=_joint(move),
        degrees={
            reps[i].depth_frame: reps[i].depth_deg for i in chosen if np.isfinite(reps[i].depth_deg)
        },
        size_wh=workout.size_wh,
    )
    if not shown:
        return
    words = ("Best", "Worst") if len(chosen) > 1 else ("Deepest moment",)
    yield page.heading("Best and worst" if len(chosen) > 1 else "At depth")
    yield '<div class="gallery">'
    for word, index in zip(words, chosen, strict=True):
        if (frame := reps[index].depth_frame) in shown:
            yield page.photo_figure(shown[frame], f"{word}: {_caption(index, reps[index], move)}")
    yield "</div>"
    yield _legend()


def _caption(index: int, rep: Repetition, move: Move | None) -> str:
    said = "; ".join(remark.text for remark in rep.remarks) or "no remarks"
    seen = f"{rep.depth_deg:.0f}°" if np.isfinite(rep.depth_deg) else "not seen"
    angle = f"{_joint(move)} {seen}" if move else seen
    return f"repetition {index + 1} at {rep.depth_s:.1f} s, {angle}, {said}"


def _legend() -> str:
    keys = [
        page.key("#{:02x}{:02x}{:02x}".format(*colour), words)
        for colour, words in ((LEFT, "the person's left"), (RIGHT, "right"))
    ]
    return f'<p class="legend">{"".join(keys)}</p>'


def _main_curve(analysis: Analysis, move: Move | None) -> Iterator[str]:
    joint = _joint(move)
    if not len(analysis.times_s) or not np.isfinite(analysis.angles.degrees).any():
        return
    what = "Lean of the trunk" if joint == "trunk" else f"Angle of the {joint}"
    yield page.heading(f"{what} over time")
    chart = angle_chart(analysis, joint, depths=bool(move and move.signals))
    words = "Repetitions are numbered; dots are their depths. Gaps: the camera does not see it."
    yield f'<div class="scroll">{page.svg_figure(chart, words)}</div>'


def _other_curves(analysis: Analysis, move: Move | None) -> Iterator[str]:
    """The other angles that were seen, small."""
    others = [joint for joint in _JOINTS if joint != _joint(move) and _seen(analysis, joint)]
    if not others:
        return
    yield page.heading("Other angles")
    yield '<div class="charts">'
    for joint in others:
        chart = angle_chart(analysis, joint, width=520, height=220)
        yield page.svg_figure(chart, f"angle of the {joint} over time")
    yield "</div>"


def _joint(move: Move | None) -> str:
    return move.signals[0].measure if move and move.signals else "trunk"


def _seen(analysis: Analysis, joint: str) -> bool:
    columns = [name.split("_")[-1] == joint for name in ANGLES]
    return bool(np.isfinite(analysis.angles.degrees[:, columns]).any())


def _repetitions(reps: Sequence[Repetition], move: Move | None) -> str:
    phases = move.phases if move else ("rest", "out", "depth", "back")
    joint = f"{_joint(move)} " if move else ""
    head = [
        *(">no.", ">from, s", ">to, s", f">{joint}at depth, °", ">range, °"),
        *(f">{phases[1]}, s", ">hold, s", f">{phases[3]}, s"),
        *(">left - right, °", ">confidence", "remarks"),
    ]
    rows = [_repetition(number, rep) for number, rep in enumerate(reps, 1)]
    return page.table(head, rows)


def _repetition(number: int, rep: Repetition) -> list[str]:
    difference = "" if rep.difference_deg is None else f"{rep.difference_deg:+.0f}"
    figures = (
        *(str(number), f"{rep.start_s:.2f}", f"{rep.end_s:.2f}"),
        *(f"{v:.0f}" if np.isfinite(v) else "" for v in (rep.depth_deg, rep.range_deg)),
        *(f"{rep.down_s:.2f}", f"{rep.hold_s:.2f}", f"{rep.up_s:.2f}"),
        *(difference, f"{rep.confidence:.2f}"),
    )
    said = ", ".join(remark.name for remark in rep.remarks)
    return [*map(page.number, figures), page.text(said)]


def _holds(analysis: Analysis) -> str:
    rows = [
        [
            *map(page.number, (str(number), f"{h.start_s:.2f}", f"{h.end_s:.2f}")),
            page.number(f"{h.end_s - h.start_s:.1f}"),
            page.text(", ".join(remark.name for remark in h.remarks)),
        ]
        for number, h in enumerate(analysis.holds, 1)
    ]
    return page.table([">no.", ">from, s", ">to, s", ">held, s", "remarks"], rows)


def _remarks(analysis: Analysis) -> Iterator[str]:
    parts: list[Repetition | Hold] = [*analysis.reps, *analysis.holds]
    said = [(number, remark) for number, part in enumerate(parts, 1) for remark in part.remarks]
    yield page.heading("What to mend")
    if not said:
        words = "Nothing, as far as the camera can tell." if parts else "Nothing was counted."
        yield page.paragraph(words)
        return
    head = [">no.", "remark", "what to do", "seen", "bound", ">at, s", ">confidence"]
    yield page.table(head, [_remark(number, remark) for number, remark in said])


def _remark(number: int, remark: Remark) -> list[str]:
    return [
        page.number(str(number)),
        page.text(remark.name),
        page.text(remark.text),
        page.text(remark.seen),
        page.text(remark.bound),
        page.number(f"{remark.time_s:.2f}"),
        page.number(f"{remark.confidence:.2f}"),
    ]
