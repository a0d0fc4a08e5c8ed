"""The settings of an office about admission tickets and the exam day, with their defaults."""

from datetime import datetime, time, timedelta
from typing import Annotated

from pydantic import Field, StringConstraints

from core.clock import SHANGHAI
from core.tenancy.config.types import Table

Days = Annotated[int, Field(strict=True, ge=0, le=365)]
Minutes = Annotated[int, Field(strict=True, ge=1, le=180)]
_Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]

COMMITMENT = (
    "本人已阅读并将遵守考场规则，所填报的信息和提交的材料真实有效；如有违纪违规或者弄虚作假，自愿接受取消资格、"
    "成绩无效等处理。"
)
NOTES = (
    "请持本准考证和本人有效居民身份证原件，在开考前30分钟到达考点，经核验后入场；证件不全的不得入场。",
    "按准考证上的场次、考场和座位号入座，不得自行调换。",
    "手机等具有通信、存储功能的设备不得带入考场座位。",
    "服从监考人员管理；遇机器故障请举手示意，由监考人员安排备用机，不影响考试时间。",
)


class TicketsTable(Table):
    """The window in which candidates print their admission tickets, and the conditions.

    The window opens ``opens_days_before`` days before a candidate's first sitting at ``opens_at``, and closes likewise.
    """

    opens_days_before: Days = 7
    opens_at: time = time(16)
    closes_days_before: Days = 1
    closes_at: time = time(16)
    training_required: Annotated[bool, Field(strict=True)] = False
    commitment: _Text = COMMITMENT
    notes: tuple[_Text, ...] = NOTES

    def window(self, first_sitting: datetime) -> tuple[datetime, datetime]:
        """The half-open window for printing a ticket whose first sitting begins at ``first_sitting``."""
        day = first_sitting.astimezone(SHANGHAI).date()
        opens = datetime.combine(day - timedelta(days=self.opens_days_before), self.opens_at, SHANGHAI)
        return opens, datetime.combine(day - timedelta(days=self.closes_days_before), self.closes_at, SHANGHAI)


class ExamDayTable(Table):
    """When an exam day rings: a site has to be open ``opened_minutes_before`` its sitting.

    The offices above one that reports an emergency say within ``acknowledged_minutes`` that they have received it. An
    office may ask for an earlier opening and a faster answer than the level above, and never for less.
    """

    opened_minutes_before: Minutes = 30
    acknowledged_minutes: Minutes = 10
