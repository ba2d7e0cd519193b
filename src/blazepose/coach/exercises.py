"""The exercises, as data.

Where a number has no other source: rest and depth are the round medians of what the released
Full network measures on photographs of the start and the end of 45 gym exercises (about eight for
each; squats: knee 165 and 75, hip height 0.96 and 0.56; push-ups: elbow 157 and 80; pull-ups:
elbow 160 and 70; curls: elbow 152 and 92; presses: elbow 88 and 154; sit-ups: trunk 95 and 15).
Depth stands a little before that, so that an ordinary repetition reaches 1. Gates are as wide as
the same photographs need and about 20 degrees more.
"""

from __future__ import annotations

from collections.abc import Sequence

from blazepose.coach.moves import Gate, Move, Rule, Signal, Still
from blazepose.errors import did_you_mean

AUTO = "auto"
UNKNOWN = "unknown"

_STRAIGHT = "a straight limb measures 150 to 165 on the photographs"

_SQUAT = Move(
    name="squat",
    signals=(Signal("knee", 165, 90), Signal("hip_height", 0.97, 0.62)),
    gates=(
        Gate("trunk", high=50, when="rest"),
        Gate("trunk", high=75, when="depth"),
        Gate("split", high=38, when="depth"),
        Gate("hip_height", low=0.72, when="rest"),
    ),
    still=(Still("ankle", 0.45),),
    rules=(
        Rule(
            "short range",
            "knee",
            "go deeper: thighs toward level",
            "a half squat bends the knee by 70 to 100 (Schoenfeld 2010), so it measures 80 to 110",
            high=110,
        ),
        Rule(
            "knees inward",
            "knees_apart",
            "push the knees out over the toes",
            "knees belong over the feet (Myer et al. 2014): as far apart; a quarter less",
            low=0.75,
            view="front",
        ),
        Rule(
            "heels up",
            "foot_pitch",
            "keep the heels on the floor",
            "a flat foot keeps its pitch; 25 leaves room for its short bone to tremble",
            high=25,
            change=True,
            view="side",
        ),
        Rule(
            "trunk too far forward",
            "trunk",
            "lift the chest",
            "the trunk of deep squats measures 5 to 50 on the photographs; 5 more",
            high=55,
        ),
    ),
    phases=("standing", "down", "bottom", "up"),
    quickest_s=0.7,
)

_LUNGE = Move(
    name="lunge",
    signals=(Signal("knee", 165, 95), Signal("hip_height", 0.97, 0.6)),
    gates=(
        Gate("trunk", high=50),
        Gate("split", low=28, when="depth"),
        Gate("hip_height", low=0.7, when="rest"),
    ),
    rules=(
        Rule(
            "short range",
            "hip_height",
            "go deeper: the back knee toward the floor",
            "lunges measure 0.3 to 0.65 on the photographs; 0.07 more",
            high=0.72,
        ),
        Rule(
            "trunk too far forward",
            "trunk",
            "keep the trunk upright",
            "an upright trunk measures up to 25 on the photographs; 10 more for the view",
            high=35,
        ),
    ),
    phases=("standing", "down", "bottom", "up"),
    recognised=2,  # a single one is a long step
    quickest_s=0.7,
)

_PUSH_UP = Move(
    name="push-up",
    signals=(Signal("elbow", 155, 90), Signal("hand_height", -0.93, -0.45)),
    gates=(
        Gate("trunk", low=45, high=130),
        Gate("hip_height", low=-0.9, high=0.75),
        Gate("hand_height", high=-0.6, when="rest"),
        Gate("hand_height", high=0.1, when="depth"),
    ),
    still=(Still("wrist", 0.4),),
    rules=(
        Rule(
            "short range",
            "elbow",
            "go lower: the chest toward the floor",
            "elbows at a right angle are the norm (FitnessGram); 15 more for the view",
            high=105,
        ),
        Rule(
            "arms not straight",
            "elbow",
            "straighten the arms at the top",
            _STRAIGHT,
            low=135,
            when="rest",
        ),
        Rule(
            "hips sagging",
            "bend",
            "lift the hips: one line from shoulders to ankles",
            "a straight body measures -24 to 20 on the photographs; 6 more",
            low=-30,
            when="always",
            view="side",
        ),
        Rule(
            "hips too high",
            "bend",
            "lower the hips: one line from shoulders to ankles",
            "a straight body measures -24 to 20 on the photographs; 10 more",
            high=30,
            when="always",
            view="side",
        ),
        Rule(
            "elbows flaring",
            "shoulder",
            "bring the elbows nearer to the body",
            "45 is the usual cue, a wide push-up measures about 95 on the photographs",
            high=75,
            view="front",
        ),
    ),
    phases=("top", "down", "bottom", "up"),
)

_SIT_UP = Move(
    name="sit-up",
    signals=(Signal("hip", 138, 75), Signal("trunk", 85, 30)),
    gates=(
        Gate("trunk", low=55, when="rest"),
        Gate("trunk", high=65, when="depth"),
        Gate("hip_height", low=-0.6, high=0.5),
    ),
    still=(Still("hip", 0.35),),
    rules=(
        Rule(
            "short range",
            "trunk",
            "come up further",
            "a trunk that is all the way up measures 1 to 21 on the photographs; 24 more",
            high=45,
        ),
        Rule(
            "not lying",
            "trunk",
            "lie down fully between repetitions",
            "a trunk on the floor measures 83 to 116 on the photographs",
            low=65,
            when="rest",
        ),
    ),
    phases=("lying", "up", "top", "down"),
)

