"""A recipe from its file to weights: read the data, clean it, let a teacher look at it, train.

Rooms that know nothing of each other meet here: data sets, survey, teacher and training.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from blazepose import teach
from blazepose.aside import aside, made_folder
from blazepose.datasets import Lessons, Sample, Split, read
from blazepose.datasets.photos import read_photos
from blazepose.errors import OutputError, RecipeError, SourceError, TrainingError
from blazepose.skeleton import Skeleton, skeleton
from blazepose.survey import Finding, Teacher, clean, image_sizes
from blazepose.train.devices import is_first_process
from blazepose.train.environment import environment
from blazepose.train.examples import examples
from blazepose.train.loop import Run
from blazepose.train.progress import Progress, Watch
from blazepose.train.recipe import Data, Recipe, read_recipe
from blazepose.train.record import Record
from blazepose.train.share import Share
from blazepose.train.start import starting_network
from blazepose.weights import store

_LOG = logging.getLogger(__name__)

Told = Callable[[str, int, int], None]
"""Called with (what is being done, items done, items in all) while data is prepared."""


def fit(
    recipe_file: Path,
    folder: Path,
    *,
    data: Path | None = None,
    watch: Watch = lambda progress: None,
    told: Told = lambda what, done, total: None,
) -> Path:
    """Train as a recipe says; goes on where a run in `folder` was broken off.

    Args:
        recipe_file: TOML, see `train.recipe`.
        folder: of the run; is made.
        data: folder that the recipe's paths are relative to; None: the recipe's own.
        watch: called after every step.
        told: called while data is prepared.

    Returns:
        The best weights, as a checkpoint file.

    Raises:
        RecipeError: the recipe.
        SourceError: data that is missing or cannot be read.
        TrainingError: nothing to learn from, a diverging loss, a run of another recipe or of other
            data.
        ModelError, DownloadError: the network to start from, or the teacher.
        OutputError: the folder cannot be written, or another run trains in it.
        KeyboardInterrupt: after the state was saved.
    """
    recipe = read_recipe(recipe_file)
    learn, judge, body = _shares(recipe, recipe_file, data or recipe_file.parent, told)
    _check_apart(learn, judge)
    made_folder(folder)
    start = starting_network(recipe, body)
    record = Record(recipe, start, folder, train=learn, validate=judge)

    def tell(progress: Progress) -> None:
        record(progress)
        watch(progress)

    with ExitStack() as stack:
        if is_first_process():
            stack.enter_context(_locked(folder / ".lock", waits=False))
        stack.callback(record.close)
        run = Run(
            recipe,
            start,
            folder,
            train=[e for s in learn for e in s.examples * s.data.repeat],
            validation=[e for s in judge for e in s.examples],
            watch=tell,
        )
        if run.fabric.is_global_zero:  # not before the folder's run has been checked
            with aside(folder / "recipe.toml") as part:
                part.write_bytes(recipe_file.read_bytes())
            record.begin(environment(run.fabric, precision=run.precision))
        return run.run()


@contextmanager
def _locked(lock: Path, *, waits: bool) -> Iterator[None]:
    """Keep other processes out of a folder; whoever comes second waits, or is told."""
    held = FileLock(lock, timeout=-1 if waits else 0)
    try:
        held.acquire()
    except Timeout as error:
        raise OutputError(
            f"another run trains in {lock.parent}: choose another --out, or wait for its end"
        ) from error
    except OSError as error:
        raise OutputError(
            f"cannot write into {lock.parent} ({error.strerror or error}): choose another place"
        ) from error
    try:
        yield
    finally:
        held.release()


def _shares(
    recipe: Recipe, recipe_file: Path, root: Path, told: Told
) -> tuple[list[Share], list[Share], Skeleton]:
    """What to learn from, what to judge by, and the network's keypoints."""
    body = None if recipe.skeleton == "data" else _known(recipe.skeleton, recipe_file)
    learn = []
    for table in recipe.train:
        learn.append(share(table, root, recipe, body, told))
        body = body or learn[0].samples[0].skeleton
    assert body is not None
    return learn, [share(table, root, recipe, body, told) for table in recipe.validate], body


def _known(name: str, recipe_file: Path) -> Skeleton:
    try:
        return skeleton(name)
    except ValueError as error:
        raise RecipeError(f"{recipe_file}: skeleton: {error}") from error


def share(table: Data, root: Path, recipe: Recipe, body: Skeleton | None, told: Told) -> Share:
    """Read, clean and teach one table's people."""
    path = root / table.path
    if not path.exists():
        raise SourceError(
            f"no such data: {path}: --data says where the recipe's data lie, if not beside it"
        )
    samples = read_photos(path) if table.unlabelled else read(path, on_broken=_leave_out)
    if table.split:  # of everybody, as for all who name a split
        samples = _cut(samples, table)
    if not (table.unlabelled or recipe.teacher):  # of a box alone only a teacher can speak
        samples = [sample for sample in samples if sample.labelled.any()]
    if not samples:
        raise TrainingError(f"{path}: expected labelled people, got none")
    body = body or samples[0].skeleton
    count, lessons = len(samples), None
    if recipe.teacher:
        file = lessons_file(recipe.teacher, samples)
        with _locked(file.with_suffix(".lock"), waits=True):  # the second one finds them done
            lessons = teach.teach(
                samples,
                file,
                teacher=recipe.teacher,
                progress=lambda done, total: told(
                    f"{recipe.teacher} looks at {path.name}", done, total
                ),
            )
    findings: list[Finding] = []
    if table.clean and not table.unlabelled:
        samples, lessons, findings = _cleaned(samples, lessons)
    taught = examples(samples, body, lessons=lessons)
    _LOG.info("%s: %d people read, %d usable", path.name, count, len(taught))
    return Share(table, count, samples, taught, findings)


def _leave_out(error: SourceError) -> None:
    _LOG.warning("left out: %s", error)


def _cut(samples: list[Sample], table: Data) -> list[Sample]:
    try:
        return Split.parse(table.split or "").cut(samples)
    except ValueError as error:
        raise SourceError(f"{table.path}: {error}") from error


def lessons_file(teacher: str, samples: Sequence[Sample]) -> Path:
    """Where lessons on these people are kept: by teacher and people, so that recipes share them."""
    folder = made_folder(store.cache_dir() / "lessons")
    return folder / f"{teach.lessons_name(teacher, samples)}.npz"


def _cleaned(
    samples: list[Sample], lessons: Lessons | None
) -> tuple[list[Sample], Lessons | None, list[Finding]]:
    sizes, _ = image_sizes(samples)
    if len({sample.skeleton for sample in samples}) > 1:
        raise TrainingError("clean: expected people of one skeleton: give each a table of its own")
    if lessons is None:
        cleaned = clean(samples, sizes_wh=sizes)
        return cleaned.samples, None, cleaned.findings
    try:
        teacher = Teacher.from_lessons(lessons, samples[0].skeleton)
    except ValueError as error:
        raise TrainingError(f"clean: no teacher can look at these labels: {error}") from error
    cleaned = clean(samples, sizes_wh=sizes, teacher=teacher)
    return cleaned.samples, lessons.of(cleaned.kept.tolist()), cleaned.findings


def _check_apart(learn: Sequence[Share], judge: Sequence[Share]) -> None:
    """Nobody may be learned from and judged by."""
    both = {s.image.resolve() for part in learn for s in part.samples} & {
        s.image.resolve() for part in judge for s in part.samples
    }
    if both:
        raise TrainingError(
            f"expected other images to validate on than to train on, got {len(both)} in both, "
            f"e.g. {min(both).name}: choose splits that do not overlap"
        )
