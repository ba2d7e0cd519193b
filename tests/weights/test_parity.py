"""Imported networks against LiteRT, which runs the released files themselves.

What remains is float32 rounding: LiteRT's own two sets of kernels differ from each other by as
much. It shows most in the mask, whose logits reach -1500 before they are squeezed into 0..1.
"""

import numpy as np
import pytest
import torch
from ai_edge_litert.interpreter import Interpreter

from blazepose.weights.load import load_network

pytestmark = [pytest.mark.weights, pytest.mark.shared]


def _litert(file, images):
    """Outputs of a released file, stacked over images (N, 3, S, S)."""
    interpreter = Interpreter(str(file), num_threads=2)
    interpreter.allocate_tensors()
    details = interpreter.get_output_details()
    outputs = []
    for image in images:
        interpreter.set_tensor(0, image.transpose(1, 2, 0)[None])
        interpreter.invoke()
        outputs.append([interpreter.get_tensor(detail["index"])[0] for detail in details])
    return [np.stack(values) for values in zip(*outputs, strict=True)]


def _both(name, released, crops):
    """Output name -> (PyTorch's, LiteRT's) in the file's layout."""
    network = load_network(released(name)).network.eval()
    images = crops(network)
    with torch.no_grad():
        batches = [network(batch) for batch in torch.from_numpy(images).split(10)]
    ours = {name: torch.cat([batch[name] for batch in batches]) for name in network.outputs}
    theirs = _litert(released(name), images)
    return {
        name: (
            (tensor.permute(0, 2, 3, 1) if tensor.ndim == 4 else tensor)
            .reshape(expected.shape)
            .numpy(),
            expected,
        )
        for (name, tensor), expected in zip(ours.items(), theirs, strict=True)
    }


@pytest.mark.parametrize("name", ["lite", "full", pytest.param("heavy", marks=pytest.mark.slow)])
def test_landmark_networks_agree_with_litert_on_real_crops(name, released, crops):
    pairs = _both(name, released, crops)
    gaps = {output: np.abs(ours - theirs) for output, (ours, theirs) in pairs.items()}
    landmarks = gaps["landmarks"].reshape(-1, 39, 5)
    assert landmarks[..., :3].max() < 0.05  # px
    assert landmarks[..., 3:].max() < 0.01  # logits
    assert gaps["world"].max() < 1e-4  # metres
    assert gaps["presence"].max() < 1e-3
    ours, theirs = (0.5 + 0.5 * np.tanh(logits / 2) for logits in pairs["mask"])
    assert np.quantile(np.abs(ours - theirs), 0.9999) < 1e-3
    assert np.abs(ours - theirs).max() < 0.02


@pytest.mark.parametrize("name", ["detector", "face"])
def test_detectors_agree_with_litert_on_real_pictures(name, released, crops):
    pairs = _both(name, released, crops)
    ours, theirs = pairs["boxes"]
    assert np.abs(ours - theirs).max() < 0.05  # px
    ours, theirs = (0.5 + 0.5 * np.tanh(logits / 2) for logits in pairs["scores"])
    assert np.abs(ours - theirs).max() < 1e-3
