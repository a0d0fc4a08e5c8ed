"""What the database itself refuses to be written, whatever the services would have said: plain SQL, past them all."""

from contextlib import AbstractContextManager
from dataclasses import replace
from datetime import date
from uuid import UUID

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from core.applications.models import Application, Move
from core.db.base import new_id
from core.db.session import Actor, OfficeSession, Role, ScopedSession
from core.delegation.queries import delegation_between, handlers_of
from core.delegation.service import CaseChoice
from core.domain.identity_number import simulated
from core.domain.workflow import State
from core.errors import Conflict, Forbidden
from core.identity.service import claim_person, issue_account
from core.plugin_api import OfficeCode, Sex
from core.reviews import service as reviews
from core.sanctions.service import confirm_ban, take_over_ban
from tests.cases import CITY, COUNTY, KEYS, OTHER_CITY, PROVINCE, Case, Season, at
from tests.db.refusals import insert
from tests.isolation import matrix
from tests.sanctioned import disqualified

NO_POLICY = "new row violates row-level security policy"
NO_RIGHT = "permission denied for table"
TRANSFER = text("SELECT transfer_case(:case, :to, :delegation, 'test', :at)")


def approval(session: ScopedSession, case: Application, **changed: object) -> Move:
    """The move that an officer in charge would write, as far as the session is one."""
    values: dict[str, object] = {
        "id": new_id(),
        "application_id": case.id,
        "version": case.version + 1,
        "round": case.round,
        "action": "approve",
        "from_state": case.state,
        "to_state": "qualified",
        "capacity": "office",
        "reason": "",
        "office_id": case.handler_office_id,
        "acting_office_id": session.actor.office_id,
        "account_id": session.actor.account_id,
        "actor_name": session.actor.name,
        "role": session.actor.role.value,
        "at": session.now,
    }
    return Move(**{**values, **changed})


def test_the_office_in_charge_may_write_the_move(season: Season) -> None:
    case = season.look(season.at_office())
    with season.as_office(CITY) as session:
        insert(session, approval(session, case))


@pytest.mark.parametrize("office", [OTHER_CITY, COUNTY, PROVINCE])
def test_an_office_that_is_not_in_charge_cannot_write_a_move(season: Season, office: OfficeCode) -> None:
    case = season.look(season.at_office())
    with pytest.raises(DBAPIError, match=NO_POLICY), season.as_office(office) as session:
        insert(session, approval(session, case))


def test_the_owner_cannot_decide_over_the_head_of_the_office_in_charge(season: Season) -> None:
    case = season.look(season.at_office(COUNTY))
    with pytest.raises(DBAPIError, match=NO_POLICY), season.as_office(CITY) as session:
        insert(session, approval(session, case))


def test_a_county_whose_delegation_was_taken_back_reads_its_case_and_cannot_write_it(season: Season) -> None:
    made = season.at_office(COUNTY)
    matrix.take_back(season, CaseChoice.MOVE)
    with season.as_office(COUNTY) as session:
        case = session.get_one(Application, made.id)
        assert case.handler_office_id == CITY
    with pytest.raises(DBAPIError, match=NO_POLICY), season.as_office(COUNTY) as session:
        insert(session, approval(session, case))
    with season.as_office(COUNTY) as session:
        changed = session.execute(text("UPDATE applications SET due_at = NULL WHERE id = :id"), {"id": made.id})
        assert changed.rowcount == 0  # type: ignore[attr-defined]
    with pytest.raises(Forbidden, match="不由您办理"), season.as_office(COUNTY) as session:
        reviews.reject(session, made.id, offices=season.offices, reason="测试")


