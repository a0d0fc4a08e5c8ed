"""Scans and evidence with what the pages show: a picture, a PDF, one that was wrong, added by the API."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from core.simulate.scans import scan
from tests.browser.examined import made
from tests.callers import Caller
from tests.cases import YEAR
from tests.documents.files import pdf

if TYPE_CHECKING:
    from tests.browser.town import Town


def attach_files(town: Town) -> dict[str, str]:
    """The values of ``{check}``, ``{incident}``, ``{annex}`` and ``{objection}``, each with its files."""
    supervisor, examiner = town.person("supervisor"), town.examined.first
    sanction, panel = town.awards["sanction"], town.examined.places["panel"]
    wrong = _add(supervisor, "sanction_case", sanction, "evidence", title="学校复函")
    more = {"title": "学校复函", "supersedes": wrong, "reason": "拍照不清"}
    _add(supervisor, "sanction_case", sanction, "evidence", **more)
    _add(supervisor, "sanction_case", sanction, "lead", title="举报信", content=pdf())
    _add(town.person("certified"), "sanction_case", sanction, "statement", title="毕业证书")
    _add(supervisor, "delegation", town.delegation(), "instrument", content=pdf())
    (check,) = examiner.get("/score-checks", year=YEAR).json()
    _add(town.examined.candidate, "score_check", check["id"], "request", title="本人说明")
    _add(examiner, "score_check", check["id"], "evidence", title="考试系统作答记录")
    (correction,) = examiner.get("/mark-corrections", year=YEAR).json()
    _add(examiner, "mark_correction", correction["id"], "evidence", title="签到表第3页")
    _add(examiner, "evaluation_panel", panel, "minutes", content=pdf())
    incident = examiner.get("/incidents", year=YEAR).json()[0]["id"]
    _add(examiner, "incident", incident, "evidence", title="备用机启用照片")
    (objection,) = supervisor.get(f"/awards/{town.awards['award_out']}/objections").json()
    _add(supervisor, "objection", objection["id"], "inquiry", title="单位复函")
    return {"check": check["id"], "incident": incident, "objection": objection["id"], "annex": _annex(town)}


def _annex(town: Town) -> str:
    """A form of a manager with its stamped scan."""
    manager = town.person("manager_of_all")
    unit = manager.get("/me").json()["roles"][0]["unit_id"]
    details = {"name": "测试管理员0001", "sex": "female", "department": "人事科", "post": "科员"}
    numbers = {"office_phone": "0379-00000000", "mobile": "13900000000"}
    form = made(manager.post(f"/units/{unit}/manager-forms", details | numbers))
    _add(manager, "manager_form", form["id"], "annex")
    return str(form["id"])


def _add(who: Caller, subject: str, subject_id: str, kind: str, *, content: bytes | None = None, **more: Any) -> str:
    """Add a picture, or another content; its id."""
    asked = {"subject": subject, "subject_id": subject_id, "kind": kind, "file_name": f"{kind}.png", **more}
    sent = who.upload("/attachments", scan(kind) if content is None else content, **asked)
    return str(made(sent)["id"])
