"""Absent papers and empty answers of a case, which a reviewer may ask for in a return."""

from dataclasses import dataclass

from core.applications import form_steps
from core.applications.forms import read_draft
from core.applications.models import Application
from core.applications.queries import ReaderSession, deferrals, pinned_requirements
from core.applications.rules.document import RuleDocument
from core.documents.queries import current_documents


@dataclass(frozen=True, slots=True)
class AbsentPaper:
    """A paper that has no file. ``asked`` where the submission was asked for it; otherwise a reviewer still may."""

    code: str
    name: str
    source: str
    asked: bool = False
    required: bool = False
    deferrable: bool = False


def absent_papers(session: ReaderSession, application: Application, rules: RuleDocument) -> list[AbsentPaper]:
    """The papers without a file: those that the submission was asked for first, then the season's others.

    A paper that the unit has committed to supply later is not absent. Source: 2024 notice §2(4).
    """
    there = {document.material for document in current_documents(session, application.id)}
    there |= {deferral.material for deferral in deferrals(session, application.id)}
    asked = [
        AbsentPaper(
            requirement["code"],
            requirement["name"],
            requirement["source"],
            True,
            requirement["required"],
            requirement["deferrable"],
        )
        for requirement in pinned_requirements(session, application)
    ]
    others = [AbsentPaper(material.code, material.name, material.source) for material in rules.materials]
    by_code = {paper.code: paper for paper in reversed([*asked, *others])}
    ordered = dict.fromkeys(paper.code for paper in [*asked, *others])
    return [by_code[code] for code in ordered if code not in there]


def paper_names(session: ReaderSession, application: Application, rules: RuleDocument) -> dict[str, str]:
    """The names of papers by code: as pinned with the submission, else as in the rule document."""
    asked = {requirement["code"]: requirement["name"] for requirement in pinned_requirements(session, application)}
    return {**{material.code: material.name for material in rules.materials}, **asked}


def empty_answers(application: Application) -> list[tuple[str, str]]:
    """The answers that were left empty, as (name, label) pairs in the order of the form."""
    draft = read_draft(application.form)
    items = [item for step in form_steps.STEPS for item in step.items]
    return [(item, form_steps.ITEM_LABELS[item]) for item in items if not getattr(draft, item)]
