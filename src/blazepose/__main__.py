"""`python -m blazepose`: the command line, as torchrun starts it."""

from blazepose.cli import main

if __name__ == "__main__":
    main()
