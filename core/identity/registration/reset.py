"""A lost password: applicants prove their mobile number, members of staff get a new one from the issuing office.

Either way every session of the account ends, and the person is told.
"""

from uuid import UUID

from sqlalchemy import bindparam, select, text
from sqlalchemy.types import LargeBinary, Uuid

from core.db.base import new_id
from core.db.session import OfficeSession, ScopedSession, SignInSession
from core.domain.permissions import UNIT_ROLES, Permission
from core.errors import Forbidden, NotFound
from core.identity.models import Account, RoleGrant
from core.identity.records import record
from core.identity.registration import phone_codes
from core.identity.registration.phone_codes import Purpose, SentCode
from core.identity.roles import place_of, recording_office
from core.identity.sign_in import attempts, passwords, service as sign_in, sessions
from core.identity.sign_in.attempts import Sender
from core.identity.sign_in.hashing import Hasher
from core.identity.sign_in.service import Door
from core.messages.service import Recipient, notify
from core.security.keys import Place
from core.text import dates

_CONTACT = (
    text("SELECT person_id, phone FROM applicant_contact(:account)")
    .bindparams(bindparam("account", type_=Uuid))
    .columns(person_id=Uuid(), phone=LargeBinary())
)
_NOBODYS_PHONE = "19900000000"


def begin(session: SignInSession, id_number: str, *, sender: Sender, door: Door) -> SentCode:
    """Send a code to the mobile number that the applicant with this identity number has proved.

    Where there is none, the same is counted, done and taken back, and the answer looks the same: its code fits
    nothing. Raises TooMany, counted as ``attempts.count_code`` says.
    """
    return _send(session, id_number, sign_in.written(session, id_number), sender=sender, door=door)


def send_again(session: SignInSession, code_id: UUID, *, sender: Sender, door: Door) -> SentCode:
    """Send another code for a reset that was asked for; the one before is worth nothing then.

    Raises Invalid an hour after it was asked for, and TooMany while the sender has to wait.
    """
    kept = phone_codes.reopen(session, code_id, Purpose.RESET, keys=door.keys)
    return _send(session, kept["id_number"], kept["counted"], sender=sender, door=door)


def _send(session: SignInSession, id_number: str, counted: str, *, sender: Sender, door: Door) -> SentCode:
    attempts.count_code(session, "reset", counted, sender=sender, keys=door.keys)
    asked = {"id_number": id_number, "counted": counted}
    account_id = sign_in.find_account(session, id_number, keys=door.keys)
    found = session.execute(_CONTACT, {"account": account_id}).one_or_none()
    if found is None or found.phone is None:
        with session.begin_nested() as nothing:
            phone_codes.send_code(session, Purpose.RESET, phone=_NOBODYS_PHONE, content=asked, keys=door.keys)
            nothing.rollback()
        return phone_codes.pretend(session, Purpose.RESET, content=asked, keys=door.keys)
    phone = door.keys.decrypt(found.phone, Place("persons", "phone", found.person_id)).decode()
    content = {**asked, "account_id": str(account_id), "person_id": str(found.person_id)}
    return phone_codes.send_code(session, Purpose.RESET, phone=phone, content=content, keys=door.keys)


def confirm(session: SignInSession, code_id: UUID, code: str, *, new: str, door: Door) -> None:
    """Set a new password by the code. Raises Invalid for the code or the password."""
    kept = phone_codes.take_code(session, code_id, code, keys=door.keys)
    if "account_id" not in kept:
        raise phone_codes.refused()
    account = session.get_one(Account, UUID(kept["account_id"]))
    passwords.set_password(session, account, new, hasher=door.hasher)
    sessions.end_sessions(session, account.id)
    attempts.unlock(session, account.id)
    record(session, "password.reset", account.id)
    _tell(session, account, Recipient(person_id=UUID(kept["person_id"])))


def give_new_password(session: OfficeSession, account_id: UUID, *, hasher: Hasher) -> str:
    """Give a member of staff of the office a new initial password, shown this once, and let them in again.

    NotFound for an account that the office has not issued, Forbidden for one's own and without the permission.
    """
    account = in_care(session, account_id)
    password = passwords.give_initial_password(session, account_id, hasher=hasher)
    sessions.end_sessions(session, account_id)
    attempts.unlock(session, account_id)
    _tell(session, account, place_of(session, account))
    return password


def unlock(session: OfficeSession, account_id: UUID) -> None:
    """Let an account be tried again at once. Raises as ``give_new_password`` does."""
    in_care(session, account_id)
    attempts.unlock(session, account_id)
    record(session, "sign_in.unlocked", account_id)


def end_sessions(session: OfficeSession, account_id: UUID) -> None:
    """End every session of an account. Raises as ``give_new_password`` does."""
    in_care(session, account_id)
    sessions.end_sessions(session, account_id)


def in_care(session: OfficeSession, account_id: UUID) -> Account:
    """The account, if the actor may manage it: officers who run the office a manager's, its staffers all others."""
    account = session.get(Account, account_id)
    if account is None or account.issued_by_office_id != session.office_id or account.ended_at is not None:
        raise NotFound("account_not_found", "没有找到由本机构发放的这个账号。请核对后重试。")
    if account_id == session.actor.account_id:
        raise Forbidden("own_account", "不能为本人办理。请在“我的账号”中修改密码，或由上级机构办理。")
    held = set(session.scalars(select(RoleGrant.role).where(RoleGrant.account_id == account_id)))
    needed = Permission.RUN_OFFICE if held and held <= UNIT_ROLES else Permission.STAFF
    if needed not in session.actor.may_change:
        raise Forbidden("not_staffing", "您的角色不能管理该账号。请由本机构监管人员或上级机构办理。")
    return account


def _tell(session: ScopedSession, account: Account, recipient: Recipient) -> None:
    notify(
        session,
        recipient,
        event_key=f"password.reset:{new_id()}",
        office_id=account.issued_by_office_id or recording_office(session),
        kind="password_reset",
        title="账号密码已重置",
        body=f"“{account.name}”的账号密码已于{dates.short_minute(session.now)}重置，原有登录均已退出。"
        "如非本人要求，请立即联系受理机构。",
    )
