"""Pure: the papers of a case, the ways to serve them (送达), and when a served paper counts as served."""

from datetime import date, datetime, timedelta
from typing import Final

from core.clock import start_of
from core.errors import Invalid
from core.text import dates
from core.text.labels import Labelled


class PaperKind(Labelled):
    """What is served: with the opening of a case two papers as one, the notice of it and of the right to be heard."""

    NOTICE = "notice", "立案告知书、陈述申辩告知书"
    DECISION = "decision", "处理决定书"


class ServiceWay(Labelled):
    """How a paper reaches the person."""

    PAGE = "page", "本人登录签收"
    IN_PERSON = "in_person", "直接送达"
    POST = "post", "邮寄送达"
    PUBLIC_NOTICE = "public_notice", "公告送达"


BY_OFFICE: Final = (ServiceWay.IN_PERSON, ServiceWay.POST, ServiceWay.PUBLIC_NOTICE)
"""The ways that an office records; the first one the person takes themselves."""

PUBLIC_NOTICE_DAYS: Final = 30
"""A paper served by public notice counts as served so many days after it. Source: 民事诉讼法 §95 (2023)."""


def served(way: ServiceWay, day: date, *, issued: date, today: date) -> datetime:
    """When a paper counts as served that was handed over, delivered or put up on ``day``.

    Invalid for a day before the paper was made or after today.
    """
    if not issued <= day <= today:
        message = f"送达日期须在文书作出之日（{dates.day(issued)}）至今天之间。请核对送达回执或邮寄回单。"
        raise Invalid("service_day", message, at="day")
    waits = PUBLIC_NOTICE_DAYS if way is ServiceWay.PUBLIC_NOTICE else 0
    return start_of(day + timedelta(days=waits))
