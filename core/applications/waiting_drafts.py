"""Telling people that their unit has begun an application for them, and how to come to it.

The message names no password and no code: a person registers with the identity card and a code sent to their own
mobile number, or signs in. Source: 2024 notice §2(3), §3(2).
"""

from datetime import datetime

from core.applications.models import Application
from core.db.session import UnitSession
from core.messages.deadlines import in_words
from core.messages.service import Recipient, notify
from core.plugin_api import Grade, WindowKind
from core.seasons.queries import calendar_now

KIND = "draft_waits"


class Closings:
    """When registration closes for a draft; the calendar of an office is read once, however many drafts ask."""

    def __init__(self, session: UnitSession, year: int) -> None:
        self._session, self._year = session, year
        self._found: dict[tuple[str, int | None], datetime | None] = {}

    def of(self, application: Application) -> datetime | None:
        """The end of registration for the application's place and grade; None where no date is set."""
        key = (application.local_office_id, application.grade)
        if key not in self._found:
            calendar = calendar_now(self._session, application.local_office_id, self._year)
            window = calendar.window(WindowKind.REGISTRATION, Grade(application.grade or Grade.FIVE))
            self._found[key] = None if window is None else window.closes
        return self._found[key]


def tell_of_draft(session: UnitSession, application: Application, closings: Closings) -> None:
    """Tell the person once that a draft waits for them. It goes to the mobile number that is known, if there is one."""
    closes = closings.of(application)
    until = "" if closes is None else f"请于{in_words(closes)}前办理。"
    notify(
        session,
        Recipient(person_id=application.person_id),
        event_key=f"{KIND}:{application.id}",
        office_id=application.office_id,
        kind=KIND,
        title="单位已为您填写申报草稿",
        body=f"{application.unit_name}为您填写了{application.year}年度工勤技能岗位等级考核申报草稿（编号"
        f"{application.reference}），须由您本人核对、上传材料后提交才算报名。{until}{how_to_come_in()}",
        application_id=application.id,
    )


def how_to_come_in() -> str:
    """How a person comes to an application that others began, in a sentence without any password or link."""
    return (
        "没有注册过的，在报名网站用本人居民身份证和手机号注册；注册过的，用身份证号码和密码登录。"
        "网址向单位索取，不要点短信中的链接，不要把密码、验证码告诉他人。"
    )
