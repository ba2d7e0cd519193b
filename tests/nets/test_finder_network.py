import torch

from blazepose.nets.finder import POINTS, Finder, centres


def test_every_cell_says_score_box_and_points_in_pixels() -> None:
    out = Finder()(torch.rand(2, 3, 128, 128))
    assert {k: tuple(v.shape) for k, v in out.items()} == {
        "scores": (2, 256, 1),
        "boxes": (2, 256, 4),
        "points": (2, 256, 2 * POINTS),
    }
    low, high = out["boxes"][..., :2], out["boxes"][..., 2:]
    assert (low < centres(128)).all()
    assert (high > centres(128)).all()


def test_only_what_is_asked_for_is_computed() -> None:
    assert set(Finder()(torch.rand(1, 3, 64, 64), ["scores"])) == {"scores"}


def test_a_shift_of_the_picture_shifts_what_is_said() -> None:
    torch.manual_seed(0)
    network = Finder().eval()
    canvas = torch.rand(1, 3, 448, 448)
    with torch.no_grad():
        here = network(canvas[..., :384, :384])["points"].reshape(48, 48, 6)
        there = network(canvas[..., :384, 32 : 384 + 32])["points"].reshape(48, 48, 6)
    moved = here[:, 4:].clone()
    moved[..., 0::2] -= 32
    # Away from the edges, whose black border the network sees.
    assert torch.allclose(moved[20:28, 20:24], there[20:28, 20:24], atol=2.0)