@pytest.mark.parametrize(
    "lie",
    [
        {"account_id": UUID(int=7)},
        {"office_id": "linshui/yunshan"},
        {"acting_office_id": "linshui/yunshan"},
        {"acting_office_id": None},
        {"version": 9},
        {"from_state": "onsite_confirmation", "action": "confirm"},
        {"action": "lapse", "from_state": "provisional", "to_state": "rejected"},
    ],
    ids=str,
)
def test_a_move_that_does_not_tell_the_truth_is_refused(season: Season, lie: dict[str, object]) -> None:
    case = season.look(season.at_office())
    with pytest.raises(DBAPIError, match=NO_POLICY), season.as_office(CITY) as session:
        insert(session, approval(session, case, **lie))


def test_a_move_that_the_table_of_verbs_does_not_know_is_refused(season: Season) -> None:
    case = season.look(season.at_office())
    with pytest.raises(DBAPIError, match="fk_moves_action"), season.as_office(CITY) as session:
        insert(session, approval(session, case, to_state="withdrawn"))


def test_an_applicant_cannot_write_a_reviewers_move(season: Season) -> None:
    made = season.submitted()
    case = season.look(made)
    for row in ({"to_state": "qualification_review"}, {"to_state": "rejected", "action": "reject"}):
        with pytest.raises(DBAPIError, match=NO_POLICY), season.as_person(made.person) as session:
            insert(session, approval(session, case, acting_office_id=None, **row))


@pytest.mark.parametrize("who", ["office", "unit", "person"])
def test_a_state_changed_without_a_move_is_refused(season: Season, who: str) -> None:
    made = season.at_office()
    sessions: dict[str, AbstractContextManager[ScopedSession]] = {
        "office": season.as_office(CITY),
        "unit": season.as_unit(made.unit),
        "person": season.as_person(made.person),
    }
    change = text("UPDATE applications SET state = 'qualified', version = version + 1 WHERE id = :id")
    with pytest.raises(DBAPIError, match="a state changes only by a move"), sessions[who] as session:
        session.execute(change, {"id": made.id})


def test_a_move_is_good_for_one_change_alone(season: Season) -> None:
    made = season.at_office()
    season.approve_at_office(made)
    change = text("UPDATE applications SET state = 'qualification_review', version = 3 WHERE id = :id")
    with pytest.raises(DBAPIError, match="a state changes only by a move"), season.as_office(CITY) as session:
        session.execute(change, {"id": made.id})


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE applications SET handler_office_id = 'linshui/yunshan'",
        "UPDATE applications SET office_id = 'linshui/yunshan'",
        "UPDATE applications SET person_id = gen_random_uuid()",
        "DELETE FROM applications",
        "UPDATE moves SET reason = 'x'",
        "DELETE FROM moves",
        "UPDATE record_entries SET kind = 'x'",
        "DELETE FROM record_entries",
        "UPDATE submissions SET rule_version = 'x'",
        "DELETE FROM findings",
        "UPDATE finding_settlements SET satisfied = true",
        "INSERT INTO case_handlers (office_id) VALUES ('linshui')",
        "UPDATE case_handlers SET until = now()",
        "DELETE FROM case_handlers",
        "INSERT INTO persons (name) VALUES ('x')",
        "UPDATE persons SET name = 'x'",
        "INSERT INTO transitions VALUES ('approve', 'draft', 'qualified')",
    ],
)
@pytest.mark.parametrize("scope", ["office", "province", "auditor"])
def test_what_is_kept_for_good_can_be_changed_by_nobody(season: Season, scope: str, statement: str) -> None:
    sessions: dict[str, AbstractContextManager[ScopedSession]] = {
        "office": season.as_office(CITY),
        "province": season.as_province(),
        "auditor": season.as_auditor(),
    }
    with pytest.raises(DBAPIError, match=NO_RIGHT), sessions[scope] as session:
        session.execute(text(statement))


