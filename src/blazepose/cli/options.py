"""Options that several commands have."""

from __future__ import annotations

from typing import Annotated, TypeAlias

import typer

from blazepose.errors import did_you_mean
from blazepose.runtimes import RUNTIMES


def _known(runtime: str) -> str:
    if runtime not in (known := ("auto", *RUNTIMES)):
        raise typer.BadParameter(f"unknown runtime {runtime!r}: {did_you_mean(runtime, known)}")
    return runtime


Detector: TypeAlias = Annotated[
    str | None,
    typer.Option(
        metavar="NAME|FILE",
        help="What finds people: detector (faces first), finder (bodies), or a file of the YOLO, "
        "RTMDet, PicoDet or NanoDet family.",
    ),
]
Runtime: TypeAlias = Annotated[
    str,
    typer.Option(callback=_known, help=f"What runs the networks: auto, {', '.join(RUNTIMES)}."),
]
Threads: TypeAlias = Annotated[
    int | None, typer.Option(min=1, help="Processor threads for one network.")
]
