"""Erasing personal data past its retention, class by class: nightly by the worker, or by `kaowu retention run`.

The days for which each class is kept stand in the province's file, ``[retention]``.
"""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Final
from uuid import UUID

from sqlalchemy import Engine, func, select

from core.applications.retention import (
    closed_due,
    drafts_due,
    erase_applications,
    erase_persons,
    erase_relations,
    persons_due,
    relations_due,
)
from core.audit import service as audit
from core.audit.facts import forget_salts
from core.clock import Clock
from core.db.retention import Term
from core.db.session import KeeperSession
from core.documents.attachment_subjects import Subject
from core.documents.exports import erase_exports, exports_due
from core.documents.retention import attachments_due, erase_attached, erase_attachments, superseded_due
from core.documents.storage import DocumentStorage
from core.identity import retention as identity
from core.messages.retention import erase_notices, erase_outbox, notices_due, outbox_due
from core.organizations.retention import erase_manager_forms, manager_forms_due
from core.platform import Platform
from core.responsibility import retention as responsibility
from core.results import retention as results
from core.reviews.appeals import retention as reviews
from core.reviews.inquiries.retention import erase_inquiries, inquiries_due
from core.sanctions import retention as sanctions
from core.scheduling import retention as scheduling
from core.tenancy.config.office import RetentionTable

_BATCH: Final = 200

Report = Callable[[str, int], None]
"""Called with the name of a class and the number of rows just erased."""


@dataclass(frozen=True, slots=True)
class Retention:
    """The classes of an installation with the days that each is kept; None keeps a class for good."""

    engine: Engine
    clock: Clock
    province: str
    days: RetentionTable
    terms: tuple[Term, ...]

    def due(self) -> Mapping[str, int]:
        """The number of due rows of each class."""
        counted: Counter[str] = Counter()
        with KeeperSession(self.engine, now=self.clock()) as session:
            for term, before in self._running(session.now):
                found = session.scalar(select(func.count()).select_from(term.due(before).subquery()))
                counted[term.name] += found or 0
        return counted

    def run(self, report: Report = lambda _name, _count: None) -> Mapping[str, int]:
        """Erase all due rows, a batch in each transaction, and return the number of rows of each class.

        An interrupted run leaves whole batches, each with its entry on the record; the next run continues. In the end
        the digests of rows that were erased or changed lose their salts: no erased value can be guessed by them.
        """
        now = self.clock()
        done: dict[str, int] = {}
        after: int | None = 0
        for term, before in self._running(now):
            while count := self._erase(term, before, now):
                done[term.name] = done.get(term.name, 0) + count
                report(term.name, count)
        while done and after is not None:
            with KeeperSession(self.engine, now=now) as session, session.begin():
                after = forget_salts(session, after)
        return done

    def _erase(self, term: Term, before: datetime, now: datetime) -> int:
        with KeeperSession(self.engine, now=now) as session, session.begin():
            ids = session.scalars(term.due(before).limit(_BATCH)).all()
            if ids:
                term.erase(session, ids)
                subject = audit.RecordSubject(self.province, "office", self.province)
                audit.record_on(session, subject, "retention.erased", **{term.name: len(ids)})
            return len(ids)

    def _running(self, now: datetime) -> list[tuple[Term, datetime]]:
        """Each class that ends, and the moment before which its rows are due."""
        days: Mapping[str, int | None] = self.days.model_dump()
        return [(term, now - timedelta(days=kept)) for term in self.terms if (kept := days[term.name]) is not None]


def retention_of(platform: Platform) -> Retention:
    """The retention of this installation."""
    province = platform.offices.catalogue.province.code
    days = platform.offices.config(province).retention
    return Retention(platform.engine, platform.clock, province, days, terms(platform.documents))