def test_an_entry_of_the_record_cannot_be_written_in_another_name(season: Season) -> None:
    entry = text(
        "INSERT INTO record_entries (id, office_id, at, kind, subject_type, subject_id, account_id, role, "
        "payload, digest) VALUES (gen_random_uuid(), 'linshui/qinghe', now(), 'test', 'x', 'x', gen_random_uuid(), "
        "'x', '{}', '')"
    )
    with pytest.raises(DBAPIError, match=NO_POLICY), season.as_office(CITY) as session:
        session.execute(entry)


def transfer(season: Season, session: OfficeSession, case: Case, to: str, delegation: UUID | None = None) -> None:
    values = {"case": case.id, "to": to, "delegation": delegation, "at": season.now}
    session.execute(TRANSFER, values)


@pytest.mark.parametrize("office", [OTHER_CITY, COUNTY, PROVINCE])
def test_a_stranger_cannot_transfer_a_case(season: Season, office: OfficeCode) -> None:
    made = season.at_office()
    with pytest.raises(DBAPIError, match="not the asker's case") as refused, season.as_office(office) as session:
        transfer(season, session, made, office)
    assert refused.value.orig.sqlstate == "KW404"  # type: ignore[union-attr]


def test_a_past_handler_cannot_take_its_case_again(season: Season) -> None:
    made = season.at_office(COUNTY)
    matrix.take_back(season, CaseChoice.MOVE)
    with pytest.raises(DBAPIError, match="not the asker's case"), season.as_office(COUNTY) as session:
        transfer(season, session, made, COUNTY)


def test_a_case_is_not_transferred_to_an_office_without_a_delegation_in_force(season: Season) -> None:
    made = season.at_office(COUNTY)
    with season.as_office(CITY) as session:
        held = delegation_between(session, CITY, COUNTY)
    matrix.take_back(season, CaseChoice.STAY)
    for to, delegation in ((OTHER_CITY, held), (OTHER_CITY, None), (PROVINCE, None)):
        with pytest.raises(DBAPIError, match="holds no delegation") as refused, season.as_office(CITY) as session:
            transfer(season, session, made, to, delegation)
        assert refused.value.orig.sqlstate == "KW002"  # type: ignore[union-attr]
    with season.as_office(CITY) as session:
        transfer(season, session, made, CITY)
    with pytest.raises(DBAPIError, match="holds no delegation"), season.as_office(CITY) as session:
        transfer(season, session, made, COUNTY, held)


def test_a_transfer_leaves_one_open_row_and_the_story_of_all(season: Season) -> None:
    made = season.at_office(COUNTY)
    season.now = at(3, 26)
    matrix.take_back(season, CaseChoice.MOVE)
    with season.as_office(CITY) as session:
        rows = [(handler.office_id, handler.from_, handler.until) for handler in handlers_of(session, made.id)]
    assert rows == [(CITY, at(3, 25), at(3, 25)), (COUNTY, at(3, 25), at(3, 26)), (CITY, at(3, 26), None)]


def test_an_applicant_cannot_transfer_a_case_that_is_under_review(season: Season) -> None:
    made = season.submitted()
    values = {"case": made.id, "to": CITY, "delegation": None, "at": season.now}
    with pytest.raises(DBAPIError, match="not the asker's case"), season.as_person(made.person) as session:
        session.execute(TRANSFER, values)


def test_an_identity_number_under_another_name_tells_nobody_whose_it_is(season: Season) -> None:
    known = season.add_person()
    number = simulated(1, date(1980, 5, 6), Sex.MALE)
    with pytest.raises(Conflict) as refused, season.signing_in() as session:
        claim_person(session, id_number=number, name="测试冒名", phone=None, keys=KEYS)
    said = f"{refused.value} {refused.value.detail} {refused.value.fields} {refused.value.__cause__}"
    assert known.name not in said
    with season.signing_in() as session:
        assert session.execute(text("SELECT name FROM persons")).all() == []
        again = claim_person(session, id_number=number, name=known.name, phone=None, keys=KEYS)
    assert again == known.person_id


