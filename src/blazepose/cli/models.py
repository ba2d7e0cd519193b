"""`blazepose models`: which released files there are, fetch them, look into a model file."""

from __future__ import annotations

import contextlib
import hashlib
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, DownloadColumn, Progress, TaskID, TextColumn
from rich.table import Table

from blazepose.errors import ModelError
from blazepose.weights import store
from blazepose.weights.catalog import ENTRIES, Entry, entry
from blazepose.weights.sources import Report
from blazepose.weights.task import read_task

app = typer.Typer(
    name="models",
    help="Released models: list them, fetch them, look into a model file.",
    no_args_is_help=True,
)
_out = Console()


@app.command("list", epilog="Example:\n\nblazepose models list")
def list_models() -> None:
    """List the released files and which of them are here already."""
    table = Table("name", "what", "MB", "licence", "here", box=None, pad_edge=False)
    table.columns[2].justify = "right"
    for row in ENTRIES.values():
        here = "yes" if store.cached(row.name) else "no"
        table.add_row(row.name, row.what, f"{row.size / 1e6:.1f}", row.licence, here)
    _out.print(table)
    _out.print(f"kept in {escape(str(store.cache_dir()))}", soft_wrap=True)


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
        typer.Argument(metavar="NAME_OR_FILE", help="Files: .tflite, .task, .onnx, .xml."),
    ],
) -> None:
    """Show where a model comes from, and its inputs and outputs."""
    known = ENTRIES.get(model)
    file = store.cached(model) if known else store.resolve(model)
    facts = _facts_of_file(file) if file else {"file": f"not here: blazepose models pull {model}"}
    known = known or _released_as(facts["sha256"])
    if known:
        facts |= _facts_of_entry(known)
    for name, value in facts.items():
        _out.print(f"[bold]{name:<8}[/bold] {escape(value)}", soft_wrap=True)
    if file and file.suffix.lower() in store.MODEL_SUFFIXES:
        _out.print(_ports(file))


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
    return facts | {"sources": "\n         ".join(sources)}


def _released_as(sha256: str) -> Entry | None:
    return next((row for row in ENTRIES.values() if row.sha256 == sha256), None)


def _ports(file: Path) -> Table:
    """Inputs and outputs of every network in a file."""
    # Imported here: half a second that the other commands need not pay.
    from blazepose.runtimes.openvino import read_model

    table = Table("network", "", "name", "shape", "type", box=None, pad_edge=False)
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        for network in _networks(file, Path(folder)):
            model = read_model(network, name=str(file))
            for kind, ports in (("input", model.inputs), ("output", model.outputs)):
                for index, port in enumerate(ports):
                    name = min(port.names, default="")
                    shape = str(port.partial_shape).strip("[]").replace(",", " x ")
                    dtype = port.element_type.get_type_name()
                    table.add_row(network.name, f"{kind} {index}", escape(name), shape, dtype)
    return table


def _networks(file: Path, folder: Path) -> list[Path]:
    """The file itself, or the members of a .task bundle, unpacked into `folder`."""
    if file.suffix.lower() != ".task":
        return [file]
    for name, content in read_task(file).items():
        (folder / name).write_bytes(content)
    return sorted(folder.iterdir())
