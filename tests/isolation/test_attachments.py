"""A file is seen by those who see its record, and added by those whom the table of kinds names."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import product
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import Connection, create_engine, select, text
from sqlalchemy.exc import DBAPIError

from core.applications.rules.document import RuleDocument
from core.db.base import new_id
from core.db.database import Databases
from core.db.server.embedded import SUPERUSER, EmbeddedServer
from core.db.session import Actor, Role, ScopedSession
from core.documents.attachment_queries import open_kinds, standing_of
from core.documents.attachment_subjects import KINDS, THINGS, Kind, Party, Subject
from core.documents.models import Attachment
from core.documents.storage import DocumentStore
from core.errors import NotFound
from core.scheduling.exam_day.door import IncidentKind
from core.tenancy.offices import Offices
from tests.cases import CITY, OTHER_CITY, PROVINCE, Case, Season
from tests.isolation import attached, matrix, rows, walk
from tests.isolation.direct import keep_plans

STANDINGS: Mapping[Subject, tuple[str, ...]] = {
    Subject.DELEGATION: ("pending", "in_force", "paused", "ended", "cancelled"),
    Subject.ROSTER: ("passed", "onsite"),
    Subject.BATCH: ("handed_in", "received", "returned", "closed"),
    Subject.MANAGER_FORM: ("filed", "accepted", "returned", "superseded"),
    Subject.INCIDENT: tuple(IncidentKind),
    Subject.CHECK: ("open", "upheld", "dismissed"),
    Subject.CORRECTION: ("asked", "granted", "refused"),
    Subject.SANCTION: ("proposed", "hearing", "dropped", "cleared", "decided", "appealed", "final", "overturned"),
    Subject.OBJECTION: ("open", "sustained", "dismissed"),
    Subject.PANEL: ("forming", "scoring", "closed", "dissolved"),
    Subject.IDENTITY: ("asked", "examined", "granted", "refused"),
    Subject.APPEAL: ("open", "upheld", "reopened"),
    Subject.BAN: ("测试",),
    Subject.CERTIFICATES: ("made", "handed_over", "settled", "cancelled"),
    Subject.HANDOVER: ("handed_over", "received", "returned", "withdrawn"),
    Subject.EMERGENCY_PLAN: ("drafted", "approved", "filed", "received", "returned"),
    Subject.PATROL_FINDING: ("open", "answered", "closed", "withdrawn"),
}
"""The possible states of each record."""

_CASES: Mapping[Subject, list[str]] = {Subject.DELEGATION: ["delegated"], Subject.BAN: ["submitted", "center"]}
"""The cases of the walk whose records somebody may add a file to; bans of earlier years are the center's."""
_CHECKS = text(
    "SELECT conrelid::regclass::text, conname FROM pg_constraint "
    "WHERE contype = 'c' AND conrelid::regclass::text = ANY (:tables)"
)


@dataclass
class Ground:
    """A connection of a superuser, with a record of every kind for every case."""

    season: Season
    cases: Mapping[str, Case]
    connection: Connection

    def openings(self) -> dict[str, matrix.Opening]:
        """How a session of each role begins; besides those of the matrix, who decides and who examines."""
        examiner = Actor(new_id(), "测试考评员", Role.EXAMINER, office_id=CITY)
        scheduler = Actor(new_id(), "测试编排员", Role.SCHEDULER, office_id=CITY)
        return {
            **matrix.openings(self.season, self.cases),
            "supervisor of the city": lambda: self.season.as_office(CITY, "supervisor"),
            "examiner of the city": lambda: self.season.as_office(CITY, actor=examiner),
            "scheduler of the city": lambda: self.season.as_office(CITY, actor=scheduler),
            "supervisor of the other city": lambda: self.season.as_office(OTHER_CITY, "supervisor"),
        }

    @contextmanager
    def changed(self, statement: str = "", **values: Any) -> Iterator[None]:
        """Something done as a superuser, for a while."""
        kept = self.connection.begin_nested()
        try:
            if statement:
                with walk.as_superuser(self.connection):
                    self.connection.execute(text(statement), values)
            yield
        finally:
            kept.rollback()


@pytest.fixture(scope="module")
def ground(
    database_server: EmbeddedServer,
    _linshui_databases: Databases,
    linshui_offices: tuple[Offices, RuleDocument],
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Ground]:
    name = create_engine(_linshui_databases.app_url).url.database
    assert name is not None
    engine = create_engine(database_server.address(SUPERUSER, name))
    with engine.connect() as connection, connection.begin() as transaction:
        connection.execute(text("SET SESSION AUTHORIZATION kaowu_app"))
        keep_plans(connection)
        season = Season(connection, *linshui_offices, DocumentStore(tmp_path_factory.mktemp("files")))
        made = walk.cases(season)
        with walk.as_superuser(connection):
            rows.add_rows(connection, made)
            # A thing is made to stand in every way without all that goes with it, such as who decided.
            for table, check in connection.execute(
                _CHECKS, {"tables": [thing.table for thing in THINGS.values()]}
            ).all():
                connection.execute(text(f"ALTER TABLE {table} DROP CONSTRAINT {check}"))
        yield Ground(season, made, connection)
        transaction.rollback()
    engine.dispose()


def seen(ground: Ground, files: Mapping[UUID, tuple[str, str]]) -> dict[str, dict[str, set[str]]]:
    """Role → the files that PostgreSQL shows it now, by kind and case."""
    found: dict[str, dict[str, set[str]]] = {}
    for role, opening in ground.openings().items():
        with opening() as session:
            shown = [files[row] for row in session.scalars(select(Attachment.id)) if row in files]
        found[role] = {}
        for kind, case in shown:
            found[role].setdefault(kind, set()).add(case)
    return {role: subjects for role, subjects in found.items() if role in attached.SEEN}


