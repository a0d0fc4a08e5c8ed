"""The annex form of the notice (网上报名管理人员信息登记表): how a unit gets the manager of its registration.

The unit files it, the office of the same level accepts it and hands out an account; a new form is filed at every change
of person, and its acceptance ends the account of the one before. Source: 2024 notice §3(1) and its annex.
"""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy import select

from core.audit import service as audit
from core.db.base import new_id
from core.db.refusals import in_words
from core.db.rows import own_row
from core.db.session import OfficeSession, Role, UnitSession
from core.domain.mobile import parse_mobile
from core.errors import Conflict, Invalid, NotFound
from core.identity import service as identity
from core.identity.models import Account, RoleGrant
from core.identity.registration.reset import give_new_password
from core.identity.roles import grant_role
from core.identity.sign_in.hashing import Hasher
from core.identity.sign_in.passwords import give_initial_password
from core.messages.service import Recipient, notify
from core.organizations.models import ManagerForm, Unit
from core.organizations.queries import is_department, unit_in_charge_of
from core.plugin_api import Sex
from core.security.keys import KeyProvider, Place
from core.text import names
from core.text.form_texts import checked_text

FIELD_LABELS: Final = {
    "name": "姓名",
    "sex": "性别",
    "department": "所在部门",
    "post": "职务",
    "office_phone": "办公电话",
    "mobile": "手机号码",
}
SCAN: Final = "scan"
"""The stamped scan, which can be found wanting like a field."""
RETURNABLE: Final[Mapping[str, str]] = {**FIELD_LABELS, SCAN: "盖章扫描件"}
"""What an office may name when it returns a form: every field, and the scan."""


@dataclass(frozen=True, slots=True)
class ManagerDetails:
    """The fields of the annex form, all of them required. ``sex`` is ``male`` or ``female``."""

    name: str
    sex: str
    department: str
    post: str
    office_phone: str
    mobile: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class IssuedAccess:
    """The account of a new manager. It has no password yet: the office gives it one when it hands the account over."""

    account_id: UUID
    login: str


@dataclass(frozen=True, slots=True)
class AccessLetter:
    """The letter to a new manager. Its password stands nowhere else: of it only a hash is kept."""

    unit: str
    name: str
    login: str
    password: str = field(repr=False)


def file_manager_form(
    session: UnitSession | OfficeSession,
    unit_id: UUID,
    *,
    details: ManagerDetails,
    keys: KeyProvider,
    stamped_scan_sha256: str = "",
) -> ManagerForm:
    """File the form of a unit; for a unit without an account yet, its office files it from the stamped paper.

    It goes to the office of the unit's own level. Raises Invalid naming every field that is missing or wrong.
    """
    unit = unit_in_charge_of(session, unit_id)
    complete = checked(details)
    form_id = new_id()
    form = ManagerForm(
        id=form_id,
        unit_id=unit.id,
        office_id=session.office_id if isinstance(session, OfficeSession) else unit.local_office_id,
        name=complete.name,
        sex=complete.sex,
        department=complete.department,
        post=complete.post,
        office_phone=complete.office_phone,
        mobile=keys.encrypt(complete.mobile.encode(), Place("manager_forms", "mobile", form_id)),
        stamped_scan_sha256=stamped_scan_sha256,
        state="filed",
        filed_at=session.now,
    )
    session.add(form)
    session.flush()
    audit.record_on(session, form, "manager_form.filed")
    notify(
        session,
        Recipient(office_id=form.office_id),
        event_key=f"manager_form.filed:{form.id}",
        office_id=form.office_id,
        kind="manager_form_filed",
        title="有新的网上报名管理人员信息登记表",
        body=f"“{unit.name}”报送了{form.name}的网上报名管理人员信息登记表，请受理。",
    )
    return form


def accept_manager_form(session: OfficeSession, form_id: UUID) -> IssuedAccess:
    """Accept a form, end the account of the manager before, and open one for the new manager.

    The manager of a unit that has units below also reviews as their department, and begins in that role when signing
    in: more work waits there. Raises Conflict where the form was decided already or the unit has ended.
    """
    form = _undecided(session, form_id)
    unit = unit_in_charge_of(session, form.unit_id)
    _supersede(session, unit)
    above = is_department(session, unit.id)
    account = identity.issue_account(
        session,
        login=f"unit-{secrets.token_hex(4)}",
        name=form.name,
        role=Role.DEPARTMENT_REVIEWER if above else Role.UNIT_MANAGER,
        unit_id=unit.id,
        valid_from=session.now,
    )
    form.account_id = account.id
    _decide(session, form, state="accepted")
    if above:
        grant_role(session, account.id, role=Role.UNIT_MANAGER, unit_id=unit.id, valid_from=session.now)
    _tell_unit(session, form, title="网上报名管理人员登记表已受理", body=f"本单位网上报名管理人员已登记为{form.name}。")
    return IssuedAccess(account.id, account.login)


def issue_access(session: OfficeSession, form_id: UUID, *, seen: datetime | None, hasher: Hasher) -> AccessLetter:
    """Give the manager of an accepted form a first password, and return the letter that tells it, this once.

    ``seen`` is the moment of the latest letter as the officer saw it, None for the first: a page that is sent twice
    issues no second password unnoticed. A later letter makes the password before it void and ends every session.
    Raises Conflict where another letter was printed since, or the form does not hold (any more).
    """
    form = form_of_office(session, form_id, locked=True)
    if form.state != "accepted" or form.account_id is None:
        raise Conflict("manager_form_not_in_force", "该登记表没有受理或已被更换，不能发放账号。请刷新页面查看。")
    if form.access_issued_at != seen:
        raise Conflict(
            "access_issued_already", "该账号的密码函已经打印过。原函遗失的，请刷新页面后重新打印，原密码随即失效。"
        )
    account = session.get_one(Account, form.account_id)
    if seen is None:
        password = give_initial_password(session, account.id, hasher=hasher)
    else:
        password = give_new_password(session, account.id, hasher=hasher)
    form.access_issued_at = session.now
    session.flush()
    audit.record_on(session, form, "manager_form.access_issued", again=seen is not None)
    return AccessLetter(session.get_one(Unit, form.unit_id).name, form.name, account.login, password)


