"""Networks as a runtime has compiled them, kept beside the models: a third of the time to open.

Only of the models that this package keeps itself. A copy's name says of what file, for what and
by whom it was made, so one that does not fit any more is not found; the oldest ones go.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import logging
import zipfile
from dataclasses import dataclass
from pathlib import Path

from blazepose.aside import aside, made_folder
from blazepose.errors import OutputError
from blazepose.runtimes.heads import Head, from_bytes, to_bytes
from blazepose.weights.store import SHIPPED_DIR, cache_dir

_MOST = 24  # copies that are kept
_TRUNK, _HEADS, _NAMES = "trunk", "heads.npz", "names.json"
_LOG = logging.getLogger(__name__)


@dataclass(frozen=True)
class Compiled:
    """A compiled network.

    Attributes:
        trunk: as the runtime writes it.
        heads: its last layers; none where the trunk is all.
        names: of the outputs.
    """

    trunk: bytes
    heads: tuple[Head, ...]
    names: tuple[str, ...]


def place(model: Path, what: str) -> Path | None:
    """The file for a model's compiled copy; None for a model that lies elsewhere, or is missing.

    Args:
        model: its file.
        what: all else that the copy depends on.
    """
    if model.parent not in (cache_dir(), SHIPPED_DIR) or not model.is_file():
        return None
    file = model.stat()  # stands for its content, which the store has checked
    digest = hashlib.sha256(repr((model.name, file.st_size, file.st_mtime_ns, what)).encode())
    return cache_dir() / "compiled" / f"{model.stem[:40]}-{digest.hexdigest()[:24]}.zip"


def is_kept(file: Path) -> bool:
    """Whether a copy is there that ends as it should; it is read when it is needed."""
    return zipfile.is_zipfile(file)


def read(file: Path) -> Compiled | None:
    """The copy in a file; None where there is none, or a damaged one."""
    try:
        with zipfile.ZipFile(file) as parts:
            heads = from_bytes(parts.read(_HEADS))
            return Compiled(parts.read(_TRUNK), heads, tuple(json.loads(parts.read(_NAMES))))
    except (OSError, EOFError, zipfile.BadZipFile, KeyError, ValueError):
        return None


def write(file: Path, network: Compiled) -> None:
    """Keep a copy; where that cannot be, the model is compiled again next time."""
    try:
        made_folder(file.parent)
        with aside(file) as part, zipfile.ZipFile(part, "w") as parts:
            parts.writestr(_TRUNK, network.trunk)
            parts.writestr(_HEADS, to_bytes(network.heads))
            parts.writestr(_NAMES, json.dumps(network.names))
        _keep_newest(file.parent)
    except OutputError as error:
        _LOG.info("no compiled copy: %s", error)


def _keep_newest(folder: Path) -> None:
    copies = dict.fromkeys(folder.glob("*.zip"), 0.0)
    for file in copies:
        with contextlib.suppress(OSError):  # another process was faster
            copies[file] = file.stat().st_mtime
    for file in sorted(copies, key=lambda file: copies[file])[:-_MOST]:
        with contextlib.suppress(OSError):
            file.unlink()
