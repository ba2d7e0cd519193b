import numpy as np
import pytest

from blazepose.skeleton import (
    BLAZEPOSE33,
    COCO17,
    LIMB_JOINTS,
    LSP14,
    MPII16,
    SKELETONS,
    Skeleton,
    conversion,
    skeleton,
    skeleton_with,
)


def test_the_released_order_of_the_33_points() -> None:
    assert len(BLAZEPOSE33) == 33
    places = {
        "nose": 0,
        "left_ear": 7,
        "left_shoulder": 11,
        "right_hip": 24,
        "right_foot_index": 32,
    }
    assert {name: BLAZEPOSE33.index(name) for name in places} == places


def test_the_joints_of_the_limbs_are_what_all_skeletons_share() -> None:
    shared = set.intersection(*(set(one.names) for one in SKELETONS.values()))
    assert shared == set(LIMB_JOINTS)
    assert len(LIMB_JOINTS) == 12


@pytest.mark.parametrize("one", SKELETONS.values(), ids=SKELETONS)
def test_mirroring_twice_is_no_change_and_sides_swap(one: Skeleton) -> None:
    assert (one.mirror[one.mirror] == np.arange(len(one))).all()
    swap = {"left": "right", "right": "left", "centre": "centre"}
    assert [swap[side] for side in one.sides] == [one.sides[i] for i in one.mirror]


@pytest.mark.parametrize("one", SKELETONS.values(), ids=SKELETONS)
def test_edges_are_drawn_once_and_alike_on_both_sides(one: Skeleton) -> None:
    edges = {frozenset(edge) for edge in one.edges}
    assert {frozenset(int(one.mirror[i]) for i in edge) for edge in edges} == edges
    assert len(edges) == len(one.edges)


@pytest.mark.parametrize("target", [COCO17, LSP14, MPII16])
def test_points_of_the_same_name_are_taken_over(target: Skeleton) -> None:
    weights = conversion(BLAZEPOSE33, target)
    assert weights.sum(axis=1) == pytest.approx(np.ones(len(target)))
    row = weights[target.index("left_knee")]
    assert row[BLAZEPOSE33.index("left_knee")] == 1


def test_the_neck_lies_between_the_shoulders() -> None:
    weights = conversion(BLAZEPOSE33, LSP14)
    neck = weights[LSP14.index("neck")]
    assert set(np.flatnonzero(neck)) == {11, 12}


def test_the_order_of_mpii_s_joints_is_the_release_s() -> None:
    places = {"right_ankle": 0, "pelvis": 6, "head_top": 9, "right_wrist": 10, "left_wrist": 15}
    assert {name: MPII16.index(name) for name in places} == places


def test_a_side_without_partner_mirrors_to_itself() -> None:
    assert Skeleton("rower", ("left_oar", "seat"), ()).mirror.tolist() == [0, 1]


def test_the_smallest_known_skeleton_with_some_names_is_found() -> None:
    assert skeleton_with(["left_knee", "neck"], title="own") is LSP14
    assert skeleton_with(["nose", "left_ear"], title="own") is COCO17
    assert skeleton_with(["left_heel"], title="own") is BLAZEPOSE33
    own = skeleton_with(["barbell", "nose"], title="own")
    assert (own.name, own.names, own.edges) == ("own", ("barbell", "nose"), ())


@pytest.mark.parametrize("names", [[], ["nose", "nose"]])
def test_a_skeleton_has_each_name_once(names: list[str]) -> None:
    with pytest.raises(ValueError, match="each once"):
        skeleton_with(names, title="own")


def test_a_skeleton_without_the_points_says_which_is_missing() -> None:
    with pytest.raises(ValueError, match=r"coco17 cannot be mapped to blazepose33.*left_eye_inner"):
        conversion(COCO17, BLAZEPOSE33)


def test_unknown_names_offer_near_ones() -> None:
    with pytest.raises(ValueError, match="did you mean 'coco17'"):
        skeleton("coco")
    with pytest.raises(ValueError, match="left_knee"):
        COCO17.index("left_nee")
