"""A file of every kind with its record, for every case of the walk, and a literal table of the roles that see it."""

from collections.abc import Mapping
from typing import Any, Final
from uuid import UUID, uuid5

from sqlalchemy import Connection, text

from core.documents.attachment_subjects import KINDS, THINGS, Kind, Subject
from core.documents.models import Attachment
from tests.cases import CITY, Case, at
from tests.isolation.rows import OWNER_OF
from tests.isolation.walk import CASES, OFFICE_OF, row_id

_WITH_ROWS: Final = tuple(name for name in CASES if name != "draft")
_OF_THE_UNIT: Final = ("onsite_batch.stamped", "manager_form.annex")
_ALL: Final = {
    f"{kind.subject}.{kind.code}": set(_WITH_ROWS) for kind in KINDS if kind.subject is not Subject.DELEGATION
}
_OF_CITY: Final = {"submitted", "delegated", "taken_back"}
_TO_PERSON: Final = (
    *("score_check.request", "sanction_case.evidence", "sanction_case.receipt"),
    *("sanction_case.statement", "sanction_case.appeal"),
    "identity_correction.evidence",
    "review_appeal.grounds",
)
WITH_CASE: Final = ("score_check.request", "identity_correction.evidence")
_TO_SUPERVISORS: Final = ("objection.grounds", "objection.inquiry")


def _office(cases: set[str], handled: set[str]) -> dict[str, set[str]]:
    """The files that an officer without supervision sees: all records of the office, and paper handed in there."""
    return {kind: handled if kind in _OF_THE_UNIT else cases for kind in _ALL if kind not in _TO_SUPERVISORS}


_UNIT: Final = {
    "roster.stamped": {"submitted"},
    "certificate_batch.receipt": {"submitted"},
    "archive_handover.receipt": {"submitted"},
    **{kind: {"submitted"} for kind in _OF_THE_UNIT},
}
_OF_PATROLS: Final = ("patrol_finding.evidence", "patrol_finding.remedy")
_ONE: Final = {"delegation.instrument": {"delegated"}}
SEEN: Final[Mapping[str, Mapping[str, set[str]]]] = {
    "applicant": {kind: {"submitted"} for kind in _TO_PERSON},
    "other applicant": {kind: {"elsewhere"} for kind in _TO_PERSON},
    "unit": {**_UNIT, **{kind: {"submitted"} for kind in WITH_CASE}},
    "other unit": {kind: {"elsewhere"} for kind in (*_UNIT, *WITH_CASE)},
    "department": {**_UNIT, **{kind: {"submitted"} for kind in WITH_CASE}},
    "owning city": {**_office(_OF_CITY, {"submitted", "taken_back"}), **_ONE},
    "supervisor of the city": {
        **_office(_OF_CITY, {"submitted", "taken_back"}),
        **_ONE,
        **dict.fromkeys(_TO_SUPERVISORS, _OF_CITY),
    },
    "other city": _office({"elsewhere"}, {"elsewhere"}),
    # A county sees the paper that was handed in to it and the requests of its people, and no record of the city.
    "county": {
        **_ONE,
        "roster.stamped": {"delegated"},
        **{kind: {"delegated"} for kind in _OF_THE_UNIT},
        **{kind: {"delegated", "taken_back"} for kind in WITH_CASE},
        "review_appeal.grounds": {"delegated"},
        **{kind: {"delegated"} for kind in _OF_PATROLS},
    },
    # An office sees the plans for emergencies of those below it, and what patrols find there.
    "province as an office": {
        **{kind: {"center"} for kind in _ALL},
        **{kind: set(_WITH_ROWS) for kind in ("emergency_plan.plan", *_OF_PATROLS)},
    },
    "province": {**_ALL, **_ONE},
    "auditor": {**_ALL, **_ONE},
    "sign-in": {},
    "operator": {},
    "public": {},
}
"""Role → the files that it sees, by kind and by the case of their record."""


def attachment_id(kind: Kind, case: str) -> UUID:
    """The id of the file of a kind that belongs to a case's record."""
    return uuid5(row_id("attachments", case), f"{kind.subject}.{kind.code}")


def subject_id(connection: Connection, subject: Subject, case: str) -> UUID:
    """The id of the record: its row of the walk, or the one delegation that has not ended."""
    if subject is Subject.DELEGATION:
        found: UUID = connection.execute(text("SELECT id FROM delegations WHERE ended_at IS NULL")).scalar_one()
        return found
    return row_id(THINGS[subject].table, case)


def office_of(subject: Subject, case: str) -> str:
    """The office of the record."""
    handed_in = subject in {Subject.BATCH, Subject.MANAGER_FORM}
    return OFFICE_OF[case] if handed_in else OWNER_OF.get(OFFICE_OF[case], OFFICE_OF[case])


def row(connection: Connection, kind: Kind, case: str, made: Case, **changed: Any) -> dict[str, Any]:
    """A file's row, with invented bytes."""
    delegated = kind.subject is Subject.DELEGATION
    # The incident of the walk is no violation by a candidate.
    of_case = THINGS[kind.subject].application and kind.subject is not Subject.INCIDENT
    return {
        "id": attachment_id(kind, case),
        "office_id": CITY if delegated else office_of(kind.subject, case),
        "subject_type": kind.subject.value,
        "subject_id": subject_id(connection, kind.subject, case),
        "application_id": made.id if of_case else None,
        "kind": kind.code,
        "title": "测试材料",
        "file_name": "测试.pdf",
        "media_type": "application/pdf",
        "size": 1,
        "received_sha256": "0" * 64,
        "sha256": "0" * 64,
        "sealed_key": b"x",
        "uploaded_at": at(3, 25),
        "uploaded_by": UUID(int=1),
        "uploaded_name": "测试上传人",
        "scan_verdict": "not_scanned",
        "reason": "",
        **changed,
    }


def add_files(connection: Connection, cases: Mapping[str, Case]) -> dict[UUID, tuple[str, str]]:
    """Insert all files; returns the id of each with its kind and case."""
    put = {}
    for kind in KINDS:
        for case in ["delegated"] if kind.subject is Subject.DELEGATION else _WITH_ROWS:
            connection.execute(Attachment.__table__.insert(), row(connection, kind, case, cases[case]))  # type: ignore[attr-defined]
            put[attachment_id(kind, case)] = (f"{kind.subject}.{kind.code}", case)
    return put
