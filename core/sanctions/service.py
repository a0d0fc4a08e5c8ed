"""Bans: imposing one, taking one over from paper by two officers, and lifting it."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import select

from core.audit import service as audit
from core.clock import SHANGHAI, start_of
from core.db.base import new_id
from core.db.session import OfficeSession, ProvinceSession
from core.errors import Conflict, Forbidden, Invalid, NotFound
from core.messages.service import Recipient, notify
from core.sanctions.models import Ban, SanctionCase
from core.sanctions.procedure import CaseState
from core.sanctions.telling import OWN_PAGE
from core.tenancy.config.office import BanStart
from core.text.form_texts import required_text


def impose_ban(session: OfficeSession | ProvinceSession, sanction: SanctionCase, *, person_id: UUID) -> Ban:
    """Bar a person from applying, in every office, by a final case; the person is told why.

    Source: 2024 notice §4(4), 两年内禁止再次申报. Raises Conflict for a case that is not final or orders no ban.
    """
    if sanction.state != CaseState.FINAL or not sanction.ban_years or sanction.ban_begins is None:
        raise Conflict("ban_without_case", "禁止申报须以已生效的违规处理决定为依据。请先办理违规案件。")
    ban = Ban(
        id=new_id(),
        person_id=person_id,
        application_id=sanction.application_id,
        case_id=sanction.id,
        reason=sanction.facts,
        begins=sanction.ban_begins,
        ends=_years_later(sanction.ban_begins, sanction.ban_years),
    )
    _add(session, ban)
    _record(session, "ban.imposed", ban)
    _tell_imposed(session, ban)
    return ban


def take_over_ban(
    session: ProvinceSession, *, person_id: UUID, reason: str, instrument: str, begins: datetime, years: int = 2
) -> Ban:
    """Enter a ban of earlier years that was decided on paper: by the province alone, with the decision's number.

    It holds when a second officer has confirmed it, and the person is told then. Raises Invalid without a reason or the
    decision's number, for a future beginning or less than one year.
    """
    faults = {}
    if not reason.strip():
        faults["reason"] = "请写明禁止申报的事实和依据。"
    if not instrument.strip():
        faults["instrument"] = "请填写原处理决定的文号。没有书面决定的，请通过违规案件办理。"
    if begins > session.now:
        faults["begins"] = "补录的是以往作出的决定，起始时间不能晚于现在。"
    if years < 1:
        faults["years"] = "禁止申报的年限至少为1年。请改正。"
    if faults:
        raise Invalid("ban_incomplete", "".join(faults.values()), fields=faults)
    ban = Ban(
        id=new_id(),
        person_id=person_id,
        instrument=instrument.strip(),
        reason=reason.strip(),
        begins=begins,
        ends=_years_later(begins, years),
    )
    _add(session, ban)
    _record(session, "ban.taken_over", ban)
    return ban


def confirm_ban(session: ProvinceSession, ban_id: UUID) -> Ban:
    """Confirm a ban of earlier years against its paper: it holds from now on, and the person is told.

    Raises Forbidden for the officer who entered it, and Conflict where it has been confirmed or refused.
    """
    ban = _unconfirmed(session, ban_id)
    if ban.decided_by == session.actor.account_id:
        raise Forbidden("ban_own_entry", "录入人不能核对自己录入的决定。请由省中心另一人与原处理决定核对。")
    ban.confirmed_at, ban.confirmed_by = session.now, session.actor.account_id
    ban.confirmed_by_name = session.actor.name
    session.flush()
    _record(session, "ban.imposed", ban)
    _tell_imposed(session, ban)
    return ban


def refuse_ban(session: ProvinceSession, ban_id: UUID, *, reason: str) -> Ban:
    """Refuse a ban that was entered: it never holds. The center, which entered it, is told why.

    Raises Invalid without a reason, and Conflict where it has been confirmed or refused.
    """
    ban = _unconfirmed(session, ban_id)
    ban.lifted_at, ban.lift_reason = session.now, required_text(reason, "请写明不予补录的理由。")
    session.flush()
    _record(session, "ban.refused", ban)
    notify(
        session,
        Recipient(office_id=ban.office_id),
        event_key=f"ban.refused:{ban.id}",
        office_id=ban.office_id,
        kind="ban_refused",
        title="以往的禁止申报决定未予补录",
        body="理由请打开登记查看。",
    )
    return ban


def _unconfirmed(session: ProvinceSession, ban_id: UUID) -> Ban:
    ban = _locked(session, ban_id)
    if ban.holds_from_the_start or ban.lifted_at is not None:
        raise Conflict("ban_settled", "这项决定已经核对或未予补录，无需再次办理。请刷新页面。")
    return ban


def _locked(session: ProvinceSession, ban_id: UUID) -> Ban:
    ban = session.scalar(select(Ban).where(Ban.id == ban_id).with_for_update())
    if ban is None:
        raise NotFound("ban_not_found", "没有找到该禁止申报决定。请核对后重试。")
    return ban


def _add(session: OfficeSession | ProvinceSession, ban: Ban) -> None:
    ban.office_id, ban.decided_at, ban.decided_by = session.office_id, session.now, session.actor.account_id
    ban.decided_by_name = session.actor.name
    session.add(ban)
    session.flush()


def _tell_imposed(session: OfficeSession | ProvinceSession, ban: Ban) -> None:
    _tell(session, ban, event="imposed", title="您有一项决定待查看", body=OWN_PAGE)


def check_years(years: int, *, most: int) -> None:
    """Invalid for more years than the province's rules allow (``eligibility.ban_years``)."""
    if years > most:
        raise Invalid("ban_too_long", f"按省级规定，禁止申报最长{most}年。请改正。", at="years")


