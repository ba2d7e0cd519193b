import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from labelled import SUBJECT, TORSO, judged, off, photos, scored

from blazepose.evaluate import counted_joints, score
from blazepose.evaluate.score import explain
from blazepose.skeleton import BLAZEPOSE33, COCO17, LSP14, Skeleton

ARMS = ("left_wrist", "right_wrist", "left_elbow")


def test_a_perfect_finder_has_all_points(tmp_path: Path):
    result = scored(photos(tmp_path, 2), [off(0), off(0)])
    assert result.metrics == pytest.approx(dict.fromkeys(result.metrics, 1.0))
    assert set(result.metrics) >= {"pck@0.2", "pckh@0.5", "pck_box@0.1", "pdj@0.2", "auc@0.5"}
    assert result.found == 2


def test_three_of_twelve_wrong_are_a_quarter(tmp_path: Path):
    result = scored(photos(tmp_path, 1), [off(0.21 * TORSO, joints=ARMS)])
    assert result.metrics["pck@0.2"] == 0.75
    assert result.metrics["auc@0.5"] == pytest.approx(1 - 0.25 * 0.42)
    assert result.per_joint["left_wrist"] == 0
    assert result.per_joint["right_elbow"] == 1
    assert result.per_person.tolist() == [0.75]


def test_alpha_is_in_the_name_and_in_the_number(tmp_path: Path):
    result = scored(photos(tmp_path, 1), [off(0.21 * TORSO, joints=ARMS)], alpha=0.25)
    assert result.metrics[result.pck] == result.metrics["pck@0.25"] == 1


def test_somebody_not_found_is_wrong_in_everything(tmp_path: Path):
    result = scored(photos(tmp_path, 2), [off(0), None])
    assert result.found == 1
    shares = {name: value for name, value in result.metrics.items() if "oks" not in name}
    assert shares == pytest.approx(dict.fromkeys(shares, 0.5))
    assert result.metrics["oks_ar"] == pytest.approx(0.5)


def test_visibility_is_judged_where_labels_tell_hidden_ones(tmp_path: Path):
    samples = photos(tmp_path, 1)
    assert "visibility" not in scored(samples, [off(0)]).metrics
    samples[0].visible[LSP14.index("left_knee")] = 1
    assert scored(samples, [off(0)]).metrics["visibility"] == pytest.approx(11 / 12)


def test_measures_without_their_labels_are_left_out(tmp_path: Path):
    samples = photos(tmp_path, 1, skeleton=COCO17)
    samples[0].visible[COCO17.index("right_hip")] = 0
    result = scored(samples, [off(0)])
    assert [name for name in result.metrics if "oks" not in name] == ["pck_box@0.1"]
    assert np.isnan(result.per_joint["nose"])
    assert np.isnan(result.per_person).all()


def test_average_precision_needs_its_extra(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("blazepose.metrics.can_average", lambda: False)
    assert "oks_ap" not in scored(photos(tmp_path, 1), [off(0)]).metrics


def test_limbs_count_on_lsp_and_everything_elsewhere():
    assert len(counted_joints(LSP14)) == 12
    assert counted_joints(LSP14, "all") == LSP14.names
    assert counted_joints(COCO17) == COCO17.names
    assert len(counted_joints(BLAZEPOSE33, "limbs")) == 12
    dog = Skeleton("dog", ("tail",), ())
    assert counted_joints(dog) == ("tail",)
    with pytest.raises(ValueError, match="skeleton dog has none of"):
        counted_joints(dog, "limbs")


def test_json_is_what_the_contract_says(tmp_path: Path):
    samples = photos(tmp_path, 2)
    samples[0].visible[LSP14.index("left_knee")] = 0
    samples[1].visible[LSP14.index("left_knee")] = 0
    content = json.loads(json.dumps(scored(samples, [off(0), None]).to_json(), allow_nan=False))
    assert {k: content[k] for k in ("dataset", "split", "model", "input", "n", "found")} == {
        **{"dataset": "hand", "split": None, "model": "made", "input": "image"},
        **{"n": 2, "found": 1},
    }
    assert content["metrics"]["pck@0.2"] == 0.5
    assert content["per_joint"]["right_knee"] == 0.5
    assert content["per_joint"]["left_knee"] is None
    assert content["complete"] is True
    assert content["ms_per_image"] == 4


def test_two_runs_with_files_of_the_same_name_are_told_apart():
    titles = [replace(SUBJECT, model=f"runs/{run}/best.onnx").title for run in "ab"]
    assert titles == ["a/best.onnx", "b/best.onnx"]
    assert replace(SUBJECT, model="full").title == "full"


def test_every_measure_is_explained(tmp_path: Path):
    samples = photos(tmp_path, 1)
    samples[0].visible[0] = 1
    for name in scored(samples, [off(0)]).metrics:
        assert explain(name)


def test_nobody_to_judge_is_an_error(tmp_path: Path):
    samples = photos(tmp_path, 1)
    samples[0].visible[:] = 0
    with pytest.raises(ValueError, match="at least one person"):
        score(judged(samples, []), SUBJECT)
