from dataclasses import replace
from pathlib import Path

from blazepose.datasets import UNLABELLED
from blazepose.skeleton import BLAZEPOSE33, LSP14
from blazepose.survey import Finding
from blazepose.train.examples import examples
from blazepose.train.recipe import Data
from blazepose.train.share import Account, Share


def account(samples, *, skeleton=LSP14, lessons=None, findings=(), read=None) -> Account:
    found = examples(samples, skeleton, lessons=lessons)
    data = Data(Path("lsp"), split="1..3", repeat=2)
    return Share(data, read or len(samples), samples, found, list(findings)).account(skeleton)


def test_keypoints_are_counted_by_who_tells_them(people, lessons):
    samples = people(2)
    samples[1].visible[LSP14.index("left_wrist")] = UNLABELLED
    told = account(samples, skeleton=BLAZEPOSE33, lessons=lessons(2))
    assert told.keypoints["left_wrist"] == {"labels": 1, "lessons": 1}
    assert told.keypoints["nose"] == {"labels": 0, "lessons": 2}
    assert (told.labels, told.lessons) == (12 * 2 - 1, 21 * 2 + 1)


def test_without_a_teacher_nothing_is_told_by_lessons(people):
    told = account(people(1), skeleton=BLAZEPOSE33)
    assert (told.labels, told.lessons) == (12, 0)


def test_people_who_are_lost_are_told_by_the_reason(people):
    samples = people(3)
    nowhere = replace(samples[2], visible=samples[2].visible * 0)
    told = account([*samples[:2], nowhere], read=5)
    assert (told.read, told.dropped, told.unusable, told.used) == (5, 2, 1, 2)


def test_findings_are_counted_by_kind_and_deed(people):
    findings = [
        Finding(0, "limb", "too long", "label dropped", "left_wrist"),
        Finding(1, "limb", "too long", "label dropped", "left_wrist"),
        Finding(1, "teacher", "sees nobody", "person dropped"),
    ]
    assert account(people(2), findings=findings).findings == {
        "limb": {"label dropped": 2},
        "teacher": {"person dropped": 1},
    }


def test_an_account_says_what_the_recipe_says(people):
    told = account(people(1))
    assert (told.path, told.split, told.repeat) == ("lsp", "1..3", 2)
