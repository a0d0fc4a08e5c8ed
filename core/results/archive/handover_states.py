"""Pure: the states of a hand-over and the papers on its list. Read this before the services.

The notice has 归档材料 (2024 notice §3(6)) and no procedure for handing them over: the lists follow the usual 移交清单,
signed by both sides. A unit keeps the personnel files (人事档案) of its people, from which it reviews (§2(2)).
"""

from typing import Final

from core.text.labels import Labelled


class HandoverState(Labelled):
    """The states of a hand-over."""

    HANDED_OVER = "handed_over", "已移交，待接收"
    RECEIVED = "received", "已接收"
    RETURNED = "returned", "单位退回"
    WITHDRAWN = "withdrawn", "已收回"


class Matter(Labelled):
    """What a line of a unit's list is about, and the papers that it names."""

    CERTIFICATE = "certificate", "申报表1份，考核结果和证书登记1份"
    REVOCATION = "revocation", "证书撤销通知1份（归入原申报材料）"


AT_RECEIVER: Final = frozenset({HandoverState.HANDED_OVER, HandoverState.RETURNED})
"""The states in which a receipt may be noted."""
