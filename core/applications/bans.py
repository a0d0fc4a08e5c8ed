"""A ban keeps a person from applying, from the first step on: no draft is begun, and none is submitted."""

from uuid import UUID

from sqlalchemy import func, select

from core.clock import last_day
from core.db.session import PersonSession, UnitSession
from core.errors import Conflict, Forbidden
from core.text import dates


def check_not_banned(session: PersonSession | UnitSession, person_id: UUID) -> None:
    """Forbidden for a person who may not apply now; Conflict for their unit, which is not told why or until when.

    Source: 2024 notice §4(4), 两年内禁止再次申报.
    """
    until = session.scalar(select(func.person_ban_until(person_id, session.now)))
    if until is None:
        return
    if isinstance(session, UnitSession):
        message = "该人员目前不能申报，原因请本人登录查看。需要了解的，请联系当地工考管理机构。"
        raise Conflict("person_banned", message, at="id_number")
    raise Forbidden(
        "banned",
        f"您在{dates.day(last_day(until))}前不得申报。事由、依据的决定和提出异议的办法，请打开“我的文书”查看。",
    )