def return_manager_form(
    session: OfficeSession, form_id: UUID, *, remark: str = "", faults: Mapping[str, str] | None = None
) -> ManagerForm:
    """Send a form back: ``faults`` say field by field what to mend, ``remark`` what concerns the whole.

    The unit files a new one. Raises Invalid where neither is given, or a field is none of ``RETURNABLE``.
    """
    found = {name: text for name, given in (faults or {}).items() if (text := checked_text(given, field=name))}
    unknown = found.keys() - RETURNABLE.keys()
    if unknown:
        raise Invalid(
            "manager_form_field_unknown", "登记表没有这一项：" + "、".join(sorted(unknown)) + "。请刷新页面。"
        )
    said = checked_text(remark, field="remark")
    if not said and not found:
        raise Invalid("remark_missing", "请写明退回原因，以便单位改正。", at="remark")
    form = _undecided(session, form_id)
    form.remark, form.faults = said, found
    _decide(session, form, state="returned")
    _tell_unit(session, form, title="网上报名管理人员登记表被退回", body=f"{_reasons(form)}请改正后重新报送。")
    return form


def _reasons(form: ManagerForm) -> str:
    """The reasons of a returned form in one sentence each, the fields in the form's order."""
    by_field = [f"{label}：{form.faults[name]}" for name, label in RETURNABLE.items() if name in form.faults]
    parts = [f"退回原因：{form.remark}"] if form.remark else []
    return "".join(part if part.endswith(("。", "！", "？")) else f"{part}。" for part in [*parts, *by_field])


def let_review_as_department(session: OfficeSession, unit_id: UUID) -> None:
    """Give the unit's present manager, if there is one, the review of the units below, unless they have it."""
    form = session.scalar(select(ManagerForm).where(ManagerForm.unit_id == unit_id, ManagerForm.state == "accepted"))
    if form is None or form.account_id is None:
        return
    held = select(RoleGrant.id).where(
        RoleGrant.account_id == form.account_id,
        RoleGrant.role == Role.DEPARTMENT_REVIEWER.value,
        RoleGrant.valid_until.is_(None),
    )
    if not session.scalar(select(held.exists())):
        grant_role(session, form.account_id, role=Role.DEPARTMENT_REVIEWER, unit_id=unit_id, valid_from=session.now)


def _supersede(session: OfficeSession, unit: Unit) -> None:
    """End the form and the account that hold for the unit, and those of the units that it carries on."""
    before = select(Unit.id).where(Unit.successor_id == unit.id)
    forms = session.scalars(
        select(ManagerForm)
        .where(ManagerForm.unit_id.in_(before) | (ManagerForm.unit_id == unit.id))
        .where(ManagerForm.state == "accepted")
    )
    for form in forms:
        form.state = "superseded"
        account = session.get(Account, form.account_id)
        if account is not None and account.ended_at is None:
            identity.end_account(session, account.id)
        audit.record_on(session, form, "manager_form.superseded")
    session.flush()


def form_of_office(session: OfficeSession, form_id: UUID, *, locked: bool = False) -> ManagerForm:
    """A form that the office was sent; NotFound otherwise."""
    refusal = NotFound("manager_form_not_found", "没有找到该登记表。请核对后重试。")
    return own_row(session, ManagerForm, form_id, refusal, locked=locked)


def _undecided(session: OfficeSession, form_id: UUID) -> ManagerForm:
    form = form_of_office(session, form_id, locked=True)
    if form.state != "filed":
        raise Conflict("manager_form_decided", "该登记表已经办理，不能重复办理。请刷新页面查看结果。")
    return form


def _decide(session: OfficeSession, form: ManagerForm, *, state: str) -> None:
    """Write the decision; the index on accepted forms notices one that another office had accepted."""
    with in_words(), session.begin_nested():
        form.state = state
        form.decided_at = session.now
        form.decided_by = session.actor.account_id
        session.flush()
    audit.record_on(session, form, f"manager_form.{state}")


def _tell_unit(session: OfficeSession, form: ManagerForm, *, title: str, body: str) -> None:
    notify(
        session,
        Recipient(unit_id=form.unit_id),
        event_key=f"manager_form.{form.state}:{form.id}",
        office_id=form.office_id,
        kind=f"manager_form_{form.state}",
        title=title,
        body=body,
    )


def checked(details: ManagerDetails) -> ManagerDetails:
    """The details without blanks at their ends, with a valid mobile number; Invalid names every faulty field."""
    cleaned = {entry.name: getattr(details, entry.name).strip() for entry in fields(details)}
    faults = {name: f"请填写{FIELD_LABELS[name]}。" for name, value in cleaned.items() if not value}
    if cleaned["name"]:
        try:
            cleaned["name"] = names.stored(details.name)
        except Invalid as refusal:
            faults |= refusal.fields
    if cleaned["sex"] and cleaned["sex"] not in frozenset(Sex):
        faults["sex"] = "性别应为男或女。"
    if cleaned["mobile"]:
        try:
            cleaned["mobile"] = parse_mobile(cleaned["mobile"])
        except Invalid as refusal:
            faults |= refusal.fields
    if faults:
        raise Invalid("manager_form_incomplete", "登记表填写不完整或有误：" + "".join(faults.values()), fields=faults)
    return ManagerDetails(**cleaned)
