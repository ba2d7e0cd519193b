"""Nothing is sent to anybody: no reporter is loaded and no connection is opened."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

import blazepose

WATCHED = """
import sys
opened = []
def watch(event, arguments):
    if event in ("socket.connect", "socket.getaddrinfo", "socket.sendto"):
        opened.append((event, str(arguments[:2])))
sys.addaudithook(watch)
{code}
import time; time.sleep(1)  # a reporter would work in a thread
print("openvino_telemetry" in sys.modules, opened)
"""


@pytest.mark.parametrize(
    "code",
    [
        "import blazepose; [getattr(blazepose, name) for name in blazepose.__all__]",
        "from blazepose.no_telemetry import openvino; openvino.Core()",
        "from blazepose.cli import run; assert run(['models', 'list']) == 0",
    ],
)
def test_no_connection_is_opened(code: str) -> None:
    command = [sys.executable, "-c", WATCHED.format(code=code)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "False []"


def test_openvino_is_imported_only_through_the_module_that_silences_it() -> None:
    root = Path(blazepose.__file__).parent
    wrong = []
    for path in root.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            names = []
            if isinstance(node, ast.Import):
                names = [alias.name for alias in node.names]
            elif isinstance(node, ast.ImportFrom):
                names = [node.module or ""]
            if any(name.split(".")[0] == "openvino" for name in names):
                wrong.append(path.relative_to(root))
    assert set(wrong) == {Path("no_telemetry.py")}


def test_openvino_s_converter_waits_until_somebody_asks() -> None:
    code = (
        "import sys; from blazepose.no_telemetry import openvino; "
        "print('openvino.tools.ovc' in sys.modules, openvino.convert_model.__name__, "
        "hasattr(openvino, 'nothing'), 'openvino_telemetry' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["False", "convert_model", "False", "False"]
