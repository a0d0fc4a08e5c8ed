"""Naming responsible persons, with effect from a day. Source: 2024 notice §4(1)."""

from datetime import date

from core.audit import service as audit
from core.db.base import new_id
from core.db.locks import one_at_a_time
from core.db.session import OfficeSession
from core.domain.permissions import Permission
from core.errors import Conflict, Forbidden, Invalid
from core.responsibility.models import ResponsiblePerson
from core.responsibility.queries import entries
from core.responsibility.ranks import Rank
from core.seasons.queries import check_not_ended
from core.text import names
from core.text.dates import day as in_words
from core.text.form_texts import required_text


def name_responsible(
    session: OfficeSession, year: int, rank: Rank, *, name: str, post: str, telephone: str, from_day: date
) -> ResponsiblePerson:
    """Name the person who holds a rank of the session's office from a day on; those before stay on the list.

    A second entry for one day corrects the first. Conflict for a day before that of the latest entry: what was in
    force stays in force. Invalid for a day outside the season's year and the ones beside it.
    """
    check_not_ended(session, year)
    if Permission.RUN_OFFICE not in session.actor.may_change:
        raise Forbidden("not_of_the_office", "责任人由本机构经办人员登记。请联系本机构经办人员。")
    called = names.stored(name)
    held = required_text(post, "请填写职务。", field="post")
    number = checked_telephone(telephone)
    if abs(from_day.year - year) > 1:
        raise Invalid("responsible_day", "起始日期不在本年度前后。请核对年份。", at="from_day")
    one_at_a_time(session, f"responsible:{session.office_id}:{year}")
    before = [entry for entry in entries(session, session.office_id, year) if entry.rank == rank]
    latest = max((entry.from_day for entry in before), default=None)
    if latest is not None and from_day < latest:
        message = f"{rank.label}已登记至{in_words(latest)}起，新的起始日期不能早于这一天。请改正日期。"
        raise Conflict("responsible_earlier", message, at="from_day")
    entry = ResponsiblePerson(
        id=new_id(),
        office_id=session.office_id,
        year=year,
        rank=rank.value,
        name=called,
        post=held,
        telephone=number,
        from_day=from_day,
        entered_at=session.now,
        entered_by=session.actor.account_id,
        entered_by_name=session.actor.name,
    )
    session.add(entry)
    session.flush()
    audit.record_on(session, entry, "responsible.named")
    return entry


def checked_telephone(telephone: str, *, field: str = "telephone") -> str:
    """A telephone number of an office or a person there, with its area code; Invalid, at its field, for others."""
    number = required_text(telephone, "请填写电话。", field=field)
    digits = sum(sign.isdigit() for sign in number)
    if not 7 <= digits <= 20 or any(not (sign.isascii() and (sign.isdigit() or sign in "-+() ")) for sign in number):
        raise Invalid("telephone_malformed", "电话有误，请填写区号和号码，例如0371-00000000。", at=field)
    return number
