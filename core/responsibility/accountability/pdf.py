"""The papers of an accountability case: what the person is told (告知书), and the decision (决定书)."""

from uuid import UUID

from core.clock import last_day
from core.db.session import ScopedSession
from core.errors import Conflict
from core.printing.pdf import PrintedPaper, pdf
from core.responsibility.accountability.procedure import Breach, CaseState, Measure
from core.responsibility.accountability.queries import tell
from core.responsibility.models import AccountabilityCase
from core.tenancy.models import Office
from core.text.dates import day


def hearing_pdf(session: ScopedSession, case_id: UUID) -> PrintedPaper:
    """What the person is told: the facts, and their right to speak. Before it is served it has no date."""
    case = tell(session, case_id).case
    until = "收到本告知书后规定的期限内" if case.hear_until is None else f"{day(last_day(case.hear_until))}24时前"
    return _paper(
        session,
        case,
        "责任追究告知书",
        [
            f"经初步核查，你（{case.post}）涉嫌{Breach(case.breach).label}。事实：{_sentence(case.facts)}",
            f"依据《通知》四、（四）和有关规定，拟追究责任。你可以在{until}以书面或当面的方式陈述和申辩，也可以提交证据；"
            "逾期不陈述的，不影响作出决定。",
        ],
        told_on="" if case.told_at is None else day(case.told_at),
    )


def decision_pdf(session: ScopedSession, case_id: UUID) -> PrintedPaper:
    """The decision, or that nobody is held to account. Conflict before there is one."""
    told = tell(session, case_id)
    case = told.case
    if case.decided_at is None or case.state == CaseState.DROPPED:
        raise Conflict("accountability_undecided", "该案件还没有作出决定，不能打印决定书。")
    heard = "你已陈述和申辩" if told.statements else "你在规定的期限内没有陈述和申辩"
    found = f"经查：{_sentence(case.facts)}{heard}。{_sentence(case.reasons)}"
    if case.state == CaseState.CLEARED:
        decided = ["现决定：不予追究责任。"]
    else:
        said = "；".join(Measure(measure).label for measure in case.measures)
        decided = [
            f"依据{case.ground}，现决定：{said}。",
            "如不服本决定，可以按有关规定向上级机构申请复核或者提出申诉。",
        ]
    return _paper(session, case, "责任追究决定书", [found, *decided], told_on=day(case.decided_at))


def _sentence(text: str) -> str:
    """A text that ends with a full stop."""
    return text if text.endswith(("。", "！", "？", "；")) else f"{text}。"


def _paper(
    session: ScopedSession, case: AccountabilityCase, title: str, paragraphs: list[str], *, told_on: str
) -> PrintedPaper:
    office = session.get_one(Office, case.office_id)
    data = {
        "title": title,
        "heading": [office.name, title],
        "footer": f"{title}　{case.year}年第{case.number}号",
        "digest": "",
        "code": "",
        "number": f"{case.year}年第{case.number}号",
        "name": case.name,
        "paragraphs": paragraphs,
        "office": office.name,
        "on": told_on or "　　　　年　　月　　日",
    }
    return PrintedPaper(pdf("accountability", data), f"{title}-{case.year}-{case.number}.pdf")
