"""The console that commands print their tables on."""

from rich.console import Console


def table_console() -> Console:
    """A terminal's own width; a pipe gets lines that are not folded."""
    console = Console()
    return console if console.is_terminal else Console(width=220)