def ban_begins(start: BanStart, *, year: int, decided_at: datetime) -> datetime:
    """The beginning of a ban by ``eligibility.ban_start``: the decision, or the first day of the season.

    Henan's rule is not known, so it is a setting. Source: 2024 notice §4(4).
    """
    return start_of(date(year, 1, 1)) if start is BanStart.SEASON else decided_at


def lift_ban(session: ProvinceSession, ban_id: UUID, *, reason: str) -> Ban:
    """Lift a ban of any office before its end: by the province alone, since no lower office undoes a final decision.

    Raises Invalid without a reason and Conflict where it was lifted or has ended.
    """
    ban = _locked(session, ban_id)
    if not ban.holds_from_the_start:
        raise Conflict("ban_unconfirmed", "这项决定尚未核对生效，不用解除。不应补录的，请选择不予补录。")
    if ban.lifted_at is not None or ban.ends <= session.now:
        raise Conflict("ban_over", "该禁止申报决定已经解除或期满，无需再次解除。")
    if not reason.strip():
        raise Invalid("lift_reason_missing", "请写明解除禁止申报的理由，当事人将看到这段文字。", at="reason")
    ban.lifted_at, ban.lift_reason = session.now, reason.strip()
    session.flush()
    _record(session, "ban.lifted", ban)
    _tell(session, ban, event="lifted", title="您的一项决定已经解除", body=OWN_PAGE)
    return ban


def _years_later(moment: datetime, years: int) -> datetime:
    """The same time in Shanghai this number of years later; from 29 February to 1 March where there is no 29th."""
    local = moment.astimezone(SHANGHAI)
    try:
        return local.replace(year=local.year + years)
    except ValueError:
        return local.replace(year=local.year + years, month=3, day=1)


def _record(session: OfficeSession | ProvinceSession, kind: str, ban: Ban) -> None:
    subject = audit.RecordSubject(session.office_id, "ban", ban.id)
    audit.record_on(
        session,
        subject,
        kind,
        person=str(ban.person_id),
        case=None if ban.case_id is None else str(ban.case_id),
        begins=ban.begins.isoformat(),
        ends=ban.ends.isoformat(),
    )


def _tell(session: OfficeSession | ProvinceSession, ban: Ban, *, event: str, title: str, body: str) -> None:
    notify(
        session,
        Recipient(person_id=ban.person_id),
        event_key=f"ban.{event}:{ban.id}",
        office_id=ban.office_id,
        kind=f"ban_{event}",
        title=title,
        body=body,
        application_id=ban.application_id,
    )
