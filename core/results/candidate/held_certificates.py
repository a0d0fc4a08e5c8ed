"""The certificates that this platform issued to a person in earlier years, beside what the person states of their own.

They are offered in the application in place of being asked for afresh, and compared with the answers: whoever reviews
sees what differs. What another authority issued is not known here, so that a stated certificate without a match is a
note for the reader and no fault.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import select, text
from sqlalchemy.sql import func

from core.clock import SHANGHAI
from core.db.session import OfficeSession, PersonSession, ProvinceSession, UnitSession
from core.plugin_api import Grade

HeldSession = PersonSession | UnitSession | OfficeSession | ProvinceSession
_ANSWERS: Final = ("current_grade", "current_grade_year", "current_trade")


@dataclass(frozen=True, slots=True)
class Held:
    """A certificate of an earlier year, as it is printed; a revoked one is no grade held."""

    number: str
    grade: Grade
    trade: str
    year: int
    issued_at: datetime
    office: str
    revoked: bool

    @property
    def answers(self) -> dict[str, Any]:
        """The answers of the form that state this certificate."""
        year = self.issued_at.astimezone(SHANGHAI).year
        return dict(zip(_ANSWERS, (int(self.grade), year, self.trade), strict=True))


@dataclass(frozen=True, slots=True)
class Compared:
    """What the comparison says: ``differs`` where an answer contradicts a certificate of this platform."""

    differs: bool
    text: str


def held_certificates(session: HeldSession, application_id: UUID) -> list[Held]:
    """The certificates of an application's person from earlier years, the highest grade first."""
    found = session.execute(select(text("*")).select_from(func.held_certificates(application_id)))
    return [Held(row[0], Grade(row[1]), *row[2:]) for row in found]


def offered(held: Sequence[Held], form: Mapping[str, Any]) -> Held | None:
    """The certificate whose facts a form without an answer begins with: the highest that holds; None for none."""
    if any(form.get(item) for item in _ANSWERS):
        return None
    return next((certificate for certificate in held if not certificate.revoked), None)


def compared(held: Sequence[Held], form: Mapping[str, Any], trades: Mapping[str, str]) -> Compared | None:
    """What a form states of the grade held, against the certificates; None where there is nothing to say.

    ``trades`` are the names of trades by their codes.
    """
    stated, trade = form.get("current_grade"), form.get("current_trade")
    in_force = [certificate for certificate in held if not certificate.revoked]
    if stated is None:
        if not in_force:
            return None
        return Compared(True, f"没有填写证书，而系统有{_named(in_force[0], trades)}。")
    same = [certificate for certificate in held if (certificate.grade, certificate.trade) == (Grade(stated), trade)]
    if same:
        return _of_same(same, form, trades)
    higher = [certificate for certificate in in_force if certificate.trade == trade and certificate.grade < stated]
    if higher:
        return Compared(True, f"所填等级低于系统所发的{_named(higher[0], trades)}。")
    if not in_force:
        return None
    named = "、".join(_named(certificate, trades) for certificate in in_force)
    return Compared(False, f"所填证书不是本系统所发，请核对原件；系统所发的有{named}。")


def _of_same(same: Sequence[Held], form: Mapping[str, Any], trades: Mapping[str, str]) -> Compared:
    valid = next((certificate for certificate in same if not certificate.revoked), None)
    if valid is None:
        return Compared(True, f"系统所发的{_named(same[0], trades)}已撤销。")
    year = valid.answers["current_grade_year"]
    if form.get("current_grade_year") not in {year, valid.year}:
        return Compared(True, f"取得年份与系统所发的{_named(valid, trades)}不同，证书为{year}年发放。")
    return Compared(False, f"与系统所发的{_named(valid, trades)}一致。")


def _named(certificate: Held, trades: Mapping[str, str]) -> str:
    trade = trades.get(certificate.trade, certificate.trade)
    return f"{certificate.grade.label}证书{certificate.number}（{trade}，{certificate.office}）"
