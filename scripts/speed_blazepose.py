"""Speed of blazepose on a clip, printed as JSON with the keys of `speed.measure_speed`.

python scripts/speed_blazepose.py squat.mp4 --model full --threads 2
"""

import time

STARTED_S = time.perf_counter()  # before the imports: they are part of the start-up

import argparse  # noqa: E402
import json  # noqa: E402
from pathlib import Path  # noqa: E402

from speed import measure_speed  # noqa: E402

import blazepose as bp  # noqa: E402


def main() -> None:
    args = parse_arguments()
    tracker = bp.Tracker(args.model, refine=args.refine, runtime=args.runtime, threads=args.threads)
    result = measure_speed(
        tracker, lambda: bp.frames(args.clip), started_s=STARTED_S, repeat=args.repeat
    )
    system = f"blazepose {bp.__version__}" + ("" if args.refine else ", no refinement")
    print(json.dumps({"system": system, "model": args.model} | result))


def parse_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("clip", type=Path)
    parser.add_argument("--model", default="full")
    parser.add_argument("--runtime", default="auto")
    parser.add_argument("--threads", type=int)
    parser.add_argument("--refine", action=argparse.BooleanOptionalAction, default=True)
    parser.add_argument("--repeat", type=int, default=5)
    return parser.parse_args()


if __name__ == "__main__":
    main()