def test_a_ban_of_another_office_is_known_by_its_end_alone(season: Season) -> None:
    person_id = season.at_office(OTHER_CITY).person.person_id
    assert person_id is not None
    with season.as_province() as session:
        number = "测试处〔2024〕1号"
        ban = take_over_ban(session, person_id=person_id, reason="测试", instrument=number, begins=season.now)
    with season.as_province("second") as session:
        confirm_ban(session, ban.id)
    with season.as_office(CITY) as session:
        until = session.scalar(text("SELECT person_ban_until(:p, :at)"), {"p": person_id, "at": season.now})
        assert until == ban.ends
        assert session.execute(text("SELECT reason FROM bans")).all() == []


def test_a_draft_cannot_be_made_for_another_office_or_another_person(season: Season) -> None:
    made = season.draft()
    columns = (
        "id, reference, year, office_id, handler_office_id, local_office_id, person_id, unit_id, person_name, "
        "initials, id_tail, unit_name, state, version, round, form, route, desks, onsite_needed, deferral_open, "
        "created_at, created_by"
    )
    copy = (
        f"INSERT INTO applications ({columns}) SELECT gen_random_uuid(), 'x', year, {{office}}, {{office}}, "  # noqa: S608
        "local_office_id, {person}, unit_id, person_name, initials, id_tail, unit_name, 'draft', 0, 0, form, route, "
        "desks, false, false, created_at, created_by FROM applications"
    )
    elsewhere = text(copy.format(office=f"'{OTHER_CITY}'", person="person_id"))
    with pytest.raises(DBAPIError, match="fk_applications_unit_id_office_id"), season.as_person(made.person) as session:
        session.execute(elsewhere)
    stranger = Actor(new_id(), "测试陌生人", Role.APPLICANT, person_id=season.add_person().person_id)
    for_another = text(copy.format(office="office_id", person=f"'{stranger.person_id}'"))
    with pytest.raises(DBAPIError, match=NO_POLICY), season.as_person(made.person) as session:
        session.execute(for_another)


def test_a_submitted_case_cannot_be_inserted_ready_made(season: Season) -> None:
    made = season.submitted()
    case = season.look(made)
    values = {column.key: getattr(case, column.key) for column in Application.__table__.columns}
    ready = Application(**{**values, "id": new_id(), "reference": "x", "state": State.QUALIFIED.value})
    with pytest.raises(DBAPIError, match=NO_POLICY), season.as_person(made.person) as session:
        insert(session, ready)


def test_the_owner_changes_a_case_in_other_hands_by_its_supervising_move_alone(season: Season) -> None:
    made = season.at_office(COUNTY)
    with season.as_office(CITY, "supervisor") as session:
        locked = session.execute(text("SELECT id FROM applications WHERE id = :id FOR UPDATE"), {"id": made.id})
        assert len(locked.all()) == 1
    for statement in ("due_at = NULL", "state = 'rejected', version = version + 1", "form = '{}'"):
        change = text(f"UPDATE applications SET {statement} WHERE id = :id")  # noqa: S608
        with (
            pytest.raises(DBAPIError, match=r"not in charge|only by a move|row-level security"),
            season.as_office(CITY, "supervisor") as session,
        ):
            session.execute(change, {"id": made.id})
    disqualified(season, made)
    assert season.look(made).state == State.DISQUALIFIED


def test_a_case_reopened_after_its_delegation_ended_goes_back_to_its_owner(season: Season) -> None:
    made = season.at_office(COUNTY)
    season.approve_at_office(made, COUNTY)
    matrix.take_back(season, CaseChoice.STAY)
    assert season.look(made).handler_office_id == COUNTY
    with season.as_province() as session:
        reviews.reopen(session, made.id, offices=season.offices, reason="申诉成立")
    case = season.look(made)
    assert (case.state, case.handler_office_id) == (State.QUALIFICATION_REVIEW, CITY)


