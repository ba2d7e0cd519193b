import torch

from blazepose.train.average import averaged


def test_the_averaged_weights_of_a_short_phase_are_those_of_its_end() -> None:
    network = torch.nn.Linear(1, 1, bias=False)
    average = averaged(network, 0.999)
    for step in range(200):
        with torch.no_grad():
            network.weight.fill_(step)
        average.update_parameters(network)
    assert 170 < average.module.weight.item() < 199
