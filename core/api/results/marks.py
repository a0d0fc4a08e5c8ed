"""Tables of marks as JSON: one examiner hands a table in, another confirms it."""

from datetime import datetime
from decimal import Decimal
from typing import Annotated, Any
from uuid import UUID

from litestar import Router
from litestar.di import Provide
from litestar.params import FromPath, JSONBody, QueryParameter
from pydantic import Field

from core.api.received import TheReceived, provide_received, provide_replay_of_upload
from core.errors import Invalid
from core.results.marks import service as marks
from core.results.marks.contradictions import Contradiction
from core.results.marks.table import BOUNDS
from core.web.dependencies import OfOffice, ThePlatform
from core.web.guards import EXAM_WATCHERS, EXAMINERS
from core.web.routes import act, read, take_file
from core.web.schemas import Digest, Input, Output, Reason, Text, YearAsked

Points = Annotated[Decimal, Field(ge=0, le=100, max_digits=5)]


class MarkImportOut(Output):
    """A table of marks that was handed in, and the second person's decision."""

    id: UUID
    year: int
    file_name: str
    sha256: str
    digest: str
    rows: int
    figures: list[Any]
    state: str
    proposed_at: datetime
    proposed_by_name: str
    decided_at: datetime | None
    decided_by_name: str | None
    remark: str
    contradictions: list[Any]


class DiffersOut(Output):
    """A difference between a table and the door list."""

    application_id: UUID
    reference: str
    subject: str
    how: Contradiction


class SettledIn(Input):
    """The reason why a table counts for a candidate against the door list."""

    application_id: UUID
    reason: Text


class ConfirmIn(Input):
    """The digest that the second person's own copy of the table, and the reasons that settle contradictions."""

    digest: Digest
    reasons: Annotated[list[SettledIn], Field(max_length=30_000)] = Field(default_factory=list)


@read("/mark-imports", roles=EXAM_WATCHERS)
def list_imports(session: OfOffice, year: YearAsked) -> list[MarkImportOut]:
    """Every table of marks that was handed in, the latest first."""
    return [MarkImportOut.model_validate(handed_in) for handed_in in marks.imports(session, year)]


@take_file("/mark-imports", roles=EXAMINERS)
def propose_import(
    session: OfOffice,
    received: TheReceived,
    *,
    year: YearAsked,
    file_name: Annotated[str, QueryParameter(min_length=1, max_length=200, description="原文件名，供人辨认。")],
    without_names: Annotated[bool, QueryParameter(description="表中没有姓名列，只按编号对应。")] = False,
) -> MarkImportOut:
    """Hand a table in: the body is the file (.xlsx or CSV). With a faulty row nothing is kept; every fault is named."""
    content = received.content.read(BOUNDS.bytes + 1)
    made = marks.propose_import(session, content, year=year, file_name=file_name, without_names=without_names)
    if made.made is None:
        named = {
            f"row_{fault.row}": f"第{fault.row}行（{fault.about}）：{fault.text}" for fault in made.reading.faults[:200]
        }
        text = f"{len(made.reading.faults)}处有误，没有导入任何成绩。请改正后重新上传。"
        raise Invalid("marks_faulty", text, fields=named)
    return MarkImportOut.model_validate(made.made)


@act("/mark-imports/{import_id:uuid}/confirm", roles=EXAMINERS)
def confirm_import(
    session: OfOffice, platform: ThePlatform, import_id: FromPath[UUID], data: JSONBody[ConfirmIn]
) -> MarkImportOut:
    """Take the marks in, as the second person; with a reason for each candidate whom the door list contradicts."""
    reasons = {reason.application_id: reason.reason for reason in data.reasons}
    rules = platform.offices.config(session.office_id).results
    made = marks.confirm_import(session, import_id, digest=data.digest, rules=rules, reasons=reasons)
    return MarkImportOut.model_validate(made)


@read("/mark-imports/{import_id:uuid}/contradictions", roles=EXAM_WATCHERS)
def list_contradictions(session: OfOffice, import_id: FromPath[UUID]) -> list[DiffersOut]:
    """The differences between a waiting table and the door lists."""
    return [
        DiffersOut.of(named.differs, reference=named.reference) for named in marks.contradicting(session, import_id)
    ]


@act("/mark-imports/{import_id:uuid}/withdraw", roles=EXAM_WATCHERS)
def withdraw_import(session: OfOffice, import_id: FromPath[UUID], data: JSONBody[Reason]) -> MarkImportOut:
    """Send a table back; a confirmed one takes a supervisor, and goes only before publication."""
    return MarkImportOut.model_validate(marks.withdraw_import(session, import_id, reason=data.reason))


_uploads = Router(
    "/",
    route_handlers=[propose_import],
    dependencies={"received": Provide(provide_received), "replay": Provide(provide_replay_of_upload)},
)
router = Router(
    "/", route_handlers=[_uploads, list_imports, list_contradictions, confirm_import, withdraw_import], tags=["成绩"]
)
