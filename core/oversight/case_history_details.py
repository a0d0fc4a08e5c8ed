"""The words of a case's story beyond the record's ids, read with one statement from each table."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar
from uuid import UUID

from sqlalchemy import Row, Select, select

from core.applications.models import Application, Deferral, FindingRecord, FindingSettlement, Move, Submission
from core.applications.queries import ReaderSession
from core.clock import last_day
from core.delegation.models import Delegation
from core.documents.models import Document
from core.domain.workflow import STATE_LABELS, By, State
from core.identity.models import Reveal
from core.organizations.models import Unit
from core.reviews.models import Original
from core.text import dates


@dataclass(frozen=True, slots=True)
class Detail:
    """The further words of a line: subject, reason, and the actor's place where it is not the entry's office."""

    about: str = ""
    reason: str = ""
    place: str = ""


OfCase = TypeVar("OfCase", Document, Original, Deferral)
_NOTHING = Detail()


@dataclass(frozen=True)
class Details:
    """The rows of one case's acts, by their ids; ``names`` are of the accounts behind its moves."""

    moves: Mapping[str, Move]
    settlements: Mapping[str, tuple[FindingSettlement, FindingRecord]]
    documents: Mapping[str, Document]
    originals: Mapping[str, Original]
    deferrals: Mapping[str, Deferral]
    reveals: Mapping[str, str]
    instruments: Mapping[str, str]
    materials: Mapping[str, str]
    units: Mapping[str, str]
    names: Mapping[UUID, str] = field(default_factory=dict)

    def of(self, entry: Row[Any], offices: Mapping[str, str]) -> Detail:
        """The further words of an entry's line; empty where the reader may not see the act, or it was erased."""
        payload = entry.payload
        if "move" in payload:
            return self._move(self.moves.get(payload["move"]), offices)
        subject = entry.kind.partition(".")[0]
        tells: Mapping[str, Callable[[Row[Any], Mapping[str, str]], Detail] | None] = {
            "finding": self._settlement,
            "document": self._document,
            "original": self._original,
            "deferral": self._deferral,
            "case": self._transfer,
            "person": self._reveal if entry.kind == "person.revealed" else None,
        }
        tell = tells.get(subject)
        return _NOTHING if tell is None else tell(entry, offices)

    def _move(self, move: Move | None, offices: Mapping[str, str]) -> Detail:
        if move is None:
            return _NOTHING
        changed = f"由“{STATE_LABELS[State(move.from_state)]}”到“{STATE_LABELS[State(move.to_state)]}”"
        marks = ("，逾期办理" if move.late else "", "，批量办理" if move.bulk else "")
        about = "".join((changed, *marks))
        place = self.units.get(move.capacity, "") or offices.get(move.acting_office_id or "", "")
        return Detail(about, move.reason, place)

    def _settlement(self, entry: Row[Any], offices: Mapping[str, str]) -> Detail:
        found = self.settlements.get(entry.payload["settlement"])
        if found is None:
            return _NOTHING
        settlement, finding = found
        verdict = "符合" if entry.payload["satisfied"] else "不符合"
        return Detail(f"“{finding.text.rstrip('。')}”认定为{verdict}", settlement.reason, offices[settlement.office_id])

    def _document(self, entry: Row[Any], _offices: Mapping[str, str]) -> Detail:
        document = self.documents.get(entry.payload["document"])
        material = self.materials.get(entry.payload["material"], entry.payload["material"])
        return Detail(f"“{material}”" if document is None else f"“{material}”（{document.file_name}）")

    def _original(self, entry: Row[Any], offices: Mapping[str, str]) -> Detail:
        original = self.originals.get(entry.payload["original"])
        if original is None:
            return _NOTHING
        hands = (
            f"交件人{original.received_from}" if entry.kind == "original.received" else f"领取人{original.returned_to}"
        )
        return Detail(f"“{original.title}”，{hands}", "", offices[original.office_id])

    def _deferral(self, entry: Row[Any], _offices: Mapping[str, str]) -> Detail:
        deferral = self.deferrals.get(entry.payload["deferral"])
        if deferral is None:
            return _NOTHING
        material = self.materials.get(deferral.material, deferral.material)
        about = f"“{material}”，{dates.day(last_day(deferral.due_at))}前补交"
        return Detail(about, deferral.commitment, self.units[By.UNIT])

    def _transfer(self, entry: Row[Any], offices: Mapping[str, str]) -> Detail:
        instrument = self.instruments.get(entry.payload["delegation"] or "", "")
        ground = f"，依据{instrument}" if instrument else ""
        return Detail(f"移交{offices.get(entry.payload['to'], entry.payload['to'])}{ground}")

    def _reveal(self, entry: Row[Any], _offices: Mapping[str, str]) -> Detail:
        return Detail("", self.reveals.get(entry.payload["reveal"], ""))


def details_of(session: ReaderSession, case: Application) -> Details:
    """Read the acts on a case, from each table once."""
    moves = session.scalars(select(Move).where(Move.application_id == case.id)).all()
    settlements = session.execute(
        select(FindingSettlement, FindingRecord)
        .join_from(FindingSettlement, FindingRecord, FindingRecord.id == FindingSettlement.finding_id)
        .where(FindingSettlement.application_id == case.id)
    )
    units: dict[str, str] = {By.UNIT: case.unit_name}
    if case.department_id is not None:
        units[By.DEPARTMENT] = session.get_one(Unit, case.department_id).name
    return Details(
        moves={str(move.id): move for move in moves},
        settlements={str(made.id): (made, found) for made, found in settlements},
        documents={str(row.id): row for row in session.scalars(_of(Document, case))},
        originals={str(row.id): row for row in session.scalars(_of(Original, case))},
        deferrals={str(row.id): row for row in session.scalars(_of(Deferral, case))},
        reveals=_reveals(session, case.id),
        instruments=_instruments(session, case),
        materials=_materials(session, case.id),
        units=units,
        names={move.on_behalf_of: move.on_behalf_of_name for move in moves if move.on_behalf_of}
        | {move.account_id: move.actor_name for move in moves if move.actor_name},
    )


def _of(table: type[OfCase], case: Application) -> Select[OfCase]:
    return select(table).where(table.application_id == case.id)


def _instruments(session: ReaderSession, case: Application) -> dict[str, str]:
    """The official papers of the delegations that the owner of the case gave."""
    rows = session.execute(
        select(Delegation.id, Delegation.instrument).where(Delegation.from_office_id == case.office_id)
    )
    return {str(row.id): row.instrument for row in rows}


def _reveals(session: ReaderSession, application_id: UUID) -> dict[str, str]:
    """The reasons for which numbers of the case were shown in full, as far as the reader may know them."""
    rows = session.execute(
        select(Reveal.id, Reveal.reason).where(
            Reveal.subject_type == "application", Reveal.subject_id == application_id
        )
    )
    return {str(row.id): row.reason for row in rows}


def _materials(session: ReaderSession, application_id: UUID) -> dict[str, str]:
    """The names of the papers that any round asked for."""
    asked = session.scalars(select(Submission.requirements).where(Submission.application_id == application_id))
    return {requirement["code"]: requirement["name"] for requirements in asked for requirement in requirements}