def terms(store: DocumentStorage) -> tuple[Term, ...]:
    """Every class, by the name of its key in ``[retention]``; once for each of its tables."""
    erase = partial(_erase_cases, store)
    erase_files = partial(erase_attachments, store=store)
    with_files = partial(_with_files, store)
    return (
        Term("drafts", drafts_due, erase),
        Term("closed_applications", closed_due, erase),
        Term("persons", persons_due, erase_persons),
        Term("read_notices", notices_due, erase_notices),
        Term("outbox", outbox_due, erase_outbox),
        Term("manager_forms", manager_forms_due, with_files(Subject.MANAGER_FORM, erase_manager_forms)),
        Term("attachments", attachments_due, erase_files),
        Term("superseded_attachments", superseded_due, erase_files),
        Term("sessions", identity.sessions_due, identity.forget_sessions),
        Term("sign_in_attempts", identity.attempts_due, identity.forget_attempts),
        Term("phone_codes", identity.phone_codes_due, identity.forget_phone_codes),
        Term("factor_removals", identity.factor_removals_due, identity.erase_factor_removals),
        Term("idempotency_keys", identity.idempotency_keys_due, identity.forget_idempotency_keys),
        Term(
            "identity_corrections",
            identity.identity_corrections_due,
            with_files(Subject.IDENTITY, identity.erase_identity_corrections),
        ),
        *_terms_of_exams(store),
    )


def _erase_cases(store: DocumentStorage, session: KeeperSession, ids: Sequence[UUID]) -> None:
    """The erasure of cases together with what their tickets told."""
    scheduling.forget_grounds(session, ids)
    erase_applications(session, ids, store=store)


def _terms_of_exams(store: DocumentStorage) -> tuple[Term, ...]:
    """The classes of the season's second half: exams, results, sanctions, appeals."""
    with_files = partial(_with_files, store)
    return (
        Term("objectors", results.objectors_due, with_files(Subject.OBJECTION, results.erase_objectors)),
        Term("accommodations", scheduling.accommodations_due, partial(scheduling.erase_accommodations, store=store)),
        Term("invigilators", scheduling.invigilators_due, scheduling.erase_invigilators),
        Term("custody_keepers", scheduling.keepers_due, scheduling.erase_keepers),
        Term("incidents", scheduling.incidents_due, with_files(Subject.INCIDENT, scheduling.erase_incidents)),
        Term("incidents", scheduling.emergencies_due, scheduling.erase_emergencies),
        Term("openings", scheduling.openings_due, scheduling.erase_openings),
        Term("openings", scheduling.alarms_due, scheduling.erase_alarms),
        Term("evaluations", relations_due, erase_relations),
        Term("evaluations", results.evaluations_due, with_files(Subject.PANEL, results.erase_evaluations)),
        Term("result_cases", results.checks_due, with_files(Subject.CHECK, results.erase_checks)),
        Term("result_cases", results.corrections_due, with_files(Subject.CORRECTION, results.erase_corrections)),
        Term("result_cases", results.contradictions_due, results.erase_contradictions),
        Term("result_cases", results.reissues_due, results.erase_reissues),
        Term("result_cases", results.strikings_due, results.erase_strikings),
        Term("result_cases", results.handouts_due, results.erase_handouts),
        Term("result_cases", results.handovers_due, results.erase_handovers),
        Term("sanctions", sanctions.sanctions_due, with_files(Subject.SANCTION, sanctions.erase_sanctions)),
        Term("review_appeals", reviews.appeals_due, with_files(Subject.APPEAL, reviews.erase_appeals)),
        Term("inquiries", inquiries_due, erase_inquiries),
        Term("exports", exports_due, partial(erase_exports, store=store)),
        Term("paper_parts", scheduling.paper_parts_due, scheduling.forget_paper_parts),
        Term("responsibility", responsibility.responsible_due, responsibility.erase_responsible),
        Term(
            "responsibility", responsibility.plans_due, with_files(Subject.EMERGENCY_PLAN, responsibility.erase_plans)
        ),
        Term("responsibility", responsibility.accountability_due, responsibility.erase_accountability),
        Term("responsibility", responsibility.patrols_due, responsibility.erase_patrols),
        Term(
            "responsibility",
            responsibility.patrol_findings_due,
            with_files(Subject.PATROL_FINDING, responsibility.erase_patrol_findings),
        ),
    )


def _with_files(
    store: DocumentStorage, subject: Subject, erase: Callable[[KeeperSession, Sequence[UUID]], None]
) -> Callable[[KeeperSession, Sequence[UUID]], None]:
    """The erasure of rows together with their files, so that no scan still shows an erased value."""

    def both(session: KeeperSession, ids: Sequence[UUID]) -> None:
        erase_attached(session, subject, ids, store)
        erase(session, ids)

    return both
