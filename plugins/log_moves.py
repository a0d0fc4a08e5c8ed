"""Writes every move of an office's cases and filings to the log, for a city that collects logs of its own."""

import logging

from core.plugin_api import FilingMoveView, MoveView, hookimpl

log = logging.getLogger("kaowu.moves")


@hookimpl
def application_moved(move: MoveView) -> None:
    """One line with ids and states; the move's id tells a second delivery from a second move."""
    log.info("move %s: application %s, %s to %s", move.move_id, move.application_id, move.from_state, move.to_state)


@hookimpl
def filing_moved(move: FilingMoveView) -> None:
    """The same for a filing."""
    log.info("move %s: filing %s, version %d, %s", move.move_id, move.filing_id, move.version, move.to_state)
