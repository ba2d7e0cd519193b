"""The command line. Only this package prints.

Exit codes: 0 done; 2 wrong use or bad input, with one line on stderr; 1 anything else.
"""

import sys


def main() -> None:
    """Entry point of `blazepose`."""
    sys.exit(run(sys.argv[1:]))


def run(arguments: list[str]) -> int:
    """Run a command line and return its exit code."""
    try:
        # Imported here: it takes most of a second, in which Ctrl-C may come as well.
        from blazepose.cli.commands import execute

        return execute(arguments)
    except KeyboardInterrupt:
        sys.stderr.write("stopped\n")
        return 1
