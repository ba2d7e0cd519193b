"""What a user can name, and what an import costs."""

import subprocess
import sys

import pytest

import blazepose


def test_the_public_names_are_these_and_all_of_them_load() -> None:
    assert set(blazepose.__all__) == {
        *("Tracker", "estimate", "track_file", "frames", "draw_poses", "read_poses"),
        *("Pose", "Frame", "Detection", "Roi", "Skeleton"),
        *("BlazePoseError", "SourceError", "OutputError", "ModelError"),
        *("DownloadError", "MissingExtraError", "__version__"),
    }
    for name in blazepose.__all__:
        assert getattr(blazepose, name) is not None
    assert set(blazepose.__all__) <= set(dir(blazepose))


def test_an_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="Trakker"):
        _ = blazepose.Trakker


def test_using_everything_public_imports_neither_torch_nor_a_plot_library() -> None:
    code = (
        "import sys, blazepose\n"
        "for name in blazepose.__all__: getattr(blazepose, name)\n"
        "print(sorted({'torch', 'matplotlib', 'scipy', 'pyarrow'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_importing_the_package_loads_no_library() -> None:
    code = "import sys, blazepose; print('numpy' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"
