"""Absent papers and empty answers of a case, which a reviewer may ask for in a return."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from core.applications import form_steps
from core.applications.forms import read_draft
from core.applications.models import Application, Deferral
from core.applications.queries import ReaderSession, deferrals, pinned_requirements
from core.applications.rules.document import RuleDocument
from core.documents.models import Document
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


@dataclass(frozen=True, slots=True)
class CasePapers:
    """The papers of a case, read once: its files, the commitments, and what its submission was asked for."""

    documents: tuple[Document, ...]
    deferrals: Sequence[Deferral]
    requirements: Sequence[dict[str, Any]]


def papers_of(session: ReaderSession, application: Application) -> CasePapers:
    """The papers of a case. Three statements."""
    return CasePapers(
        current_documents(session, application.id),
        deferrals(session, application.id),
        pinned_requirements(session, application),
    )


def absent_papers(papers: CasePapers, rules: RuleDocument) -> list[AbsentPaper]:
    """The papers without a file: those that the submission was asked for first, then the season's others.

    A paper that the unit has committed to supply later is not absent. Source: 2024 notice §2(4).
    """
    there = {document.material for document in papers.documents}
    there |= {deferral.material for deferral in papers.deferrals}
    asked = [
        AbsentPaper(
            requirement["code"],
            requirement["name"],
            requirement["source"],
            True,
            requirement["required"],
            requirement["deferrable"],
        )
        for requirement in papers.requirements
    ]
    others = [AbsentPaper(material.code, material.name, material.source) for material in rules.materials]
    by_code = {paper.code: paper for paper in reversed([*asked, *others])}
    ordered = dict.fromkeys(paper.code for paper in [*asked, *others])
    return [by_code[code] for code in ordered if code not in there]


def paper_names(requirements: Iterable[dict[str, Any]], rules: RuleDocument) -> dict[str, str]:
    """The names of papers by code: as pinned with the submission (``pinned_requirements``), else as in the rules."""
    asked = {requirement["code"]: requirement["name"] for requirement in requirements}
    return {**{material.code: material.name for material in rules.materials}, **asked}


def empty_answers(application: Application) -> list[tuple[str, str]]:
    """The answers that were left empty, as (name, label) pairs in the order of the form."""
    draft = read_draft(application.form)
    items = [item for step in form_steps.STEPS for item in step.items]
    return [(item, form_steps.ITEM_LABELS[item]) for item in items if not getattr(draft, item)]
