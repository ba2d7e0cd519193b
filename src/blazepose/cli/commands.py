"""The commands of `blazepose`, put together."""

from __future__ import annotations

import errno
import logging
import os
import sys
from typing import Annotated, Any, cast

import typer
from rich.logging import RichHandler

from blazepose import __version__
from blazepose.cli import (
    bench,
    coach,
    console,
    convert_weights,
    data,
    demo,
    evaluate,
    live,
    models,
    sessions,
    track,
    train,
)
from blazepose.errors import BlazePoseError

# Typer brings a Click of its own; this is its UsageError whatever the version.
UsageError = cast("type[Exception]", typer.BadParameter.__bases__[0])
_TYPER_INTERRUPTED = 130
_NOWHERE_TO_WRITE = {errno.ENOSPC, errno.EPIPE}

app = typer.Typer(
    name="blazepose",
    help="Track bodies in images, videos, cameras and streams: 33 keypoints each.",
    epilog="To begin:\n\nblazepose demo",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
app.command("demo", epilog=demo.EXAMPLES)(demo.demo)
app.command("track", epilog=track.EXAMPLES)(track.track)
app.command("live", epilog=live.EXAMPLES)(live.live)
app.command("coach", epilog=coach.EXAMPLES)(coach.coach)
app.add_typer(sessions.app, name="sessions")
app.command("train", epilog=train.EXAMPLES)(train.train)
app.command("eval", epilog=evaluate.EXAMPLES)(evaluate.evaluate_model)
app.command("bench", epilog=bench.EXAMPLES)(bench.bench)
app.add_typer(data.app, name="data")
app.add_typer(models.app, name="models")
app.command("import", epilog=convert_weights.IMPORT_EXAMPLES)(convert_weights.import_weights)
app.command("export", epilog=convert_weights.EXPORT_EXAMPLES)(convert_weights.export_model)


def execute(arguments: list[str]) -> int:
    """Run a command line, tell errors of the user, and return the exit code."""
    try:
        code = app(arguments, standalone_mode=False, prog_name="blazepose") or 0
    except UsageError as error:
        usage: Any = error
        command = usage.ctx.command_path if usage.ctx else "blazepose"
        if message := usage.format_message():  # else the help has been shown instead
            console.error(f"{message} (see {command} --help)")
        return 2
    except BlazePoseError as error:
        console.error(str(error))
        return 2
    except OSError as error:
        if error.errno not in _NOWHERE_TO_WRITE:
            raise
        if error.errno != errno.EPIPE:  # else whoever read it has left, as `head` does
            console.error(f"could not write: {error.strerror}; make room, or write elsewhere")
        # What is still kept for stdout would fail again at the end.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    if code == _TYPER_INTERRUPTED:  # what it makes of Ctrl-C
        raise KeyboardInterrupt
    return code


def _version(wanted: bool) -> bool:
    if wanted:
        typer.echo(__version__)
        raise typer.Exit
    return wanted


@app.callback()
def options(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Show the version.")
    ] = False,
    verbose: Annotated[bool, typer.Option("--verbose", help="Tell what is going on.")] = False,
) -> None:
    """Options before the command."""
    handler = RichHandler(console=console.err, show_path=False)
    level = logging.INFO if verbose else logging.ERROR
    logging.basicConfig(level=level, format="%(message)s", handlers=[handler])
