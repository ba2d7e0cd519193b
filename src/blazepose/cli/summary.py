"""What came of a job, in words for people."""

from __future__ import annotations

from rich.markup import escape

from blazepose.annotate import FIGURE, Summary
from blazepose.cli import console
from blazepose.plot import can_plot, has_depth
from blazepose.posefile import FORMATS

_SHOWN = 8  # paths; an album may have thousands


def tell(summary: Summary) -> None:
    """What came of a job, for people."""
    frames = "photos" if summary.info.kind == "image" else "frames"
    search_ms = 1e3 * summary.search_seconds / summary.frames
    console.out.print(
        f"[bold]{escape(summary.name)}[/bold]: a person in {summary.frames_with_person} of "
        f"{summary.frames} {frames}, {summary.frames / summary.seconds:.0f} {frames} per second "
        f"in all, {search_ms:.0f} ms each to find the person"
    )
    for path in summary.outputs[:_SHOWN]:
        console.out.print(f"  {escape(str(path))}")
    if len(summary.outputs) > _SHOWN:
        console.out.print(f"  and {len(summary.outputs) - _SHOWN} more")
    if earlier := _earlier(summary):
        console.warning(f"of an earlier run, and not of this clip: {', '.join(earlier)}")
    if summary.clearest and not has_depth(summary.clearest):
        console.err.print("no 3-D figure: the model sees no depth, or no hips and shoulders")
    elif not can_plot():
        console.err.print("no 3-D figure: pip install 'blazepose[plot]' brings it", markup=False)
    if summary.problem:
        say = console.error if unreadable(summary) else console.warning
        say(summary.problem)


def _earlier(summary: Summary) -> list[str]:
    """Results that lie beside those of this run, and that it would have called the same."""
    folder = summary.outputs[0].parent
    names = [*(f"poses.{suffix}" for suffix in FORMATS), FIGURE]
    others = (folder / name for name in names)
    return [str(path) for path in others if path not in summary.outputs and path.exists()]


def unreadable(summary: Summary) -> bool:
    """Whether some photos could not be read; a clip can merely be cut."""
    promised = summary.info.frame_count or 0
    return summary.info.kind == "image" and summary.frames < promised and not summary.stopped
