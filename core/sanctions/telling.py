"""Telling of a case: that something waits, and where; never the accusation, a reason or a measure.

A message goes out by SMS, and lies on a screen that others see. What was said stands on the page, behind the sign-in.
"""

from core.applications.models import Application
from core.db.session import ScopedSession
from core.messages.service import Recipient, notify
from core.sanctions.models import SanctionCase
from core.sanctions.procedure import CaseAction

OWN_PAGE = "请登录系统，打开“我的文书”查看。"
"""Where a person finds what waits for them: the page ``/sanctions/own``."""
_TO_SIGN = ("您有一份文书待签收", f"{OWN_PAGE}办理期限自送达之日起计算。")
_GOES_ON = ("您的文书有新的进展", OWN_PAGE)
_SAID = {
    CaseAction.HEAR: _TO_SIGN,
    CaseAction.DECIDE: _TO_SIGN,
    CaseAction.SERVE: ("您的文书已登记送达", f"{OWN_PAGE}办理期限写在文书中。"),
}


def tell_person(session: ScopedSession, sanction: SanctionCase, action: CaseAction) -> None:
    """Tell the person of a step, once."""
    application = session.get_one(Application, sanction.application_id)
    title, body = _SAID.get(action, _GOES_ON)
    notify(
        session,
        Recipient(person_id=application.person_id),
        event_key=f"sanction.{action}:{sanction.id}:{sanction.version}",
        office_id=sanction.office_id,
        kind=f"sanction_{action}",
        title=title,
        body=body,
        application_id=application.id,
    )


def tell_unit(session: ScopedSession, sanction: SanctionCase) -> None:
    """Tell the unit that a decision about one of its people has effect; what it is they read on the person's page."""
    application = session.get_one(Application, sanction.application_id)
    notify(
        session,
        Recipient(unit_id=application.unit_id),
        event_key=f"sanction.carry_out.unit:{sanction.id}",
        office_id=sanction.office_id,
        kind="sanction_unit",
        title=f"贵单位一份申报有变动：{application.reference}",
        body=f"申报{application.reference}的状态有变动，请登录查看。",
        application_id=application.id,
    )


def tell_office(  # noqa: PLR0917 - a case, the office, and what is said
    session: ScopedSession, sanction: SanctionCase, office_id: str, event: str, title: str, body: str
) -> None:
    """Tell an office of a step; the reason stands on the page of the case."""
    notify(
        session,
        Recipient(office_id=office_id),
        event_key=f"sanction.{event}:{sanction.id}:{sanction.version}",
        office_id=sanction.office_id,
        kind=f"sanction_{event}",
        title=title,
        body=body,
        application_id=sanction.application_id,
    )
