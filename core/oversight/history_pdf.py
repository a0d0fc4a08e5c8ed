"""Papers of oversight: the whole history of a case, and the center's receipt for a filing."""

from textwrap import wrap
from typing import Final
from uuid import UUID

from core.applications.queries import ReaderSession, application
from core.db.session import ROLE_LABELS, ScopedSession
from core.domain.workflow import STATE_LABELS, State
from core.errors import Conflict
from core.oversight.case_history import StoryLine, tell_story
from core.oversight.filings_due import KIND_LABELS, FilingState
from core.oversight.queries import filing
from core.plugin_api import FilingKind
from core.printing.pdf import PrintedPaper, pdf
from core.tenancy.models import Office
from core.text.filters import day, minute

_GROUP: Final = 12
"""The characters of an id or a digest after which a line may break."""


def history_pdf(session: ReaderSession, application_id: UUID) -> PrintedPaper:
    """Everything that happened to a case, oldest first; the identity number stays masked."""
    case = application(session, application_id)
    title = "案件办理经过"
    data = {
        "title": title,
        "footer": f"{title}　{case.reference}",
        "digest": "",
        "code": "",
        "facts": [
            ("申报编号", case.reference),
            ("年度", f"{case.year}年度"),
            ("姓名", case.person_name),
            ("身份证后四位", case.id_tail),
            ("单位", case.unit_name or "—"),
            ("现状", STATE_LABELS[State(case.state)]),
        ],
        "rows": [(minute(line.at), line.sentence, _proof(line)) for line in tell_story(session, application_id)],
        "made_by": f"{ROLE_LABELS[session.actor.role]} {session.actor.name}",
        "made_at": minute(session.now),
    }
    return PrintedPaper(pdf("case_history", data), f"{title}-{case.reference}.pdf")


def receipt_pdf(session: ScopedSession, filing_id: UUID) -> PrintedPaper:
    """The receipt (备案回执) of a filing. Conflict where the center has not received it."""
    found = filing(session, filing_id)
    if found.state != FilingState.RECEIVED or found.receipt_number is None:
        raise Conflict("filing_not_received", "省中心尚未接收这份备案，没有回执。请待接收后再打印。")
    office, center = session.get_one(Office, found.office_id).name, session.get_one(Office, found.to_office_id).name
    kind = KIND_LABELS[FilingKind(found.kind)]
    facts = [
        ("备案号", found.receipt_number),
        ("备案事项", f"{found.year}年度{kind}（第{found.version}版）"),
        ("报送时间", minute(found.filed_at) + ("（逾期）" if found.late else "")),
        ("接收时间", minute(found.decided_at)),
        ("内容校验值", _broken(found.digest)),
    ]
    if found.record_head:
        facts.append(
            ("办理记录", f"截至接收时封存至第{found.record_batch}批，校验值 {_broken(found.record_head.hex())}")
        )
    data = {
        "title": "备案回执",
        "footer": f"备案回执　{found.receipt_number}",
        "digest": found.digest,
        "code": f"备案回执 {found.receipt_number} {found.digest}",
        "office": office,
        "text": f"你单位报送的{found.year}年度机关事业单位工勤技能岗位等级考核{kind}收悉，准予备案。",
        "facts": facts,
        "center": center,
        "on": day(found.decided_at),
    }
    return PrintedPaper(pdf("filing_receipt", data), f"备案回执-{found.receipt_number}.pdf")


def _proof(line: StoryLine) -> str:
    if line.batch is not None and line.position is not None:
        return f"第{line.batch}批第{line.position + 1}条\n{line.entry_id}"
    return "已记录，尚待封存" if line.entry_id else "通知，不另作记录"


def _broken(text: str) -> str:
    """A long digest in groups, so that a cell can break it."""
    return " ".join(wrap(text, _GROUP))
