"""Starts the command line: ``python -m apps.cli``."""

from apps.cli.app import main

if __name__ == "__main__":
    main()
