"""`blazepose models`: which models there are, fetch them, look into a model file."""

from __future__ import annotations

import contextlib
import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.markdown import Markdown
from rich.markup import escape
from rich.progress import BarColumn, DownloadColumn, Progress, TaskID, TextColumn
from rich.table import Table

from blazepose.errors import ModelError
from blazepose.weights import store
from blazepose.weights.catalog import ENTRIES, Entry, entry
from blazepose.weights.sources import Report

app = typer.Typer(
    name="models",
    help="Models that have a name: list them, fetch them, look into a model file.",
    no_args_is_help=True,
)
_out = Console()


@app.command("list", epilog="Example:\n\nblazepose models list")
def list_models() -> None:
    """List the models that have a name, what each is good at, and which are here already."""
    table = Table("name", "what", "MB", "licence", "here", box=None, pad_edge=False)
    table.columns[2].justify = "right"
    for row in ENTRIES.values():
        here = "yes" if store.cached(row.name) else "no"
        table.add_row(row.name, row.what, f"{row.size / 1e6:.1f}", row.licence, here)
    _out.print(table)
    _out.print(f"fetched ones are kept in {escape(str(store.cache_dir()))}", soft_wrap=True)


@app.command(epilog="Example:\n\nblazepose models pull detector full heavy")
def pull(
    names: Annotated[
        list[str],
        typer.Argument(metavar="NAME...", help="As `blazepose models list` shows them."),
    ],
) -> None:
    """Fetch released files, so that later runs need no network."""
    for name in names:
        entry(name)  # a misspelt name is told before anything is fetched
    for name in names:
        with pull_progress() as report:
            file = store.path(name, on_progress=report)
        _out.print(f"{name}  {escape(str(file))}", soft_wrap=True)


@app.command(epilog="Examples:\n\nblazepose models info full\n\nblazepose models info my.onnx")
def info(
    model: Annotated[
        str,
        typer.Argument(
            metavar="NAME_OR_FILE", help="Files: .tflite, .task, .onnx, .xml, .safetensors."
        ),
    ],
) -> None:
    """Show where a model comes from, its inputs and outputs, and what it costs to run."""
    known = ENTRIES.get(model)
    file = store.cached(model) if known else store.resolve(model)
    facts = _facts_of_file(file) if file else {"file": f"not here: blazepose models pull {model}"}
    known = known or _released_as(facts["sha256"])
    if not known and file and file.suffix.lower() not in store.MODEL_SUFFIXES:
        raise ModelError(
            f"{file} is no model file: expected one of {', '.join(store.MODEL_SUFFIXES)}"
        )
    if known:
        facts |= _facts_of_entry(known)
    for name, value in facts.items():
        _out.print(f"[bold]{name:<8}[/bold] {escape(value)}", soft_wrap=True)
    if file and file.suffix.lower() in store.MODEL_SUFFIXES:
        _show_networks(file)
    if known and (card := store.card(known.name)):
        _out.print()
        _out.print(Markdown(card.read_text(encoding="utf-8")))


@contextlib.contextmanager
def pull_progress() -> Iterator[Report]:
    """Progress of `store.path` on stderr: a bar, or one line where nobody watches."""
    console = Console(stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn(), DownloadColumn())
    progress = Progress(*columns, console=console, transient=True, disable=not console.is_terminal)
    tasks: dict[str, TaskID] = {}

    def report(what: str, done: int, total: int) -> None:
        if what not in tasks:
            if not console.is_terminal:
                console.print(f"fetching {escape(what)} ({total / 1e6:.1f} MB)", soft_wrap=True)
            progress.start()
            tasks[what] = progress.add_task(f"fetching {escape(what)}", total=total)
        progress.update(tasks[what], completed=done)

    try:
        yield report
    finally:
        progress.stop()


def _facts_of_file(file: Path) -> dict[str, str]:
    try:
        content = file.read_bytes()
    except OSError as error:
        raise ModelError(f"cannot read {file}: {error.strerror}") from error
    sha256 = hashlib.sha256(content).hexdigest()
    return {"file": str(file), "size": f"{len(content):,} bytes", "sha256": sha256}


def _facts_of_entry(known: Entry) -> dict[str, str]:
    facts = {"name": known.name, "what": known.what, "licence": known.licence}
    facts |= {"size": f"{known.size:,} bytes", "sha256": known.sha256}
    sources = [f"{source.title}  {member}" for source, member in known.sources]
    return facts | {"sources": "\n         ".join(sources) or "comes with blazepose"}


def _released_as(sha256: str) -> Entry | None:
    return next((row for row in ENTRIES.values() if row.sha256 == sha256), None)


def _show_networks(file: Path) -> None:
    """Inputs, outputs and cost of every network in a file."""
    # Imported here: half a second that the other commands need not pay.
    from blazepose.runtimes.inspect import describe_file

    table = Table("network", "", "name", "shape", "type", box=None, pad_edge=False)
    networks = describe_file(file)
    for network in networks:
        for port in network.ports:
            table.add_row(network.name, port.role, escape(port.name), port.shape, port.dtype)
    _out.print(table)
    for network in networks:
        _out.print(
            f"{escape(network.name)}: {network.parameters / 1e6:.2f} M parameters, "
            f"{network.multiply_adds / 1e6:.0f} M multiply-adds",
            soft_wrap=True,
        )
        if skeleton := network.skeleton:
            points = f"{skeleton.name}, {len(skeleton)}: {', '.join(skeleton.names)}"
            _out.print(f"[bold]points[/bold]   {escape(points)}", soft_wrap=True)
