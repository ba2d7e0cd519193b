"""The files that have a name: size, checksum, licence and sources, as rows of data.

Released ones are fetched on their first use: the networks are Google's, from MediaPipe. Our own lie
in this package, each beside its model card. Sizes and checksums were taken from the files.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Literal, TypeAlias

from blazepose.errors import ModelError, did_you_mean
from blazepose.weights.sources import NpmPackage, PyPiWheel, Source, Url

Finds: TypeAlias = Literal["landmarks", "people"]


@dataclass(frozen=True)
class Entry:
    """A file that has a name.

    Attributes:
        name: what a user calls it.
        file: its file name.
        what: what it is and what it is good at, in a few words.
        size: bytes.
        sha256: checksum, hexadecimal.
        licence: SPDX identifier.
        sources: where it can be had, best first, each with the file's name in there; none for a
            file that lies in this package.
        finds: what a network finds, if it is one that a `Tracker` takes.
    """

    name: str
    file: str
    what: str
    size: int
    sha256: str
    licence: str
    sources: tuple[tuple[Source, str], ...] = ()
    finds: Finds | None = "landmarks"

    @property
    def shipped(self) -> bool:
        """Whether it lies in this package, so that nothing is fetched."""
        return not self.sources

    def fits(self, content: bytes) -> bool:
        """Whether these are the bytes of the file."""
        return len(content) == self.size and hashlib.sha256(content).hexdigest() == self.sha256


def entry(name: str) -> Entry:
    """The file called `name`; ModelError with near matches for an unknown one."""
    if name not in ENTRIES:
        raise ModelError(f"unknown file {name!r}: {did_you_mean(name, ENTRIES)}")
    return ENTRIES[name]


# Our own networks. NAME.tflite and its model card NAME.md lie in the folder `models` of this
# package; a row is name, what it is good at, bytes, SHA-256, licence, what it finds.
_OWN: tuple[tuple[str, str, int, str, str, Finds], ...] = (
    (
        "finder",
        "person finder, 320x320, sees bodies",
        1_646_388,
        "9b9d6a1e908f98d7e9a52379ec3c5f79a0a593bc9f72a9e6f8b525534f743579",
        "Apache-2.0",
        "people",
    ),
    (
        "full-plus",
        "33 landmarks, Full taught by Heavy",
        6_575_816,
        "e04d7eb90e77032579390993272a14d3299211167a033233afb0c7f8164c6308",
        "Apache-2.0",
        "landmarks",
    ),
)


def _bucket(place: str, size: int) -> tuple[Source, str]:
    url = f"https://storage.googleapis.com/mediapipe-assets/{place}"
    return Url(url, size), place.rpartition("/")[2]


_MEDIAPIPE = PyPiWheel("mediapipe", "0.10.21", 35_622_638)
_POSE_JS = NpmPackage("@mediapipe/pose", "0.5.1675469404", 40_985_403)
_SPORTS2D = PyPiWheel("sports2d", "0.8.34", 9_050_415)

ENTRIES = {
    row.name: row
    for row in (
        Entry(
            name="detector",
            file="pose_detection.tflite",
            what="person detector, 224x224",
            size=2_959_046,
            sha256="9ba9dd3d42efaaba86b4ff0122b06f29c4122e756b329d89dca1e297fd8f866c",
            licence="Apache-2.0",
            sources=(
                (_MEDIAPIPE, "mediapipe/modules/pose_detection/pose_detection.tflite"),
                _bucket("pose_detection.tflite", 2_959_046),
            ),
            finds="people",
        ),
        Entry(
            name="lite",
            file="pose_landmark_lite.tflite",
            what="33 landmarks, fastest",
            size=2_819_824,
            sha256="f17bfbecadb61c3be1baa8b8d851cc6619c870a87167b32848ad20db306b9d61",
            licence="Apache-2.0",
            sources=(
                (_POSE_JS, "package/pose_landmark_lite.tflite"),
                # The file of this name at the top of the bucket is another network.
                _bucket("modules/pose_landmark/pose_landmark_lite.tflite", 2_819_824),
            ),
        ),
        Entry(
            name="full",
            file="pose_landmark_full.tflite",
            what="33 landmarks, the default",
            size=6_440_512,
            sha256="e9a5c5cb17f736fafd4c2ec1da3b3d331d6edbe8a0d32395855aeb2cdfd64b9f",
            licence="Apache-2.0",
            sources=(
                (_MEDIAPIPE, "mediapipe/modules/pose_landmark/pose_landmark_full.tflite"),
                (_POSE_JS, "package/pose_landmark_full.tflite"),
                _bucket("pose_landmark_full.tflite", 6_440_512),
            ),
        ),
        Entry(
            name="heavy",
            file="pose_landmark_heavy.tflite",
            what="33 landmarks, most accurate",
            size=27_709_200,
            sha256="59e42d71bcd44cbdbabc419f0ff76686595fd265419566bd4009ef703ea8e1fe",
            licence="Apache-2.0",
            sources=(
                (_POSE_JS, "package/pose_landmark_heavy.tflite"),
                _bucket("pose_landmark_heavy.tflite", 27_709_200),
            ),
        ),
        Entry(
            name="face",
            file="face_detection_short_range.tflite",
            what="face detector BlazeFace, 128x128",
            size=229_714,
            sha256="bbff11cebd1eb27a1e004cae0b0e63ec8c551cbf34a4451148b4908b8db3eca8",
            licence="Apache-2.0",
            sources=(
                (
                    _MEDIAPIPE,
                    "mediapipe/modules/face_detection/face_detection_short_range.tflite",
                ),
                _bucket("tasks/testdata/vision/face_detection_short_range.tflite", 229_714),
            ),
            finds=None,
        ),
        Entry(
            name="demo",
            file="demo.mp4",
            what="sample clip of Sports2D",
            size=3_968_304,
            sha256="d9a66417185647b112304b57093f0c180f37a768e6a14daca75ca541f3b78039",
            licence="BSD-3-Clause",
            sources=((_SPORTS2D, "Sports2D/Demo/demo.mp4"),),
            finds=None,
        ),
        *(
            Entry(name, f"{name}.tflite", what, size, sha256, licence, finds=finds)
            for name, what, size, sha256, licence, finds in _OWN
        ),
    )
}
