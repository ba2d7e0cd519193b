import re

import pytest

from blazepose.bench.systems import KINDS, System, parse_command, parse_systems


def test_a_system_without_a_model_has_its_usual_one():
    titles = [system.title for system in parse_systems("blazepose, movenet,mediapipe:heavy")]
    assert titles == ["blazepose:full", "movenet:lightning", "mediapipe:heavy"]


def test_a_system_named_twice_has_one_turn():
    assert len(parse_systems("movenet,movenet:lightning")) == 1


def test_our_models_and_files_are_left_to_the_store():
    (system,) = parse_systems("blazepose-litert:runs/mine/best.tflite")
    assert system == System("blazepose-litert", "runs/mine/best.tflite")
    assert system.title == "blazepose-litert:mine/best.tflite"
    assert system.ours


def test_a_bundle_can_be_given_to_the_task_api_and_weights_to_openpose():
    assert [s.model for s in parse_systems("mediapipe:a.task,openpose:b.xml")] == [
        "a.task",
        "b.xml",
    ]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("movenett", "unknown system 'movenett': did you mean 'movenet'"),
        ("movenet:thunderr", "movenet has no model 'thunderr': did you mean 'thunder'"),
        ("mediapipe-0.10.21:a.task", "has no model 'a.task'"),
        ("openpose", "openpose needs a file of yours, openpose:FILE.xml"),
        (" , ", "expected systems like"),
    ],
)
def test_what_is_no_system_is_told(text, words):
    with pytest.raises(ValueError, match=re.escape(words)):
        parse_systems(text)


def test_a_command_has_a_name_and_both_places():
    system = parse_command("mine=run.py {source} --out '{out}'")
    assert (system.title, system.command) == ("mine", "run.py {source} --out '{out}'")
    assert not system.ours


@pytest.mark.parametrize("text", ["run.py {source} {out}", "mine=run.py {source}", "mine="])
def test_a_command_without_them_is_refused(text):
    with pytest.raises(ValueError, match="expected NAME='COMMAND"):
        parse_command(text)


def test_ours_counts_what_each_runtime_needs():
    assert KINDS["blazepose"].brought_by == KINDS["blazepose-openvino"].brought_by
    assert KINDS["blazepose-litert"].brought_by == ("blazepose[litert]",)
