"""A few short histories with a fixed seed, and that each rule finds its planted fault by a directed history."""

from collections.abc import Iterator
from typing import Any

import pytest

from core.applications import consequences, copies
from core.db.server.embedded import EmbeddedServer
from core.documents import service as documents
from core.plugin_api import Grade
from core.results.corrections import service as corrections
from core.results.outcomes import dependents as outcome_dependents
from core.reviews.inquiries import service as inquiries
from core.reviews.owed import reminders
from core.reviews.paper_form import editions
from core.scheduling.tickets import dependents as ticket_dependents
from core.seasons import posts
from tests.cases import CITY
from tests.histories.acts import YEAR, moment
from tests.histories.invariants import HELD, Inspection
from tests.histories.life import Life
from tests.histories.machine import ACTS, Machine
from tests.histories.run import run_seed
from tests.histories.stages import STAGES, Stages, bring, built, do, lose_the_pass

INSPECTION = Inspection(ACTS.values())


@pytest.fixture(scope="module")
def stages(database_server: EmbeddedServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stages]:
    """The stages at which histories begin."""
    with built(database_server, tmp_path_factory.mktemp("histories"), STAGES) as made:
        yield made


def broken(life: Life) -> set[str]:
    """The names of the rules that are broken now."""
    return {found.partition(":")[0] for found in INSPECTION(life).broken}


def plant(life: Life, statement: str) -> None:
    """Change the database as no migration would; the history is rolled back, and this with it."""
    with life.all_seeing():
        life.season.connection.exec_driver_sql(statement)


def corrected_name(life: Life) -> tuple[Any, Any]:
    """A correction of a name that is asked for, and a submitted application of the person."""
    for luck, case in enumerate(life.rows_for("applications", "t.state = 'qualified'")):
        life.perform("unit_asks_for_a_correction_of_the_name", row=case, luck=luck)
        wanted = "t.kind <> 'number' AND t.state = 'asked' AND t.person_id = :person"
        for asked in life.rows_for("identity_corrections", wanted, person=case.person_id):
            return asked, case
    raise AssertionError


def test_a_few_short_histories_break_nothing(stages: Stages) -> None:
    Machine.stages = stages
    ended = run_seed(7, 8, 30, shorten=False)
    assert not ended.faults, ended.faults[0]
    assert ended.acts.total() > 100


@pytest.mark.parametrize("stage", STAGES)
def test_no_rule_is_broken_where_histories_begin(stages: Stages, stage: str) -> None:
    with stages.life(stage) as life:
        found = INSPECTION(life)
    assert found.broken == ()
    assert set(found.waiting) == set(ACTS)


def test_a_move_that_takes_nothing_along_is_found_at_ticket_seat_and_door(stages: Stages) -> None:
    with stages.life("exam_day") as life:
        plant(life, "DROP TRIGGER take_along ON moves")
        [sitting, *_] = life.rows_for("sittings", "t.starts_at > :now")
        wanted = "EXISTS (SELECT FROM seats s WHERE s.application_id = t.id AND s.sitting_id = :sitting)"
        do(life, "supervisor_reopens", life.rows_for("applications", wanted, sitting=sitting.id)[0])
        assert {"unqualified_with_a_ticket_in_force", "unqualified_with_a_seat_to_come"} <= broken(life)
        assert "unqualified_let_in" not in broken(life)
        for luck in range(12):
            life.perform("candidate_arrives", row=sitting, luck=luck)
        assert "unqualified_let_in" in broken(life)


def test_a_ticket_that_is_not_replaced_is_found(stages: Stages, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ticket_dependents, "replace_stale", lambda *_args, **_more: ())
    with stages.life("ticketed") as life:
        for luck in range(4):
            life.perform("site_is_changed", luck=luck)
        assert broken(life) == {"ticket_tells_something_else"}


def test_a_certificate_without_a_pass_that_nobody_is_asked_to_revoke_is_found(
    stages: Stages, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outcome_dependents, "notify", lambda *_args, **_more: None)
    with stages.life("certified") as life:
        lose_the_pass(life, life.rows_for("certificates")[0])
        assert broken(life) == {"valid_certificate_without_a_standing_pass"}


def test_a_case_on_no_desk_is_found(stages: Stages) -> None:
    with stages.life("registration") as life:
        plant(life, "DROP TRIGGER open_case_handler ON applications")
        do(life, "somebody_drafts")
        assert "not_exactly_one_office_in_charge" in broken(life)
        do(life, "person_submits", life.rows_for("applications", "t.state = 'draft'")[-1])
        assert "open_case_not_on_exactly_one_desk" in broken(life)


def test_a_case_that_is_not_counted_is_found(stages: Stages) -> None:
    with stages.life("registration") as life:
        plant(life, "DROP TRIGGER count_case ON applications")
        do(life, "person_withdraws")
        assert {"figures_that_do_not_add_up", "figures_by_desk_and_by_place_differ"} <= broken(life)


