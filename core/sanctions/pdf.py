"""The papers of a case as PDFs (告知书, 处理决定书, 送达回执): with number, place of the seal and numbered pages.

They say what the case says, word by word, and have the last four characters of the identity number alone.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from core.applications.models import Application
from core.clock import SHANGHAI
from core.errors import NotFound
from core.printing.pdf import PrintedPaper, pdf
from core.sanctions.carrying_out import measures_in_words
from core.sanctions.case_queries import PartySession, evidence, steps
from core.sanctions.models import SanctionCase, SanctionPaper, SanctionStep
from core.sanctions.paper_kinds import PaperKind, ServiceWay
from core.sanctions.procedure import CaseAction, CaseKind
from core.tenancy.models import Office
from core.text import dates

FORMS_OF: Final[Mapping[PaperKind, tuple[tuple[str, str], ...]]] = {
    PaperKind.NOTICE: (("filing", "立案告知书"), ("hearing", "陈述申辩告知书"), ("receipt-notice", "送达回执")),
    PaperKind.DECISION: (("decision", "处理决定书"), ("receipt-decision", "送达回执")),
}
"""The forms that each paper is printed as. The notice is two papers with one number, which are served together."""

_BASIS: Final = {
    CaseKind.VIOLATION: "《通知》四、（四）：申报人员填报虚假信息材料的，取消当年申报资格，两年内禁止再次申报；"
    "已经通过考核取得证书的，撤销并收回已经取得的证书。",
    CaseKind.ERROR: "资格审查结论经复核与申报条件不符，当事人没有过错。",
}


@dataclass(frozen=True, slots=True)
class _Body:
    """The text of a form: paragraphs, each with its heading or without one; or a table of facts."""

    paragraphs: tuple[tuple[str, str], ...] = ()
    facts: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class _Told:
    """What every form of a case is made of."""

    sanction: SanctionCase
    application: Application
    paper: SanctionPaper
    office: Office
    steps: tuple[SanctionStep, ...]
    evidence: tuple[str, ...]

    def said(self, action: CaseAction) -> str:
        """The words of the last step of this kind."""
        return next((step.words for step in reversed(self.steps) if step.action == action), "")


def paper_pdf(session: PartySession, sanction: SanctionCase, form_name: str) -> PrintedPaper:
    """One form of a case; NotFound for one that does not exist, or whose paper has not been made yet."""
    kind = next((kind for kind, forms in FORMS_OF.items() if form_name in dict(forms)), None)
    paper = None if kind is None else session.get(SanctionPaper, (sanction.id, kind.value))
    if kind is None or paper is None:
        raise NotFound("no_such_paper", "没有这份文书，或尚未作出。请从案件页面打开。")
    told = _Told(
        sanction,
        session.get_one(Application, sanction.application_id),
        paper,
        session.get_one(Office, paper.office_id),
        tuple(steps(session, sanction.id)),
        tuple(piece.title for piece in evidence(session, sanction.id)),
    )
    name = dict(FORMS_OF[kind])[form_name]
    title = (
        name if sanction.kind == CaseKind.VIOLATION or name == "送达回执" else f"审查更正{name.removeprefix('处理')}"
    )
    return _printed(told, title, _body(told, form_name))


def _body(told: _Told, form_name: str) -> _Body:
    match form_name:
        case "filing":
            return _filing(told)
        case "hearing":
            return _hearing(told)
        case "decision":
            return _decision(told)
    return _receipt(told)


def _filing(told: _Told) -> _Body:
    return _Body(
        (
            ("", "经初步核查，本机构决定对下列事项立案。现将有关事项告知如下。"),
            ("一、事实", f"{told.sanction.facts}。"),
            ("二、立案意见", told.said(CaseAction.HEAR)),
            ("三、依据", _basis(told)),
            ("四、证据", "；".join(told.evidence) or "见案件材料。"),
            ("", "您依法享有陈述、申辩的权利，见《陈述申辩告知书》。"),
        )
    )


def _hearing(told: _Told) -> _Body:
    days = told.paper.days
    return _Body(
        (
            ("", "关于本机构已经立案的下列事项，您有权陈述和申辩。"),
            ("一、事实", f"{told.sanction.facts}。"),
            ("二、依据", _basis(told)),
            (
                "三、权利和期限",
                f"自本告知书送达之日起{days}个工作日内，您可以登录系统，或者以书面形式向本机构提出陈述申辩意见和证据。"
                "期限内可以多次提出，也可以书面声明陈述完毕或者放弃。逾期未提出的，视为放弃。",
            ),
            ("四、处理", "期限届满前，未经您书面声明陈述完毕或者放弃，本机构不作处理决定。您的意见将记入案件。"),
        )
    )


def _decision(told: _Told) -> _Body:
    spoken = [step for step in told.steps if step.action == CaseAction.STATE]
    heard = (
        f"当事人于{'、'.join(dates.day(step.at) for step in spoken)}提出陈述申辩："
        + "；".join(step.words for step in spoken)
        if spoken
        else "当事人在规定期限内未提出陈述申辩。"
    )
    measures = [f"（{place}）{words}。" for place, words in enumerate(measures_in_words(told.sanction), 1)]
    return _Body(
        (
            ("一、查明的事实", f"{told.sanction.facts}。"),
            ("二、证据", "；".join(told.evidence) or "见案件材料。"),
            ("三、陈述申辩", heard or "当事人在规定期限内未提出陈述申辩。"),
            ("四、理由", told.said(CaseAction.DECIDE)),
            ("五、依据", _basis(told)),
            ("六、决定", "".join(measures)),
            (
                "七、申诉",
                f"不服本决定的，可以自本决定书送达之日起{told.paper.days}个工作日内，登录系统或者以书面形式向上一级工考管理机构申诉。"
                "申诉期间不执行本决定；逾期不申诉的，本决定生效并予以执行。",
            ),
        )
    )


def _receipt(told: _Told) -> _Body:
    kind, paper = PaperKind(told.paper.paper), told.paper
    served = "" if paper.served_at is None else dates.day(paper.served_at.astimezone(SHANGHAI))
    return _Body(
        facts=(
            ("送达文书", kind.label),
            ("文号", paper.number),
            ("受送达人", f"{told.application.person_name}（身份证末四位{told.application.id_tail}）"),
            ("工作单位", told.application.unit_name),
            ("送达方式", ServiceWay(paper.way).label if paper.way else "□直接送达　□邮寄送达　□公告送达"),
            ("送达日期", served or "　　　　年　　　月　　　日"),
            ("送达地点", ""),
            ("受送达人签名", ""),
            ("代收人及与受送达人关系", ""),
            ("送达人签名", ""),
            ("见证人签名", ""),
            ("备注", ""),
        )
    )


def _basis(told: _Told) -> str:
    return _BASIS[CaseKind(told.sanction.kind)]


def _printed(told: _Told, title: str, body: _Body) -> PrintedPaper:
    application, office = told.application, told.office.name
    about = f"（身份证末四位{application.id_tail}，{application.unit_name}，申报编号{application.reference}）"
    data = {
        "title": title,
        "heading": [office, title],
        "footer": f"{office}　{told.paper.number}",
        "digest": "",
        "code": "",
        "number": told.paper.number,
        "to": "" if body.facts else f"{application.person_name}{about}：",
        "paragraphs": body.paragraphs,
        "facts": body.facts,
        "office": office,
        "made_on": dates.day(told.paper.issued_at.astimezone(SHANGHAI)),
    }
    return PrintedPaper(pdf("sanction", data), f"{title}-{application.reference}.pdf")
