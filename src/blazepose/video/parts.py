"""Where a clip can be cut into parts that are decoded side by side; times alone, no video.

A part is entered at a key frame and has a run-in from there, whose pictures the part before shows.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise


@dataclass(frozen=True)
class Part:
    """A stretch of a clip, s on the clip's own clock.

    Attributes:
        lead_s: where decoding begins, at a key frame.
        start_s: where the part itself begins; before that is its run-in.
        end_s: where the next one begins.
    """

    lead_s: float = 0.0
    start_s: float = 0.0
    end_s: float = math.inf


WHOLE = Part()


def cut(
    duration_s: float, key_s: Callable[[float], float], *, count: int, run_in_s: float
) -> list[Part]:
    """Parts that follow each other without gap, about equally long.

    Args:
        duration_s: of the clip.
        key_s: the last key frame up to a time; 0.0 where none is known.
        count: of the parts; there are fewer where key frames are rare.
        run_in_s: of each but the first; each part is at least as long.
    """
    leads = [0.0]
    for number in range(1, count):
        lead_s = key_s(duration_s * number / count)
        if leads[-1] + run_in_s < lead_s < duration_s - 2 * run_in_s:
            leads.append(lead_s)
    starts = [0.0, *(lead_s + run_in_s for lead_s in leads[1:])]
    ends = [end_s for _, end_s in pairwise([*starts, math.inf])]
    return [Part(*times) for times in zip(leads, starts, ends, strict=True)]
