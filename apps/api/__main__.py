"""Starts REST alone: ``python -m apps.api``."""

from apps.api.app import main

if __name__ == "__main__":
    main()
