"""Cannot be told anything."""

from core.plugin_api import FilingMoveView, MoveView, hookimpl


@hookimpl
def application_moved(move: MoveView) -> None:
    raise ConnectionError(f"no line for {move.move_id}")


@hookimpl
def filing_moved(move: FilingMoveView) -> None:
    raise SystemExit(move.version)
