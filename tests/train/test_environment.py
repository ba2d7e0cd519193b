import json

import torch
from lightning_fabric import Fabric

import blazepose
from blazepose.train.environment import environment


def test_the_environment_says_what_ran_where():
    found = json.loads(json.dumps(environment(Fabric(accelerator="cpu"), precision="32-true")))
    assert found["packages"]["blazepose"] == blazepose.__version__
    assert found["packages"]["torch"].split("+")[0] == torch.__version__.split("+")[0]
    assert found["precision"] == "32-true"
    assert (found["device"], found["processes"]) == ("cpu", 1)
    assert found["threads"] == torch.get_num_threads()
    assert found["processor"]
    assert found["cores"] >= 1
