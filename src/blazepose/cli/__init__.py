"""The command line. Only this package prints.

Exit codes: 0 done; 2 wrong use or bad input, with one line on stderr; 1 anything else.
"""

from __future__ import annotations

import logging
import sys
from typing import Annotated, Any, cast

import typer
from rich.console import Console
from rich.logging import RichHandler
from rich.markup import escape

from blazepose import __version__
from blazepose.cli import demo, models, track
from blazepose.errors import BlazePoseError

# Typer brings a Click of its own; this is its UsageError whatever the version.
UsageError = cast("type[Exception]", typer.BadParameter.__bases__[0])

app = typer.Typer(
    name="blazepose",
    help="Track bodies in images, videos, cameras and streams: 33 keypoints each.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
app.command("demo", epilog=demo.EXAMPLES)(demo.demo)
app.command("track", epilog=track.EXAMPLES)(track.track)
app.add_typer(models.app, name="models")


@app.callback()
def options(
    version: Annotated[bool, typer.Option("--version", help="Show the version.")] = False,
    verbose: Annotated[bool, typer.Option("--verbose", help="Tell what is going on.")] = False,
) -> None:
    """Options before the command."""
    if version:
        typer.echo(__version__)
        raise typer.Exit
    handler = RichHandler(console=Console(stderr=True), show_path=False)
    level = logging.INFO if verbose else logging.ERROR
    logging.basicConfig(level=level, format="%(message)s", handlers=[handler])


def main() -> None:
    """Entry point of `blazepose`."""
    sys.exit(run(sys.argv[1:]))


def run(arguments: list[str]) -> int:
    """Run a command line and return its exit code."""
    err = Console(stderr=True, soft_wrap=True)
    try:
        return app(arguments, standalone_mode=False) or 0
    except UsageError as error:
        usage: Any = error
        command = usage.ctx.command_path if usage.ctx else "blazepose"
        err.print(f"[red]error:[/red] {escape(usage.format_message())} (see {command} --help)")
        return 2
    except BlazePoseError as error:
        err.print(f"[red]error:[/red] {escape(str(error))}")
        return 2
    except (KeyboardInterrupt, typer.Abort):
        err.print("stopped")
        return 1