def test_a_refusal_that_nobody_is_told_of_is_found(stages: Stages, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(corrections, "notify", lambda *_args, **_more: None)
    with stages.life("examined") as life:
        do(life, "correction_is_refused")
        assert broken(life) == {"nobody_told_of_a_refusal"}


def test_a_review_that_begins_again_beside_a_case_is_found(stages: Stages, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(consequences, "_check_no_case_beside", lambda *_given: None)
    with stages.life("registration") as life:
        rejected = bring(life, CITY, Grade.FIVE, "rejected")
        do(life, "person_drafts_again", rejected)
        person = life.rows_for("applications", "t.person_id = :person", person=rejected.person_id)
        [again] = [case for case in person if case.id != rejected.id]
        do(life, "person_submits", again)
        [again] = life.rows_for("applications", "t.id = :case", case=again.id)
        do(life, "violation_is_proposed", again)
        do(life, "person_withdraws", again)
        assert broken(life) == set()
        do(life, "supervisor_reopens", life.rows_for("applications", "t.id = :case", case=rejected.id)[0])
        assert broken(life) == {"reviewed_again_beside_a_case"}


def test_a_question_that_the_office_is_not_told_of_is_found(stages: Stages, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(inquiries, "notify", lambda *_args, **_more: None)
    with stages.life("registration") as life:
        do(life, "person_asks_about_a_case")
        assert broken(life) == {"question_or_answer_that_nobody_is_told_of"}


def test_more_questions_than_a_desk_can_take_are_found(stages: Stages, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(inquiries, "MOST_OPEN", 99)
    with stages.life("registration") as life:
        case = life.rows_for("applications")[0]
        for _ in range(4):
            do(life, "person_asks_about_a_case", case)
        assert broken(life) == {"too_many_questions"}


def test_a_question_on_the_desk_of_a_former_office_is_found(stages: Stages, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(inquiries, "_for", lambda office: inquiries.Inquiry.office_id == office)
    with stages.life("registration") as life:
        [case] = life.rows_for("applications", "t.handler_office_id <> t.office_id")
        do(life, "person_asks_about_a_case", case)
        do(life, "offices_look_at_their_questions")
        [delegation] = life.rows_for("delegations")
        for luck in range(12):
            life.perform("delegation_is_taken_back", row=delegation, luck=luck)
        assert life.rows_for("applications", "t.id = :case", case=case.id)[0].handler_office_id == case.office_id
        with pytest.raises(AssertionError):
            life.perform("offices_look_at_their_questions")


def test_a_question_under_an_earlier_name_is_found(stages: Stages) -> None:
    with stages.life("arrangements") as life:
        asked, case = corrected_name(life)
        do(life, "person_asks_about_a_case", case)
        do(life, "correction_of_the_name_is_examined", asked)
        do(life, "name_is_corrected", asked)
        assert broken(life) == set()
        plant(life, "UPDATE inquiries SET person_name = '测试旧名'")
        assert broken(life) == {"open_question_under_an_earlier_name"}


def test_a_second_reminder_of_a_day_is_found(stages: Stages, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reminders, "_reminded_today", lambda _session: frozenset())
    with stages.life("registration") as life:
        plant(life, "ALTER TABLE reminders DROP CONSTRAINT uq_reminders_person_id_day")
        draft = life.rows_for("applications", "t.state = 'draft'")[0]
        [unit] = life.rows_for("units", "t.id = :unit", unit=draft.unit_id)
        for luck in range(12):
            life.perform("unit_reminds", row=unit, luck=luck)
        assert "reminded_twice_a_day" in broken(life)


def test_a_reminder_that_leads_to_a_closed_door_is_found(stages: Stages, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reminders, "_is_closed", lambda *_given: False)
    with stages.life("registration") as life:
        draft = life.rows_for("applications", "t.state = 'draft'")[0]
        [unit] = life.rows_for("units", "t.id = :unit", unit=draft.unit_id)
        life.now = moment(YEAR, 4, 7)
        found: set[str] = set()
        for luck in range(12):
            life.perform("unit_reminds", row=unit, luck=luck)
            found |= broken(life)
        assert found == {"reminded_and_comes_to_a_closed_door"}


def _end_first_year(life: Life, *, closed: bool) -> None:
    [season] = life.rows_for("seasons", f"t.year = {YEAR}")
    do(life, "year_enters_a_phase", season)
    luck = 0
    while closed:
        life.perform("year_enters_a_phase", row=season, luck=luck)
        luck += 1
        for proposed in life.rows_for("season_acts", "t.phase = 'closed'"):
            do(life, "year_is_closed", proposed)
            closed = False


@pytest.mark.parametrize(
    ("closed", "rules"),
    [(False, {"taken_in_by_a_year_that_ends"}), (True, {"taken_in_by_a_year_that_ends", "begun_in_a_closed_year"})],
)
def test_posts_stated_for_a_year_that_ends_are_found(
    stages: Stages, monkeypatch: pytest.MonkeyPatch, *, closed: bool, rules: set[str]
) -> None:
    monkeypatch.setattr(posts, "check_takes_in", lambda *_given: None)
    with stages.life("next_season") as life:
        _end_first_year(life, closed=closed)
        assert not broken(life)
        for luck in range(40):
            life.perform("unit_states_its_posts", luck=luck)
            if broken(life):
                break
        assert broken(life) == rules


@pytest.mark.parametrize(
    ("name", "rule"), [("_NEVER", "copy_that_declares_for_the_person"), ("_WISH", "copy_that_differs_from_its_source")]
)
def test_a_copy_of_what_is_asked_for_again_is_found(
    stages: Stages, monkeypatch: pytest.MonkeyPatch, name: str, rule: str
) -> None:
    monkeypatch.setattr(copies, name, frozenset())
    with stages.life("next_season") as life:
        copied = "t.year = 2024 AND t.round > 0 AND NOT EXISTS (SELECT FROM applications o"
        copied += " WHERE o.person_id = t.person_id AND o.year = 2025)"
        do(life, "person_copies_an_application", life.rows_for("applications", copied)[0])
        assert rule in broken(life)


def test_a_paper_that_is_replaced_under_review_is_found(stages: Stages, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(documents, "check_awaited", lambda *_given: None)
    with stages.life("registration") as life:
        plant(life, "DROP TRIGGER guard_document ON documents")
        case = life.rows_for("applications", "t.state = 'qualification_review'")[0]
        life.perform("person_uploads_another_photo", row=case)
        assert broken(life) == {"paper_replaced_under_the_eyes_of_reviewers"}


def test_a_paper_on_behalf_that_nobody_is_told_of_is_found(stages: Stages, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(documents, "_tell_of_paper", lambda *_given: None)
    with stages.life("registration") as life:
        do(life, "unit_uploads_a_paper", life.rows_for("applications", "t.state = 'draft'")[0])
        assert broken(life) == {"paper_on_behalf_that_nobody_is_told_of"}


def test_a_form_on_paper_that_misses_a_change_is_found(stages: Stages, monkeypatch: pytest.MonkeyPatch) -> None:
    with stages.life("arrangements") as life:
        asked, case = corrected_name(life)
        do(life, "form_is_printed", case)
        do(life, "correction_of_the_name_is_examined", asked)
        do(life, "name_is_corrected", asked)
        do(life, "printed_form_is_checked")
        monkeypatch.setattr(editions, "_standing", lambda *_given: editions.Standing.LATEST)
        with pytest.raises(AssertionError):
            life.perform("printed_form_is_checked")


def _out(life: Life) -> Any:
    """The list that is before the public."""
    [listed] = life.rows_for("publications", "t.state = 'published'")
    return listed


def test_a_list_that_is_corrected_withdrawn_and_struck_breaks_nothing(stages: Stages) -> None:
    with stages.life("certified") as life:
        do(life, "striking_is_proposed", _out(life))
        [made] = life.rows_for("strikings")
        do(life, "person_speaks_on_a_striking", made)
        life.now = made.heard_until
        do(life, "line_is_struck", made)
        do(life, "striking_is_taken_back", life.rows_for("strikings")[0])
        do(life, "line_is_struck", life.rows_for("strikings")[0])
        do(life, "list_is_corrected", _out(life))
        [line] = life.rows_for("publication_entries", "t.struck_at IS NOT NULL AND t.released_at IS NULL")
        do(life, "somebody_struck_asks_to_come_back", line)
        do(life, "somebody_is_restored", life.rows_for("strikings", "t.kind = 'restore'")[0])
        do(life, "list_is_withdrawn", _out(life))
        assert broken(life) == set()


def test_a_line_that_still_binds_after_its_list_is_found(stages: Stages) -> None:
    with stages.life("certified") as life:
        do(life, "list_is_withdrawn", _out(life))
        plant(life, "DROP TRIGGER guard_entry ON publication_entries")
        plant(life, "UPDATE publication_entries SET released_at = NULL WHERE struck_at IS NULL")
        assert broken(life) == {"ended_list_that_binds_somebody"}


def test_a_striking_before_the_hearing_is_over_is_found(stages: Stages) -> None:
    with stages.life("certified") as life:
        do(life, "striking_is_proposed", _out(life))
        plant(life, "DROP TRIGGER guard_striking ON strikings")
        plant(life, "DROP TRIGGER guard_settled ON strikings")
        plant(life, "UPDATE strikings SET heard_until = heard_until - interval '30 days'")
        do(life, "line_is_struck", life.rows_for("strikings")[0])
        plant(life, "UPDATE strikings SET heard_until = heard_until + interval '30 days'")
        assert broken(life) == {"struck_before_the_person_could_speak"}


def test_a_certificate_of_a_withdrawn_list_is_found(stages: Stages) -> None:
    with stages.life("certified") as life:
        plant(life, "DROP TRIGGER guard_publication ON publications")
        plant(
            life,
            "UPDATE publications SET state = 'withdrawn', ended_at = closed_at, ended_reason = '测试'"
            " WHERE state = 'closed'",
        )
        assert "certificate_of_a_list_that_was_withdrawn" in broken(life)


def test_every_rule_of_the_histories_is_a_query_of_its_own() -> None:
    assert len(set(HELD.values())) == len(HELD)
