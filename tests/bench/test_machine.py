from dataclasses import replace

from blazepose.bench.machine import Machine, _cores, _processor, this_machine

CPUINFO = """
processor   : 0
model name  : AMD EPYC 9B14
physical id : 0
core id     : 0

processor   : 1
model name  : AMD EPYC 9B14
physical id : 0
core id     : 0

processor   : 2
model name  : AMD EPYC 9B14
physical id : 1
core id     : 0
"""


def test_the_processor_and_its_cores_are_read_where_linux_tells_them():
    assert _processor(CPUINFO) == "AMD EPYC 9B14"
    assert _cores(CPUINFO) == 2
    assert _cores("") is None


def test_this_machine_has_a_processor_and_versions():
    machine = this_machine()
    assert machine.processor
    assert machine.threads >= 1
    assert {"blazepose", "openvino"} <= machine.packages.keys()


def test_a_machine_is_busy_when_others_want_half_of_it():
    idle = Machine("cpu", None, 4, None, "os", "3", {}, 1.9)
    assert not idle.busy
    assert replace(idle, load=2.1).busy
    assert not replace(idle, load=None).busy
    assert idle.title == "cpu, 4 threads, os"
