"""A small season, run twice: its result, and that each invariant finds its violation."""

import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, NullPool, create_engine, text
from sqlalchemy.exc import IntegrityError

from core.applications.rules.document import parse_rule_document
from core.cli.simulate import run
from core.db.database import Databases
from core.db.server.embedded import SUPERUSER, EmbeddedServer
from core.db.session import Actor, AuditorSession, ProvinceSession, Role, system_actor
from core.domain.workflow import Action
from core.plugin_api import OfficeCode
from core.reviews.replay import kept_document, replay, submissions_of
from core.settings import Settings
from core.simulate.exam_invariants import EXAM_RULES
from core.simulate.invariants import RULES, violations
from core.simulate.season import Plan
from tests.conftest import clone
from tests.simulate.run import settings_of

PLAN = Plan(year=2024, applicants=41, seed=2)
"""Every verb happens in it, and the only candidate of grade one of an office is absent."""
CENTER = system_actor(OfficeCode("henan"))
AUDITOR = Actor(uuid.UUID(int=1), "模拟审计", Role.PROVINCIAL_AUDITOR)
AFTERWARDS = datetime(2024, 12, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Ran:
    """A season that has been run: its result, and the database that it left, as the superuser."""

    result: dict[str, Any]
    superuser: Engine


@pytest.fixture(scope="module")
def ran(database_server: EmbeddedServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ran]:
    """The season, in a database of its own."""
    name = f"kaowu_season_{uuid.uuid4().hex}"
    with clone(database_server, name) as addresses:
        settings = settings_of(tmp_path_factory.mktemp("season"), addresses)
        superuser = create_engine(database_server.address(SUPERUSER, name), poolclass=NullPool)
        yield Ran(_run(settings), superuser)


def _run(settings: Settings) -> dict[str, Any]:
    return run(settings, PLAN)


def test_every_verb_happens_and_every_office_takes_part(ran: Ran) -> None:
    assert ran.result["violations"] == []
    assert {verb for verb, times in ran.result["verbs"].items() if times} == {action.value for action in Action}
    assert ran.result["offices"] == {"province": 1, "city": 18, "county": 9}
    assert ran.result["applications"]["total"] == PLAN.applicants
    assert len(ran.result["applications"]["by_office"]) == 19


def test_the_season_goes_on_to_certificates(ran: Ran) -> None:
    result = ran.result
    # Candidates who left the exam after it have sat all the same; their tickets are void.
    of_qualified = text(
        "SELECT count(*) FROM seats s JOIN applications a ON a.id = s.application_id "
        "WHERE s.published_at IS NOT NULL AND s.voided_at IS NULL AND a.state = 'qualified'"
    )
    with ran.superuser.connect() as connection:
        assert connection.scalar(of_qualified) == result["tickets"]["in_force"] > 0
    assert result["tickets"]["in_force"] <= result["seats"]["given"]
    assert 0 < result["certificates"] <= result["passed"]
    assert set(result["marks"]) == {"absent", "scored"}
    assert result["revoked"] > 0


def test_who_did_not_come_has_failed_by_the_door_list_alone(ran: Ran) -> None:
    by_the_list = text(
        "SELECT DISTINCT o.passed FROM marks m JOIN outcomes o USING (application_id) "
        "WHERE m.import_id IS NULL AND m.status = 'absent'"
    )
    with ran.superuser.connect() as connection:
        assert connection.execute(by_the_list).scalars().all() == [False]


_LATE = {
    "a ticket with the former address": "SELECT count(*) FROM admission_tickets WHERE 'addresses' = ANY (changed)",
    "a ticket in a former name": "SELECT count(*) FROM admission_tickets WHERE 'name' = ANY (changed)",
    "a ticket of somebody who is reviewed again": "SELECT count(*) FROM admission_tickets t JOIN moves m "
    "ON m.id = t.voided_by_move AND m.action = 'reopen'",
    "a ticket of somebody disqualified before the exam": "SELECT count(*) FROM admission_tickets t JOIN moves m "
    "ON m.id = t.voided_by_move AND m.action = 'disqualify' AND m.at < '2024-06-15'",
    "a certificate that was issued again": "SELECT count(*) FROM certificates WHERE superseded_at IS NOT NULL",
}


@pytest.mark.parametrize("what", _LATE)
def test_what_comes_to_light_late_takes_along_what_was_issued(ran: Ran, what: str) -> None:
    with ran.superuser.connect() as connection:
        assert connection.scalar(text(_LATE[what])), what


def test_the_same_seed_gives_the_same_season(ran: Ran, fresh_database: Databases, tmp_path: Path) -> None:
    again = _run(settings_of(tmp_path, fresh_database))
    assert {**again, "seconds": 0} == {**ran.result, "seconds": 0}


def test_every_verdict_can_be_reached_again_by_the_text_that_is_kept(ran: Ran) -> None:
    with ran.superuser.connect() as connection, ProvinceSession(connection, actor=CENTER, now=AFTERWARDS) as session:
        assert submissions_of(session, 2024) >= 40
        assert list(replay(session, 2024)) == [None] * submissions_of(session, 2024)


def test_another_document_is_tried_on_the_cases_of_a_season(ran: Ran) -> None:
    with ran.superuser.connect() as connection, ProvinceSession(connection, actor=CENTER, now=AFTERWARDS) as session:
        [version] = session.scalars(text("SELECT version FROM rule_texts"))
        held = kept_document(session, version)
        changed = held.content.replace('name = "henan-2024"', 'name = "henan-2024-strict"').replace(
            'category = "worker", years = 60', 'category = "worker", years = 40'
        )
        other = parse_rule_document(changed, origin="a stricter one")
        differing = [difference for difference in replay(session, 2024, rules=other) if difference is not None]
    assert differing
    assert {new.rule.split(".", 1)[0] for difference in differing for new in difference.new} == {"henan-2024-strict"}


def test_a_kept_text_is_never_another_than_its_version_says(ran: Ran) -> None:
    with ran.superuser.connect() as connection, pytest.raises(IntegrityError, match="version_is_of_the_text"):
        connection.execute(text("UPDATE rule_texts SET content = content || ' '"))


_BROKEN = {
    "state_without_its_move": "UPDATE applications SET state = 'rejected' WHERE state = 'qualified'",
    "broken_chain_of_moves": "DELETE FROM moves WHERE version = 2",
    "move_outside_the_table_of_verbs": "UPDATE moves SET action = 'clear' WHERE action = 'submit'",
    "decision_by_an_office_not_in_charge": "UPDATE moves SET acting_office_id = 'henan/jiyuan' "
    "WHERE acting_office_id IS NOT NULL",
    "not_exactly_one_office_in_charge": "UPDATE case_handlers SET until = now() WHERE until IS NULL",
    "gap_between_offices_in_charge": "UPDATE case_handlers SET until = until - interval '1 minute' "
    "WHERE until IS NOT NULL",
    "in_charge_without_a_delegation": "UPDATE case_handlers SET delegation_id = NULL",
    "two_live_applications_of_one_person": "DROP INDEX uq_applications_one_live; "
    "UPDATE applications SET person_id = (SELECT min(person_id::text)::uuid FROM applications)",
    "qualified_with_an_unsettled_finding": "UPDATE finding_settlements SET satisfied = false",
    "submitted_with_a_blocking_finding": "UPDATE findings SET severity = 'blocks'",
    "qualified_with_an_open_deferral": "UPDATE deferrals SET state = 'open'",
    "one_account_decided_two_stages": "UPDATE moves SET account_id = (SELECT min(id::text)::uuid FROM accounts)",
    "decision_on_ones_own_case": "UPDATE accounts SET person_id = (SELECT person_id FROM applications a "
    "JOIN moves m ON m.application_id = a.id WHERE m.account_id = accounts.id LIMIT 1)",
    "decision_without_a_reason": "UPDATE moves SET reason = ' '",
    "application_of_a_banned_person": "UPDATE bans SET begins = '2024-01-01', decided_at = '2024-01-01'",
    "case_counted_by_another_office_than_its_units": "UPDATE applications SET office_id = 'henan'",
    "figures_that_do_not_add_up": "UPDATE case_counts SET n = n + 1 WHERE id = (SELECT min(id) FROM case_counts)",
    "closed_season_with_an_open_draft_or_return": "UPDATE applications SET state = 'draft' WHERE state = 'expired'",
    "filing_outside_the_frame": "UPDATE calendar_versions SET windows = '[]' WHERE office_id = 'henan'",
    "submitted_outside_the_window": "UPDATE submissions SET received_at = '2024-02-01' WHERE late_entry_id IS NULL",
    "one_seat_given_twice": "DROP INDEX uq_seats_place, uq_seats_once, uq_seats_live_place, uq_seats_live_once; "
    "UPDATE seats SET seat = 1, sitting_id = (SELECT min(sitting_id::text)::uuid FROM seats), "
    "room_id = (SELECT min(id::text)::uuid FROM exam_rooms)",
    "seated_twice_for_one_subject": "UPDATE sittings SET subjects = subjects || subjects",
    "more_people_than_machines": "ALTER TABLE exam_rooms DROP CONSTRAINT ck_exam_rooms_has_seats; "
    "UPDATE exam_rooms SET reserve_machines = machines",
    "seat_at_a_site_that_dropped_out": "UPDATE exam_sites SET closed_at = '2024-06-01'",
    "seat_of_somebody_not_qualified": "UPDATE applications SET state = 'withdrawn' WHERE state = 'qualified'",
    "ticket_of_somebody_not_qualified": "UPDATE applications SET state = 'withdrawn' WHERE state = 'qualified'",
    "qualified_without_a_seat": "UPDATE seats SET voided_at = now()",
    "neighbours_of_one_unit_that_could_sit_apart": "UPDATE plans SET figures = figures || "
    "jsonb_build_object('neighbours', 3, 'unavoidable', 2)",
    "ticket_without_a_seat": "DELETE FROM seats",
    "seat_without_a_ticket": "UPDATE admission_tickets SET voided_at = now(), void_reason = '-'",
    "ticket_with_an_open_deferral": "UPDATE deferrals SET ended_at = NULL, application_id = "
    "(SELECT application_id FROM admission_tickets LIMIT 1) WHERE id = (SELECT min(id::text)::uuid FROM deferrals)",
    "marks_confirmed_by_whoever_handed_them_in": "ALTER TABLE mark_imports "
    "DROP CONSTRAINT ck_mark_imports_two_people; UPDATE mark_imports SET decided_by = proposed_by",
    "mark_of_somebody_absent_without_a_reason": "UPDATE attendances SET state = 'absent'",
    "absent_without_a_table_or_a_door_list": "UPDATE marks SET import_id = NULL, status = 'absent', mark = NULL",
    "noted_as_absent_and_without_a_mark": "UPDATE attendances SET state = 'absent'; DELETE FROM marks",
    "passed_without_every_subject": "DELETE FROM marks",
    "certificate_without_a_pass": "UPDATE outcomes SET passed = false",
    "certificate_without_a_closed_list": "UPDATE publications SET state = 'published', closed_at = NULL",
    "disqualified_without_a_final_case": "UPDATE sanction_cases SET disqualifies = false",
    "valid_certificate_of_somebody_disqualified": "UPDATE applications SET state = 'disqualified' "
    "WHERE state = 'qualified'",
}


@pytest.mark.parametrize("rule", sorted(_BROKEN))
def test_a_broken_rule_is_found(ran: Ran, rule: str) -> None:
    with ran.superuser.connect() as connection, connection.begin() as transaction:
        connection.execute(text("SET LOCAL session_replication_role = replica"))
        connection.execute(text(_BROKEN[rule]))
        with AuditorSession(connection, actor=AUDITOR, now=AFTERWARDS) as session:
            found = violations(session, year=2024, closed=True)
        transaction.rollback()
    assert rule in {violation.split(":")[0] for violation in found}


def test_every_rule_is_broken_once() -> None:
    assert set(_BROKEN) == {*RULES, *EXAM_RULES, "filing_outside_the_frame", "submitted_outside_the_window"}