@pytest.mark.parametrize("to", [OTHER_CITY, PROVINCE, COUNTY])
def test_the_province_gives_a_case_back_to_its_owner_and_to_nobody_else(season: Season, to: OfficeCode) -> None:
    made = season.at_office()
    values = {"case": made.id, "to": to, "delegation": None, "at": season.now}
    with pytest.raises(DBAPIError, match="not the asker's case"), season.as_province() as session:
        session.execute(TRANSFER, values)


def test_an_office_that_calls_itself_the_province_transfers_no_case_of_others(season: Season) -> None:
    made = season.at_office(COUNTY)
    values = {"case": made.id, "to": CITY, "delegation": None, "at": season.now}
    with season.as_office(OTHER_CITY) as session:
        session.execute(text("SET LOCAL kaowu.scope = 'province'"))
        with pytest.raises(DBAPIError, match="not the asker's case"), session.begin_nested():
            session.execute(TRANSFER, values)


@pytest.mark.parametrize(
    ("role", "lie"),
    [
        (Role.CITY_SUPERVISOR, {}),
        (Role.SCHEDULER, {}),
        (Role.OPERATOR, {}),
        (Role.CITY_REVIEWER, {"role": "provincial_officer"}),
        (Role.CITY_REVIEWER, {"on_behalf_of": UUID(int=7)}),
        (Role.CITY_REVIEWER, {"action": "reopen", "to_state": "qualification_review", "reason": "x"}),
    ],
)
def test_the_database_asks_for_the_role_as_well_as_the_office(
    season: Season, role: Role, lie: dict[str, object]
) -> None:
    case = season.look(season.at_office())
    actor = Actor(new_id(), "测试他岗", role, office_id=CITY)
    with pytest.raises(DBAPIError, match=NO_POLICY), season.as_office(CITY, actor=actor) as session:
        insert(session, approval(session, case, **lie))


def account_of(season: Season, name: str, person_id: UUID | None) -> Actor:
    """A reviewer of the city with an account, who is that person."""
    with season.as_system(CITY) as session:
        made = issue_account(
            session,
            login=f"{name}-{new_id().hex}",
            name=name,
            role=Role.CITY_REVIEWER,
            office_id=CITY,
            person_id=person_id,
            valid_from=season.now,
        )
    return Actor(made.id, name, Role.CITY_REVIEWER, office_id=CITY)


def test_the_database_refuses_a_decision_on_ones_own_case_also_by_a_deputy(season: Season) -> None:
    made = season.at_office()
    case = season.look(made)
    own, deputy = account_of(season, "测试本人", made.person.person_id), season.officer(CITY, "deputy")
    for actor in (own, replace(deputy, on_behalf_of=own.account_id)):
        with (
            pytest.raises(DBAPIError, match="their own case") as refused,
            season.as_office(CITY, actor=actor) as session,
        ):
            insert(session, approval(session, case, on_behalf_of=actor.on_behalf_of))
        assert refused.value.orig.sqlstate == "KW004"  # type: ignore[union-attr]


def test_the_database_refuses_decisions_of_one_person_at_two_stages(season: Season) -> None:
    somebody = season.add_person().person_id
    first, second = account_of(season, "测试甲号", somebody), account_of(season, "测试乙号", somebody)
    made = season.submitted()
    manager = replace(first, role=Role.UNIT_MANAGER, office_id=None, unit_id=made.unit)
    season.approve_at_unit(made, actor=manager)
    case = season.look(made)
    deputy = season.officer(CITY, "deputy")
    for actor in (first, second, replace(deputy, on_behalf_of=second.account_id)):
        with pytest.raises(DBAPIError, match="two stages") as refused, season.as_office(CITY, actor=actor) as session:
            insert(session, approval(session, case, on_behalf_of=actor.on_behalf_of))
        assert refused.value.orig.sqlstate == "KW005"  # type: ignore[union-attr]
    with season.as_office(CITY) as session:
        insert(session, approval(session, case))
