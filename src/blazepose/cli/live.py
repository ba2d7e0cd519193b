"""`blazepose live`: a web page that follows whoever stands before its camera."""

from __future__ import annotations

import webbrowser
from typing import Annotated

import typer
from rich.markup import escape

from blazepose.cli import console
from blazepose.cli.track import MODEL_HELP, pull

EXAMPLES = "\n\n".join(
    (
        "Examples:",
        "blazepose live",
        "blazepose live --exercise squat --model lite",
        "blazepose live --host 0.0.0.0 --no-open  (for others too: its address holds a token)",
    )
)


def live(
    host: Annotated[
        str, typer.Option(help="Address to listen on; the default is for this machine alone.")
    ] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65535, help="0 takes a free one.")] = 8765,
    model: Annotated[str, typer.Option(help=MODEL_HELP)] = "full",
    exercise: Annotated[
        str, typer.Option(help="What is counted at first: auto, none, or one such as squat.")
    ] = "auto",
    visitors: Annotated[int, typer.Option(min=1, help="How many at once.")] = 8,
    open_page: Annotated[
        bool, typer.Option("--open/--no-open", help="Open the page in the browser.")
    ] = True,
) -> None:
    """Serve a page: camera or clip in the browser, skeleton, 3-D view, angles, repetitions.

    Pictures go to this server alone, which keeps none of them.
    """
    from blazepose import web  # an extra, and slow to import

    try:
        options = web.Options(model, exercise, web.Limits(visitors=visitors))
    except ValueError as error:
        raise typer.BadParameter(f"--exercise: {error}") from error
    pull(model)
    web.TrackingSession(options)  # what is wrong with a model is told now, not to a visitor
    with web.Server(options, host=host, port=port) as server:
        _tell(server.url, shared=not web.is_loopback(host))
        if open_page:
            webbrowser.open(server.url)
        try:
            server.run()
        except KeyboardInterrupt:  # after visitors have been told
            console.err.print("stopped")


def _tell(url: str, *, shared: bool) -> None:
    console.out.print(f"[bold]{escape(url)}[/bold]")
    if shared:
        console.warning(
            "whoever has this address can use the page; browsers give their camera to https pages "
            "only, so put a proxy with TLS in front of it"
        )
    console.err.print("Ctrl-C ends it")
