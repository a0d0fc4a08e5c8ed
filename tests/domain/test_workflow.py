"""The table of verbs, line by line, and the pure decisions that read it."""

import itertools

import pytest

from core.domain.workflow import (
    ACTION_LABELS,
    FINAL,
    IN_REVIEW,
    LIVE,
    NOT_LIVE,
    STATE_LABELS,
    UNDOABLE,
    VERBS,
    Action,
    By,
    Course,
    State,
    allowed_actions,
    check_reason,
    target,
    transitions,
    verb_for,
)
from core.errors import Conflict, Invalid
from core.plugin_api import ReviewStage

FULL = tuple(ReviewStage)
NO_DEPARTMENT = (ReviewStage.UNIT_REVIEW, ReviewStage.QUALIFICATION_REVIEW, ReviewStage.ONSITE_CONFIRMATION)
FLAGS = ((False, False), (False, True), (True, False), (True, True))
TABLE = """
submit      draft                 unit_review department_review qualification_review  applicant
resubmit    returned              unit_review department_review qualification_review  applicant
approve     unit_review           department_review qualification_review              unit
approve     department_review     qualification_review                                department
approve     qualification_review  onsite_confirmation provisional qualified           office
return      unit_review           returned                                            unit             reason
return      department_review     returned                                            department       reason
return      qualification_review  returned                                            office           reason
return      onsite_confirmation   returned                                            office           reason
reject      unit_review           rejected                                            unit             reason
reject      department_review     rejected                                            department       reason
reject      qualification_review  rejected                                            office           reason
reject      onsite_confirmation   rejected                                            office           reason
reject      provisional           rejected                                            office           reason
confirm     onsite_confirmation   provisional qualified                               office
supplement  provisional           provisional                                         applicant,department,unit
clear       provisional           qualified                                           office
lapse       provisional           rejected                                            system           reason
withdraw    draft                 withdrawn                                           applicant
withdraw    returned              withdrawn                                           applicant
withdraw    unit_review           withdrawn                                           applicant
withdraw    department_review     withdrawn                                           applicant
withdraw    qualification_review  withdrawn                                           applicant
withdraw    onsite_confirmation   withdrawn                                           applicant
withdraw    provisional           withdrawn                                           applicant
expire      draft                 expired                                             system
expire      returned              expired                                             system
reopen      rejected              qualification_review                                supervisor       reason
reopen      provisional           qualification_review                                supervisor       reason
reopen      qualified             qualification_review                                supervisor       reason
disqualify  returned              disqualified                                        city_or_province reason
disqualify  unit_review           disqualified                                        city_or_province reason
disqualify  department_review     disqualified                                        city_or_province reason
disqualify  qualification_review  disqualified                                        city_or_province reason
disqualify  onsite_confirmation   disqualified                                        city_or_province reason
disqualify  provisional           disqualified                                        city_or_province reason
disqualify  qualified             disqualified                                        city_or_province reason
disqualify  rejected              disqualified                                        city_or_province reason
undo        department_review     unit_review                                         unit
undo        qualification_review  unit_review department_review                       department,unit
undo        onsite_confirmation   qualification_review                                office
undo        provisional           qualification_review onsite_confirmation            office
undo        qualified             qualification_review onsite_confirmation provisional office
undo returned unit_review department_review qualification_review onsite_confirmation department,office,unit
undo rejected unit_review department_review qualification_review onsite_confirmation provisional department,office,unit
"""
"""action, from, to, by whom, and whether with a reason. Source: the design's table of verbs, state by state."""


def written() -> list[str]:
    """The code's table as the one above is written, words set apart by one blank."""
    return [
        " ".join(
            [verb.action, verb.source, *verb.targets, ",".join(sorted(verb.by)), *(["reason"] * verb.needs_reason)]
        )
        for verb in VERBS
    ]


def test_the_verbs_are_those_of_the_design() -> None:
    assert written() == [" ".join(line.split()) for line in TABLE.strip().splitlines()]


def test_what_the_table_does_not_name_is_refused_and_says_where_the_case_stands() -> None:
    known = {(verb.action, verb.source) for verb in VERBS}
    for action, state in set(itertools.product(Action, State)) - known:
        with pytest.raises(Conflict) as refused:
            verb_for(action, state)
        assert refused.value.code == "wrong_state"
        assert STATE_LABELS[state] in refused.value.detail
        assert ACTION_LABELS[action] in refused.value.detail


@pytest.mark.parametrize(
    ("action", "state", "course", "end"),
    [
        (Action.SUBMIT, State.DRAFT, Course(FULL, False, False), State.UNIT_REVIEW),
        (Action.SUBMIT, State.DRAFT, Course(FULL[1:], False, False), State.DEPARTMENT_REVIEW),
        (Action.SUBMIT, State.DRAFT, Course(FULL[2:], False, False), State.QUALIFICATION_REVIEW),
        (Action.RESUBMIT, State.RETURNED, Course(FULL, True, True), State.UNIT_REVIEW),
        (Action.APPROVE, State.UNIT_REVIEW, Course(FULL, False, False), State.DEPARTMENT_REVIEW),
        (Action.APPROVE, State.UNIT_REVIEW, Course(NO_DEPARTMENT, True, True), State.QUALIFICATION_REVIEW),
        (Action.APPROVE, State.DEPARTMENT_REVIEW, Course(FULL, True, True), State.QUALIFICATION_REVIEW),
        (Action.APPROVE, State.QUALIFICATION_REVIEW, Course(FULL, False, False), State.QUALIFIED),
        (Action.APPROVE, State.QUALIFICATION_REVIEW, Course(FULL, False, True), State.PROVISIONAL),
        (Action.APPROVE, State.QUALIFICATION_REVIEW, Course(FULL, True, False), State.ONSITE_CONFIRMATION),
        (Action.APPROVE, State.QUALIFICATION_REVIEW, Course(FULL, True, True), State.ONSITE_CONFIRMATION),
        (Action.CONFIRM, State.ONSITE_CONFIRMATION, Course(FULL, True, False), State.QUALIFIED),
        (Action.CONFIRM, State.ONSITE_CONFIRMATION, Course(FULL, True, True), State.PROVISIONAL),
        (Action.SUPPLEMENT, State.PROVISIONAL, Course(FULL, False, True), State.PROVISIONAL),
        (Action.REOPEN, State.QUALIFIED, Course(FULL, True, False), State.QUALIFICATION_REVIEW),
    ],
)
def test_an_action_leads_where_the_course_of_the_case_says(
    action: Action, state: State, course: Course, end: State
) -> None:
    assert target(action, state, course) is end


