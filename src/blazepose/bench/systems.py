"""The systems that the bench knows, as rows of data, and how a user names one of them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from blazepose.errors import did_you_mean
from blazepose.weights.store import MODEL_SUFFIXES


@dataclass(frozen=True)
class Kind:
    """A system with several models.

    Attributes:
        worker: its script among `workers`.
        models: what it can be asked for, the usual one first.
        suffixes: of model files that it takes instead.
        packages: what pip installs for it into an environment of its own; none for a system that
            runs in this one.
        brought_by: the requirements whose packages are its installation.
        python: oldest and newest Python that the packages have wheels for; None for any.
        note: what a user should know before it is installed.
    """

    worker: str
    models: tuple[str, ...] = ()
    suffixes: tuple[str, ...] = ()
    packages: tuple[str, ...] = ()
    brought_by: tuple[str, ...] = ()
    python: tuple[tuple[int, int], tuple[int, int]] | None = None
    note: str = ""


_RELEASED = ("full", "lite", "heavy")
_ON_OPENVINO = ("openvino", "numpy", "opencv-python-headless")


def _ours(extra: str = "") -> Kind:
    brought_by = f"blazepose[{extra}]" if extra else "blazepose"
    return Kind("ours", _RELEASED, MODEL_SUFFIXES, brought_by=(brought_by,))


KINDS = {
    "blazepose": _ours(),
    "blazepose-openvino": _ours(),  # in the base installation
    "blazepose-litert": _ours("litert"),
    "blazepose-onnx": Kind("ours", (), (".onnx",), brought_by=("blazepose[onnx]",)),
    "blazepose-torch": _ours("train"),
    "blazepose-ahead": _ours(),  # frames in memory as a recorded clip, by `Tracker.track`
    "blazepose-all-cores": _ours(),  # files by parts at once; one frame after the other as above
    "mediapipe-0.10.21": Kind(
        "solution",
        _RELEASED,
        packages=("mediapipe==0.10.21",),
        brought_by=("mediapipe",),
        python=((3, 10), (3, 12)),
        note="about 1 GB",
    ),
    "mediapipe": Kind(
        "task",
        _RELEASED,
        (".task",),
        packages=("mediapipe==1.2.2",),
        brought_by=("mediapipe",),
        python=((3, 10), (3, 14)),
        note="about 0.5 GB; it reports its use to Google",
    ),
    "movenet": Kind("movenet", ("lightning", "thunder"), brought_by=_ON_OPENVINO),
    "posenet": Kind("posenet", ("mobilenet",), brought_by=_ON_OPENVINO),
    "openpose": Kind("openpose", (), (".xml", ".onnx"), brought_by=_ON_OPENVINO),
}


@dataclass(frozen=True)
class System:
    """A system with the model that it is to run.

    Attributes:
        kind: key of `KINDS`; empty for a command of the user's.
        model: one of its models, or a file.
        command: of the user's, with {source} and {out}.
        name: what the user calls a command.
    """

    kind: str = ""
    model: str = ""
    command: str = ""
    name: str = ""

    @property
    def title(self) -> str:
        """As it stands in tables, and as `--against` takes it; of a file's path the end."""
        return self.name or f"{self.kind}:{'/'.join(Path(self.model).parts[-2:])}"

    @property
    def ours(self) -> bool:
        """Whether it is this package."""
        return self.kind.partition("-")[0] == "blazepose"


def parse_systems(text: str) -> list[System]:
    """Systems from a list with commas, each SYSTEM or SYSTEM:MODEL.

    Raises:
        ValueError: an unknown system, or a model that it does not have.

    Example:
        >>> [system.title for system in parse_systems("blazepose:lite,movenet")]
        ['blazepose:lite', 'movenet:lightning']
    """
    words = [word.strip() for word in text.split(",") if word.strip()]
    if not words:
        raise ValueError(f"expected systems like blazepose:full,movenet, got {text!r}")
    return list(dict.fromkeys(_parse(word) for word in words))


def parse_command(text: str) -> System:
    """A system of the user's from NAME=COMMAND, with {source} and {out} in the command.

    Raises:
        ValueError: something of it is missing.
    """
    name, _, command = (part.strip() for part in text.partition("="))
    if not name or "{source}" not in command or "{out}" not in command:
        raise ValueError(f"expected NAME='COMMAND {{source}} {{out}}', got {text!r}")
    return System(command=command, name=name)


def _parse(word: str) -> System:
    name, _, model = word.partition(":")
    if name not in KINDS:
        raise ValueError(f"unknown system {name!r}: {did_you_mean(name, KINDS)}")
    kind = KINDS[name]
    if not model:
        if not kind.models:
            raise ValueError(f"{name} needs a file of yours, {name}:FILE{kind.suffixes[0]}")
        return System(name, kind.models[0])
    # What blazepose has under a name, the store knows; it tells an unknown one itself.
    if (
        (name.startswith("blazepose") and kind.models)
        or model in kind.models
        or model.endswith(kind.suffixes)
    ):
        return System(name, model)
    raise ValueError(f"{name} has no model {model!r}: {_choice(model, kind)}")


def _choice(model: str, kind: Kind) -> str:
    return did_you_mean(model, (*kind.models, *(f"FILE{suffix}" for suffix in kind.suffixes)))
