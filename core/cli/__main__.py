"""Starts the `kaowu` command where no console script is at hand: `python -m core.cli`."""

from core.cli import main

main()
