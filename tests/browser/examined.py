"""Candidates with marks, and a panel at work, made over the API as officers would."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from core.db.session import Role
from core.plugin_api import Grade
from tests.callers import Caller
from tests.cases import CITY, YEAR, answers

if TYPE_CHECKING:
    from tests.browser.town import Town


@dataclass(frozen=True)
class Examined:
    """The people of the office, one candidate with marks and one of grade one, and the ids of the rows made."""

    first: Caller
    second: Caller
    judge: Caller
    candidate: Caller
    places: dict[str, str]


def examined(town: Town) -> Examined:
    """Tables confirmed and waiting, a check and a correction that wait, a panel that scores.

    Once for a town: of a trade there is one panel, and of grade three everybody has marks.
    """
    first, second, judge = (town.web.staff(Role.EXAMINER, CITY) for _ in range(3))
    candidate, case = qualified(town, Grade.THREE)
    _one, top = qualified(town, Grade.ONE)
    content = f"申报编号,岗位技能,职业道德,职业能力\n{_reference(first, case)},59,60,缺考"
    take_in(first, second, content)
    take_in(first, second, f"申报编号,职业道德,专业基础知识\n{_reference(first, top)},75,80")
    waiting = propose(
        first, f"申报编号,岗位技能,职业道德,职业能力\n{_reference(first, qualified(town, Grade.FOUR)[1])},70,60,80"
    )
    made(first.post("/outcomes/work-out", {"year": YEAR, "grades": [3]}), 200)
    check = {"subject": "岗位技能", "ground": "own_result", "reason": "与估分相差较大，请核对计分。"}
    made(candidate.post(f"/applications/{case}/score-checks", check))
    correction = {"subject": "职业能力", "mark": 71.5, "reason": "本人到考，漏登成绩。", "evidence": "签到表第3页"}
    made(first.post(f"/applications/{case}/mark-corrections", correction))
    panel = made(first.post("/panels", {"year": YEAR, "name": "第一评审组", "trades": ["LS-1"]}))["id"]
    for at, member in enumerate((judge, first, second)):
        account = member.get("/me").json()["account_id"]
        made(first.post(f"/panels/{panel}/members", {"account_id": account, "chairs": at == 0}))
    made(first.post(f"/panels/{panel}/open"), 200)
    sheet = judge.get("/sheets", year=YEAR).json()[0]["id"]
    places = {"examined": case, "marks_waiting": waiting["id"], "panel": panel, "sheet": sheet}
    return Examined(first, second, judge, candidate, places)


def qualified(town: Town, grade: Grade) -> tuple[Caller, str]:
    """A qualified applicant, and the case."""
    unit_id, applicant = town.web.unit(), town.web.applicant()
    case = town.web.draft(applicant, unit_id, answers(grade))["id"]
    made(applicant.post(f"/applications/{case}/submit", {}), 200)
    town.qualify(case, town.manager(unit_id))
    return applicant, case


def propose(examiner: Caller, content: str) -> dict[str, Any]:
    """Hand a table in."""
    sent = examiner.upload(
        "/mark-imports", content.encode(), year=str(YEAR), file_name="2024年成绩.csv", without_names="true"
    )
    return made(sent)


def take_in(first: Caller, second: Caller, content: str) -> None:
    """Hand a table in, and have another examiner confirm it."""
    handed_in = propose(first, content)
    made(second.post(f"/mark-imports/{handed_in['id']}/confirm", {"digest": handed_in["digest"]}), 200)


def made(answer: Any, status: int = 201) -> dict[str, Any]:
    """The body of an answer that has the expected status."""
    assert answer.status_code == status, answer.text
    return dict(answer.json())


def _reference(examiner: Caller, case: str) -> str:
    return str(made(examiner.get(f"/applications/{case}"), 200)["reference"])
