"""Where the command line prints: results on stdout, everything else on stderr."""

from __future__ import annotations

from rich.console import Console
from rich.markup import escape

# Lines are not folded: a path or a message stays one line when it is copied or searched.
out = Console(soft_wrap=True, highlight=False)
err = Console(stderr=True, soft_wrap=True, highlight=False)


def error(message: str) -> None:
    """Say what is wrong."""
    err.print(f"[red]error:[/red] {escape(message)}")


def warning(message: str) -> None:
    """Say what is not as one might think."""
    err.print(f"[yellow]warning:[/yellow] {escape(message)}")
