"""The `kaowu` command: one module per group of commands."""

import click


@click.group()
def main() -> None:
    """Kaowu: run and supervise the yearly grade assessment."""