def test_every_role_sees_the_files_of_the_table_and_no_others(ground: Ground) -> None:
    with ground.changed():
        with walk.as_superuser(ground.connection):
            files = attached.add_files(ground.connection, ground.cases)
        assert seen(ground, files) == attached.SEEN


@pytest.mark.parametrize(
    "fault",
    [
        "ALTER TABLE attachments DISABLE ROW LEVEL SECURITY",
        "ALTER POLICY attachments_select ON attachments USING (office_id IS NOT NULL)",
        "ALTER TABLE sanction_cases DISABLE ROW LEVEL SECURITY",
    ],
)
def test_the_same_check_finds_a_policy_that_does_not_hold(ground: Ground, fault: str) -> None:
    with ground.changed(fault):
        with walk.as_superuser(ground.connection):
            files = attached.add_files(ground.connection, ground.cases)
        assert seen(ground, files) != attached.SEEN


def test_an_unopened_sanction_case_and_its_files_are_hidden_from_the_person(ground: Ground) -> None:
    for state in ("proposed", "dropped"):
        with ground.changed("UPDATE sanction_cases SET state = :state", state=state):
            with walk.as_superuser(ground.connection):
                files = attached.add_files(ground.connection, ground.cases)
            assert set(seen(ground, files)["applicant"]) == {*attached.WITH_CASE, "review_appeal.grounds"}


def added(session: ScopedSession, values: dict[str, Any]) -> bool:
    """Whether PostgreSQL takes a row of the session's own; it is taken away again."""
    block = session.begin_nested()
    refused = ""
    try:
        session.connection().execute(Attachment.__table__.insert(), values)  # type: ignore[attr-defined]
    except DBAPIError as error:
        refused = str(error)
    block.rollback()
    assert refused == "" or "row-level security" in refused or "permission denied" in refused
    return not refused


def may_add(session: ScopedSession, kind: Kind, subject_id: UUID) -> bool:
    """Whether the service would let the session add such a file."""
    block = session.begin_nested()
    try:
        return kind in open_kinds(session, standing_of(session, kind.subject, subject_id))
    except NotFound:
        return False
    finally:
        block.rollback()


@pytest.mark.parametrize("subject", list(Subject))
def test_the_database_and_the_table_of_kinds_agree_on_who_adds_what_when(ground: Ground, subject: Subject) -> None:
    thing = THINGS[subject]
    kinds = [kind for kind in KINDS if kind.subject is subject]
    column = thing.standing or ("kind" if subject is Subject.INCIDENT else "reason")
    cases = _CASES.get(subject, ["submitted", "delegated"])
    ever: dict[str, set[str]] = {kind.code: set() for kind in kinds}
    for standing in STANDINGS[subject]:
        change = f"UPDATE {thing.table} SET {column} = :standing WHERE id = ANY (:ids)"  # noqa: S608 - our own names
        ids = [attached.subject_id(ground.connection, subject, case) for case in cases]
        with ground.changed(change, standing=standing, ids=ids):
            for case, kind in product(cases, kinds):
                values = attached.row(ground.connection, kind, case, ground.cases[case])
                for role, opening in ground.openings().items():
                    with opening() as session:
                        own = {**values, "uploaded_by": session.actor.account_id}
                        expected, taken = may_add(session, kind, own["subject_id"]), added(session, own)
                    if any(permission.party is Party.ANYBODY for permission in kind.adding):
                        # The objector adds it with the objection, by a way of its own; auditors insert nothing.
                        expected = standing == "open" and role != "auditor"
                    assert taken == expected, (kind.code, standing, case, role)
                    if taken:
                        ever[kind.code].add(role)
    assert all(ever.values()), ever


@pytest.mark.parametrize(
    "lie",
    [
        {"uploaded_by": UUID(int=7)},
        {"office_id": PROVINCE},
        {"application_id": None},
        {"subject_type": "delegation", "kind": "instrument"},
        {"kind": "statement"},
    ],
    ids=str,
)
def test_a_file_that_does_not_tell_the_truth_is_refused(ground: Ground, lie: dict[str, Any]) -> None:
    kind = next(kind for kind in KINDS if (kind.subject, kind.code) == (Subject.SANCTION, "evidence"))
    values = attached.row(ground.connection, kind, "submitted", ground.cases["submitted"])
    with ground.season.as_office(CITY, "supervisor") as session:
        own = {**values, "uploaded_by": session.actor.account_id}
        assert added(session, own)
        assert not added(session, {**own, **lie})


@pytest.mark.parametrize(
    "statement",
    [
        "DELETE FROM attachments",
        "UPDATE attachments SET title = 'x'",
        "UPDATE attachments SET sha256 = 'x'",
        "UPDATE attachments SET sealed_key = ''",
        "UPDATE attachments SET erased_at = now()",
    ],
)
@pytest.mark.parametrize("scope", ["office", "person", "province", "auditor"])
def test_a_file_is_changed_and_removed_by_nobody_at_work(ground: Ground, scope: str, statement: str) -> None:
    season, case = ground.season, ground.cases["submitted"]
    sessions = {
        "office": lambda: season.as_office(CITY, "supervisor"),
        "person": lambda: season.as_person(case.person),
        "province": season.as_province,
        "auditor": season.as_auditor,
    }
    with ground.changed(), pytest.raises(DBAPIError, match="permission denied"), sessions[scope]() as session:
        session.execute(text(statement))