_PULL_UP = Move(
    name="pull-up",
    signals=(Signal("elbow", 160, 85), Signal("hand_height", 0.9, 0.25)),
    gates=(
        Gate("hand_height", low=0.5, when="rest"),
        Gate("hand_height", low=-0.35, when="depth"),
        Gate("trunk", high=60),
    ),
    still=(Still("wrist", 0.3),),
    rules=(
        Rule(
            "short range",
            "hand_height",
            "pull until the chin is over the bar",
            "with the chin over the bar the hands are 0.0 to 0.2 above the shoulders",
            high=0.35,
        ),
        Rule(
            "arms not straight",
            "elbow",
            "hang with straight arms between repetitions",
            _STRAIGHT,
            low=135,
            when="rest",
        ),
    ),
    phases=("hanging", "up", "top", "down"),
)

_CURL = Move(
    name="biceps curl",
    signals=(Signal("elbow", 150, 95), Signal("hand_height", -0.93, -0.3)),
    gates=(
        Gate("trunk", high=40),
        Gate("shoulder", high=60),
        Gate("hand_height", high=-0.6, when="rest"),
        Gate("hand_height", high=0.45, when="depth"),
    ),
    still=(Still("hip", 0.3),),
    rules=(
        Rule(
            "short range",
            "elbow",
            "lift the hands further toward the shoulders",
            "an arm that is up measures 80 to 100 on the photographs; 15 more",
            high=115,
        ),
        Rule(
            "swinging",
            "trunk",
            "keep the trunk still",
            "the trunk changes by up to 11 on the photographs; 4 more",
            high=15,
            change=True,
            view="side",
        ),
        Rule(
            "elbows forward",
            "shoulder",
            "keep the elbows at the sides",
            "the upper arms measure 7 to 53 on the photographs",
            high=53,
        ),
    ),
    phases=("arms down", "lifting", "top", "lowering"),
    recognised=2,
    sides="either",
)

_JACK = Move(
    name="jumping jack",
    signals=(Signal("shoulder", 25, 135), Signal("feet_apart", 0.25, 0.7)),
    gates=(
        Gate("trunk", high=35),
        Gate("elbow", low=100, when="depth"),
        Gate("hip_height", low=0.7),
        Gate("hand_height", low=-0.4, when="depth"),
    ),
    still=(Still("hip", 0.4),),
    rules=(
        Rule(
            "short range",
            "hand_height",
            "bring the hands overhead",
            "straight arms overhead measure 0.85 to 0.95 on the photographs",
            low=0.6,
        ),
    ),
    phases=("closed", "opening", "open", "closing"),
    recognised=3,
)

_PRESS = Move(
    name="shoulder press",
    signals=(Signal("elbow", 90, 148), Signal("hand_height", 0.2, 0.85)),
    gates=(
        Gate("trunk", high=40),
        Gate("hand_height", low=-0.35, high=0.6, when="rest"),
        Gate("hand_height", low=0.55, when="depth"),
    ),
    still=(Still("hip", 0.25),),
    rules=(
        Rule(
            "short range",
            "elbow",
            "stretch the arms at the top",
            _STRAIGHT,
            low=140,
        ),
        Rule(
            "trunk leaning",
            "trunk",
            "do not lean back",
            "a pressing trunk measures up to 20 on the photographs; 10 more",
            high=30,
        ),
    ),
    phases=("hands at shoulders", "pressing", "overhead", "lowering"),
    recognised=2,
    sides="either",
)

_PLANK = Move(
    name="plank",
    signals=(),
    gates=(
        Gate("trunk", low=60, high=120),
        Gate("bend", low=-45, high=45),
        Gate("knee", low=135),
        Gate("hand_height", high=-0.35),
        Gate("hip_height", low=-0.5, high=0.6),
    ),
    rules=(
        Rule(
            "hips sagging",
            "bend",
            "lift the hips: one line from shoulders to ankles",
            "a straight body measures -24 to 20 on the photographs; 6 more",
            low=-30,
            when="always",
            view="side",
        ),
        Rule(
            "hips too high",
            "bend",
            "lower the hips: one line from shoulders to ankles",
            "a straight body measures -24 to 20 on the photographs; 10 more",
            high=30,
            when="always",
            view="side",
        ),
    ),
    phases=("resting", "holding", "holding", "holding"),
)

MOVES = {
    move.name: move
    for move in (_SQUAT, _LUNGE, _PUSH_UP, _SIT_UP, _PULL_UP, _CURL, _JACK, _PRESS, _PLANK)
}
"""All exercises by name; of two that fit equally well the first is taken."""


# Other names, and kinds that are counted by the same angles.
_ALSO = {
    "wallsquat": "squat",
    "pressup": "push-up",
    "chinup": "pull-up",
    "curl": "biceps curl",
    "bicepcurl": "biceps curl",
    "press": "shoulder press",
    "overheadpress": "shoulder press",
    "starjump": "jumping jack",
}


def find_move(name: str, *, besides: Sequence[str] = (AUTO,)) -> Move:
    """The exercise called `name`; spaces, hyphens, a plural s and capitals do not matter.

    Args:
        name: of the exercise.
        besides: words that the caller takes too, for the message.

    Raises:
        ValueError: there is none; the message has near matches.
    """
    plain = {_plain(known): move for known, move in MOVES.items()}
    plain |= {also: MOVES[known] for also, known in _ALSO.items()}
    for word in (_plain(name), _plain(name).removesuffix("s")):
        if word in plain:
            return plain[word]
    raise ValueError(f"unknown exercise {name!r}: {did_you_mean(name, [*MOVES, *besides])}")


def _plain(name: str) -> str:
    return name.lower().replace("-", "").replace("_", "").replace(" ", "")
