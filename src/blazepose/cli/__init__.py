"""The command line. Only this package prints.

Exit codes: 0 done; 2 wrong use or bad input, with one line on stderr; 1 anything else.
"""

import io
import os
import signal
import sys

ENDS = ("SIGINT", "SIGTERM", "SIGHUP")
"""Signals that end a program with what was done kept; Windows has no SIGHUP."""


def main() -> None:
    """Entry point of `blazepose`."""
    # PyTorch's threads spin while they wait, which on a busy machine makes it several times slower.
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
    # A service that is stopped and a terminal that is closed end a program as Ctrl-C does.
    numbers = [getattr(signal, name) for name in ENDS if hasattr(signal, name)]
    for number in numbers:
        if signal.getsignal(number) is signal.SIG_DFL:  # ignored under nohup
            signal.signal(number, signal.default_int_handler)
    code = run(sys.argv[1:])
    for number in numbers:
        signal.signal(number, signal.SIG_IGN)  # nothing is left to stop but Python's own end
    sys.exit(code)


def run(arguments: list[str]) -> int:
    """Run a command line and return its exit code."""
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")  # names of files need not be UTF-8
    try:
        # Imported here: it takes most of a second, in which Ctrl-C may come as well.
        from blazepose.cli.commands import execute

        return execute(arguments)
    except KeyboardInterrupt:
        sys.stderr.write("stopped\n")
        return 1
