"""Copying an earlier application: what may be taken over into a new draft, what may not, and the copy itself.

A withdrawn or refused application of the same season is taken over whole, but for declarations. From an earlier season
come the answers about the person that stay as they were, and the papers that the rule document calls lasting; the
wish, the assessments of other years, the photo and the identity card are asked for again.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from core.applications import form_steps, queries, service
from core.applications.forms import read_draft
from core.applications.models import Application
from core.applications.rules.document import RuleDocument
from core.applications.service import Applicant
from core.audit import service as audit
from core.db.session import PersonSession
from core.documents import service as documents
from core.documents.models import Document
from core.documents.queries import current_documents
from core.documents.receiving import Keeping, check_scanned, take_out
from core.domain.workflow import State
from core.errors import Forbidden, Invalid, NotFound, Unavailable
from core.identity.models import Person
from core.organizations.models import Unit

_ENDED: Final = frozenset({State.WITHDRAWN, State.REJECTED, State.EXPIRED})
_NEVER: Final = frozenset({"declared_true", "acknowledgements"})
"""Statements that a person makes for one application."""
_WISH: Final = frozenset({"grade", "path", "trade", "frontline"})


@dataclass(frozen=True, slots=True)
class Copy:
    """What a copy takes over: the answers, the papers, and the items and papers that are asked for again."""

    source: Application
    answers: dict[str, Any]
    papers: tuple[Document, ...]
    left_items: tuple[str, ...]
    left_papers: tuple[str, ...]


def copyable(session: PersonSession, year: int) -> list[Application]:
    """The person's applications that may be taken over into a draft of ``year``, the newest first."""
    return [
        found
        for found in queries.mine(session)
        if found.form
        and found.erased_at is None
        and (found.year < year or (found.year == year and State(found.state) in _ENDED))
    ]


def foresee(session: PersonSession, source_id: UUID, *, year: int, rules: RuleDocument) -> Copy:
    """What a copy of an earlier application would take over. NotFound for one that may not be copied."""
    source = next((found for found in copyable(session, year) if found.id == source_id), None)
    if source is None:
        raise NotFound("not_copyable", "没有找到可以沿用的这份申报。请从“我的申报”重新选择。")
    same_season = source.year == year
    given = {name: value for name, value in source.form.items() if name not in _NEVER}
    left: set[str] = set() if same_season else {item for item in _WISH if item in given}
    answers = {name: value for name, value in given.items() if name not in left}
    years = form_steps.assessed_years(year)
    answers["assessments"] = [rated for rated in given.get("assessments", ()) if rated["year"] in years]
    if not same_season and len(answers["assessments"]) < len(years):
        left.add("assessments")
    lasting = {material.code for material in rules.materials if material.lasting}
    known = {material.code for material in rules.materials}
    held = [paper for paper in current_documents(session, source.id) if paper.erased_at is None]
    papers = tuple(paper for paper in held if paper.material in known and (same_season or paper.material in lasting))
    taken = {paper.material for paper in papers}
    return Copy(
        source=source,
        answers=answers,
        papers=papers,
        left_items=tuple(item for step in form_steps.STEPS for item in step.items if item in left),
        left_papers=tuple(paper.material for paper in held if paper.material in known - taken),
    )


def copy(session: PersonSession, source_id: UUID, *, year: int, rules: RuleDocument, keeping: Keeping) -> Application:
    """Open a draft with what ``foresee`` names, in the same unit or the one that follows it; the person submits it.

    A paper that can no longer be read is left out: the list of papers asks for it. Raises as ``foresee`` and
    ``service.open_draft`` do.
    """
    taken = foresee(session, source_id, year=year, rules=rules)
    person = session.get_one(Person, session.person_id)
    applicant = Applicant(person.id, person.name, person.id_tail)
    unit_id = _present_unit(session, taken.source.unit_id)
    draft = read_draft(taken.answers)
    made = service.open_draft(session, applicant, year=year, unit_id=unit_id, draft=draft)
    copied = [paper.material for paper in taken.papers if _paper_copied(session, made, paper, keeping)]
    audit.record_on(session, made, "application.copied", source=taken.source.reference, papers=copied)
    return made


def _present_unit(session: PersonSession, unit_id: UUID) -> UUID:
    """The unit itself, or the one that its cases went to after it ended."""
    seen: set[UUID] = set()
    unit = session.get(Unit, unit_id)
    while unit is not None and unit.ended_at is not None and unit.successor_id is not None and unit.id not in seen:
        seen.add(unit.id)
        unit = session.get(Unit, unit.successor_id)
    return unit_id if unit is None else unit.id


def _paper_copied(session: PersonSession, made: Application, paper: Document, keeping: Keeping) -> bool:
    """Keep a paper's content under a key and a row of its own; False where it cannot be read or is no longer taken."""
    limits = keeping.offices.config(made.local_office_id).documents
    try:
        with session.begin_nested():
            check_scanned(paper, required=False)
            with take_out(paper, store=keeping.store, keys=keeping.keys).content as content:
                documents.upload(
                    session,
                    made.id,
                    material=paper.material,
                    file_name=paper.file_name,
                    content=content,
                    store=keeping.store,
                    keys=keeping.keys,
                    limits=limits,
                    scan=keeping.offices.hooks(made.local_office_id).document_received,
                )
    except (Invalid, Forbidden, Unavailable):
        return False
    return True


def names(items: Sequence[str]) -> list[str]:
    """The labels of answers, for the page that says what is taken over."""
    return [form_steps.ITEM_LABELS[item] for item in items]
