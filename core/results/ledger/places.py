"""Pure: the places of a certificate's paper, and the steps of a batch. Read this before the services.

A paper lies at the office until it is put into a batch, is handed over to a unit, and signed for by its holder; what is
not collected comes back. The notice has no rule for it (2024 notice §3(6) says only 办理合格人员证书).
"""

from collections.abc import Mapping
from typing import Final

from core.text.labels import Labelled


class PaperPlace(Labelled):
    """Where the paper of a certificate is."""

    STOCK = "stock", "在库待发"
    BATCH = "batch", "已编批待移交"
    UNIT = "unit", "已移交单位待签领"
    RECEIVED = "received", "本人已签领"
    TO_RETURN = "to_return", "已失效待收回"
    BACK = "back", "已失效已收回"
    LOST = "lost", "遗失已补办"


class BatchState(Labelled):
    """The states of a batch."""

    MADE = "made", "待移交"
    HANDED_OVER = "handed_over", "已移交，待签领"
    SETTLED = "settled", "已办结"
    CANCELLED = "cancelled", "已撤销"


class ItemState(Labelled):
    """The states of a certificate in a batch."""

    WAITING = "waiting", "待签领"
    RECEIVED = "received", "已签领"
    RETURNED = "returned", "已退回"
    DROPPED = "dropped", "已移出批次"


PLACE_LABELS: Final[Mapping[PaperPlace, str]] = {place: place.label for place in PaperPlace}
BATCH_LABELS: Final[Mapping[BatchState, str]] = {state: state.label for state in BatchState}
ITEM_LABELS: Final[Mapping[ItemState, str]] = {state: state.label for state in ItemState}
AT_OFFICE: Final = frozenset({PaperPlace.STOCK, PaperPlace.BATCH})
"""The places where the office has to act."""
NOT_RECEIVED: Final = AT_OFFICE | {PaperPlace.UNIT}
"""The places of papers in force that their holders have not signed for."""
