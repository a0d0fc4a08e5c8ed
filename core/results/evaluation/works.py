"""A candidate's works (业绩) as members read them: written by somebody of the office who is no member, naming nobody.

The papers of an application show names and seals; an officer who sees the identity tells what they prove.
"""

from typing import Final
from uuid import UUID

from sqlalchemy import select

from core.applications.models import Application
from core.audit import service as audit
from core.db.session import OfficeSession
from core.errors import Conflict, Forbidden, Invalid, NotFound
from core.results.evaluation.queries import panel_scoring
from core.results.models.evaluation import EvaluationSheet, PanelCandidate, PanelIdentity
from core.text.form_texts import required_text

LONGEST: Final = 2000


def describe(session: OfficeSession, panel_id: UUID, number: int, works: str) -> None:
    """Tell the members of a panel that scores what a number has done.

    Raises Forbidden for members, who see no identities, Invalid for a text that names the person or the unit, and
    Conflict once a sheet on the number is in: all members judge the same.
    """
    found = panel_scoring(session, panel_id)
    works = required_text(works, "请填写业绩材料。", field="works")
    if len(works) > LONGEST:
        raise Invalid("works_long", f"业绩材料不能超过{LONGEST}字。请精简。", at="works")
    wanted = select(PanelCandidate).where(PanelCandidate.panel_id == panel_id, PanelCandidate.number == number)
    candidate = session.scalar(wanted)
    if candidate is None:
        raise NotFound("number_not_found", "评审组没有这个编号。请刷新页面。")
    behind = (
        select(Application.person_name, Application.unit_name)
        .join(PanelIdentity, PanelIdentity.application_id == Application.id)
        .where(PanelIdentity.candidate_id == candidate.id)
    )
    names = session.execute(behind).one_or_none()
    if names is None:
        raise Forbidden("blind_member", "您是本组评委，评分结束前不能填写业绩材料。请由其他考评人员填写。")
    bare = "".join(works.split())
    if any(name in bare for name in names):
        raise Invalid("works_name_somebody", "业绩材料中有考生的姓名或单位名称，请改写后再保存。", at="works")
    judged = (EvaluationSheet.candidate_id == candidate.id) & (EvaluationSheet.state == "submitted")
    if session.scalar(select(EvaluationSheet.id).where(judged).limit(1)) is not None:
        raise Conflict("works_judged", f"已有评委提交了{number}号的评分，业绩材料不能再改。")
    candidate.works = works
    session.flush()
    digest = audit.digest_of(works).hex()
    audit.record_on(session, found, "panel.works_described", number=number, digest=digest)