def test_every_end_that_the_table_names_can_be_reached_and_no_other() -> None:
    routes = (FULL, FULL[1:], FULL[2:], NO_DEPARTMENT)
    courses = [Course(route, *flags) for route in routes for flags in FLAGS]
    reached = set()
    undone = [Course(FULL, True, True, state) for state in State]
    for verb, course in itertools.product(VERBS, courses):
        if verb.action is Action.UNDO:
            continue
        on_the_route = [ReviewStage(verb.source)] if verb.source in IN_REVIEW else []
        if set(on_the_route) <= set(course.route):
            reached.add((verb.action, verb.source, target(verb.action, verb.source, course)))
    for verb, course in itertools.product((verb for verb in VERBS if verb.action is Action.UNDO), undone):
        if course.decided_in in verb.targets:
            reached.add((verb.action, verb.source, target(verb.action, verb.source, course)))
    assert reached == set(transitions())


def test_a_decision_is_taken_back_to_where_it_was_made_alone() -> None:
    onsite = Course(FULL, True, False, State.ONSITE_CONFIRMATION)
    assert target(Action.UNDO, State.QUALIFIED, onsite) is State.ONSITE_CONFIRMATION
    with pytest.raises(Conflict) as refused:
        target(Action.UNDO, State.QUALIFIED, Course(FULL, True, False))
    assert refused.value.code == "undo_refused"
    decided = {(verb.source, end) for verb in VERBS if verb.action in UNDOABLE for end in verb.targets}
    taken_back = {(end, verb.source) for verb in VERBS if verb.action is Action.UNDO for end in verb.targets}
    assert decided == taken_back


@pytest.mark.parametrize(
    ("state", "capacities", "actions"),
    [
        (State.DRAFT, {By.APPLICANT}, (Action.SUBMIT, Action.WITHDRAW)),
        (State.UNIT_REVIEW, {By.UNIT}, (Action.APPROVE, Action.RETURN, Action.REJECT)),
        (State.UNIT_REVIEW, {By.DEPARTMENT, By.OFFICE}, ()),
        (State.UNIT_REVIEW, {By.OFFICE, By.CITY_OR_PROVINCE}, (Action.DISQUALIFY,)),
        (
            State.QUALIFICATION_REVIEW,
            {By.OFFICE, By.CITY_OR_PROVINCE},
            (Action.APPROVE, Action.RETURN, Action.REJECT, Action.DISQUALIFY),
        ),
        (State.PROVISIONAL, {By.APPLICANT}, (Action.SUPPLEMENT, Action.WITHDRAW)),
        (State.QUALIFIED, {By.APPLICANT}, ()),
        (State.QUALIFIED, {By.SUPERVISOR, By.CITY_OR_PROVINCE}, (Action.REOPEN, Action.DISQUALIFY)),
        (State.DISQUALIFIED, set(By), ()),
    ],
)
def test_what_somebody_may_do_follows_from_the_state_and_their_capacities(
    state: State, capacities: set[By], actions: tuple[Action, ...]
) -> None:
    assert allowed_actions(state, capacities) == actions


def test_nothing_leads_out_of_a_final_state() -> None:
    assert {verb.source for verb in VERBS} == set(State) - FINAL


def test_a_disqualified_case_still_counts_as_the_one_of_the_year() -> None:
    assert set(State) - LIVE == NOT_LIVE == {State.DRAFT, State.WITHDRAWN, State.REJECTED, State.EXPIRED}
    assert State.DISQUALIFIED in LIVE


@pytest.mark.parametrize("verb", [verb for verb in VERBS if verb.needs_reason], ids=lambda v: f"{v.action}-{v.source}")
@pytest.mark.parametrize("reason", ["", "  ", "\n\t"])
def test_a_verb_that_needs_a_reason_takes_no_blank_one(verb: object, reason: str) -> None:
    with pytest.raises(Invalid) as refused:
        check_reason(verb, reason)  # type: ignore[arg-type]
    assert refused.value.code == "reason_required"
    assert refused.value.fields == {"reason": "请填写理由"}


def test_a_reason_is_trimmed_and_may_be_left_out_where_none_is_needed() -> None:
    assert check_reason(verb_for(Action.REJECT, State.UNIT_REVIEW), "  岗位无空缺 ") == "岗位无空缺"
    assert check_reason(verb_for(Action.APPROVE, State.UNIT_REVIEW), "") == ""


def test_every_state_and_action_has_words_for_people() -> None:
    assert set(STATE_LABELS) == set(State)
    assert set(ACTION_LABELS) == set(Action)
    assert len(set(STATE_LABELS.values())) == len(State)
