import subprocess
import sys

import blazepose.shapes
from blazepose.shapes import Float32


def test_tests_check_shapes_by_jaxtyping() -> None:
    import jaxtyping

    assert Float32 is jaxtyping.Float32


def test_in_use_nothing_is_imported_for_shapes() -> None:
    code = (
        "import sys, blazepose; [getattr(blazepose, name) for name in blazepose.__all__]; "
        "from blazepose import shapes; print('jaxtyping' in sys.modules, "
        "*(getattr(shapes, name)[object, 'K 3'] for name in shapes.__all__))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["False", *["typing.Any"] * len(blazepose.shapes.__all__)]
