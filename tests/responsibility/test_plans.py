"""Emergency plans: every sequence of acts obeys the states, two officers are needed, and one office decides."""

import random
from collections.abc import Callable
from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import select, text

from core.db.base import new_id
from core.db.session import Actor, OfficeSession
from core.documents.attachment_subjects import Subject
from core.errors import Conflict, Forbidden, Invalid, KaowuError, NotFound
from core.messages.models import Notice
from core.plugin_api import ExamCalendar, OfficeCode, Window, WindowKind
from core.responsibility import plan_queries, plans
from core.responsibility.models import EmergencyPlan
from core.responsibility.plan_content import Emergency, Occasion, PlanContent, PlanState, due_before
from tests.cases import CITY, COUNTY, OTHER_CITY, PROVINCE, YEAR, Season, at
from tests.documents.things import attach

CONTENT = PlanContent("0371-00000000", [("指挥", "测试甲", "0371-11111111")], frozenset({Emergency.FACILITY}))
ABOVE = {CITY: PROVINCE, COUNTY: CITY}


def officer(season: Season, office: OfficeCode) -> Actor:
    """Another officer of an office than the usual one."""
    usual = season.officer(office)
    return Actor(new_id(), "测试同事", usual.role, office_id=office)


def drafted(season: Season, office: OfficeCode = CITY, *, text_added: bool = True) -> UUID:
    with season.as_office(office) as session:
        made = plans.draft_plan(session, YEAR, Occasion.EXAM, CONTENT).id
        if text_added:
            attach(session, season, Subject.EMERGENCY_PLAN, made, "plan")
    return made


def approve(season: Season, plan: UUID, office: OfficeCode = CITY) -> None:
    with season.as_office(office, actor=officer(season, office)) as session:
        plans.approve_plan(session, plan)


def filed(season: Season, office: OfficeCode = CITY) -> UUID:
    made = drafted(season, office)
    approve(season, made, office)
    with season.as_office(office) as session:
        plans.file_plan(session, made)
    return made


def test_a_plan_needs_its_text_and_a_second_officer(season: Season) -> None:
    made = drafted(season, text_added=False)
    with pytest.raises(Conflict, match="上传"):
        approve(season, made)
    with season.as_office(CITY) as session:
        attach(session, season, Subject.EMERGENCY_PLAN, made, "plan")
        with pytest.raises(Forbidden, match="另一名"):
            plans.approve_plan(session, made)
    approve(season, made)
    with season.as_office(CITY) as session:
        found = plan_queries.plan_in_force(session, CITY, YEAR, Occasion.EXAM)
        assert found is not None
        assert found.approved_by_name == "测试同事"
        assert plan_queries.plan_in_force(session, CITY, YEAR, Occasion.TRAINING) is None
        with pytest.raises(Conflict):
            plans.change_plan(session, made, CONTENT)


@pytest.mark.parametrize("office", [CITY, COUNTY])
def test_the_office_above_receives_or_returns_with_remarks_and_the_next_version_differs(
    season: Season, office: OfficeCode
) -> None:
    first = filed(season, office)
    above = ABOVE[office]
    with season.as_office(above, "supervisor" if above == CITY else "online") as session:
        with pytest.raises(Invalid, match="至少对一项"):
            plans.return_plan(session, first, {"hotline": " ", "unknown": "测试"})
        plans.return_plan(session, first, {"hotline": "请写值守电话"})
    with season.as_office(office) as session:
        told = session.scalars(select(Notice).where(Notice.kind == "emergency_plan_returned")).one()
        assert "24小时值守电话：请写值守电话" in told.body
        # A returned version stays the one to act by, until the next one is approved.
        found = plan_queries.plan_in_force(session, office, YEAR, Occasion.EXAM)
        assert found is not None
        assert found.id == first
        again = PlanContent("0371-22222222", CONTENT.contacts, CONTENT.events)
        second = plans.draft_plan(session, YEAR, Occasion.EXAM, again)
        assert second.version == 2
        attach(session, season, Subject.EMERGENCY_PLAN, second.id, "plan")
        changed = plan_queries.changes(session, second)
        assert ("24小时值守电话", "0371-00000000", "0371-22222222") in [
            (change.part, change.before, change.after) for change in changed
        ]
        second_id = second.id
    approve(season, second_id, office)
    with season.as_office(office) as session:
        plans.file_plan(session, second_id)
    with season.as_office(above) as session:
        assert plans.receive_plan(session, second_id).state == PlanState.RECEIVED
    with season.as_office(office) as session:
        found = plan_queries.plan_in_force(session, office, YEAR, Occasion.EXAM)
        assert found is not None
        assert found.id == second_id


def test_the_center_files_with_nobody_and_may_draft_the_next_version(season: Season) -> None:
    made = drafted(season, PROVINCE)
    approve(season, made, PROVINCE)
    with season.as_office(PROVINCE) as session:
        with pytest.raises(Conflict, match="无需报送"):
            plans.file_plan(session, made)
        assert plans.draft_plan(session, YEAR, Occasion.EXAM, CONTENT).version == 2


def test_what_cannot_be_is_refused_at_its_field(season: Season) -> None:
    with season.as_office(CITY) as session:
        for content, part in (
            (PlanContent("请打电话", CONTENT.contacts, CONTENT.events), "hotline"),
            (PlanContent("0371-00000000", [], CONTENT.events), "contacts"),
            (PlanContent("0371-00000000", CONTENT.contacts, frozenset()), "events"),
            (PlanContent("0371-00000000", CONTENT.contacts, CONTENT.events, [str(new_id())]), "sites"),
        ):
            with pytest.raises(Invalid) as refused:
                plans.draft_plan(session, YEAR, Occasion.EXAM, content)
            assert part in refused.value.fields


def test_a_plan_is_late_once_the_exam_has_begun_and_offices_without_one_are_listed(season: Season) -> None:
    with season.as_office(CITY) as session:
        due = plan_queries.due_of(session, CITY, YEAR, Occasion.EXAM)
    assert due is not None
    season.now = at(12, 30)
    made = filed(season)
    with season.as_office(PROVINCE) as session:
        assert plan_queries.plan_of(session, made).late is (season.now >= due)
        lacking = {
            standing.office.id
            for standing in plan_queries.standings_below(session, YEAR, below=PROVINCE)
            if standing.lacking and standing.occasion is Occasion.EXAM
        }
    assert CITY not in lacking
    assert {OTHER_CITY, COUNTY} <= lacking


def test_an_office_is_reminded_of_a_plan_that_is_due_soon(season: Season) -> None:
    with season.as_office(CITY) as session:
        due = plan_queries.due_of(session, CITY, YEAR, Occasion.EXAM)
    assert due is not None
    season.now = due - timedelta(days=1)
    with season.as_system(CITY) as session:
        plans.remind_of_plans(session, year=YEAR, offices=season.offices)
        plans.remind_of_plans(session, year=YEAR, offices=season.offices)
        wanted = select(Notice.recipient_office_id).where(Notice.kind == "reminder.emergency_plan")
        told = session.scalars(wanted.where(Notice.recipient_office_id == CITY)).all()
    assert len(told) == 1


def test_the_first_window_of_an_exam_sets_the_day() -> None:
    def window(kind: WindowKind, day: int) -> Window:
        return Window(kind, at(6, day), at(6, day + 1))

    calendar = ExamCalendar((window(WindowKind.LEVEL_ONE_THEORY, 20), window(WindowKind.COMPUTER_EXAM, 10)))
    assert due_before(calendar, Occasion.EXAM) == at(6, 10)
    assert due_before(calendar, Occasion.TRAINING) is None


def test_others_see_no_plan_and_the_one_above_sees_no_draft(season: Season) -> None:
    made = drafted(season, COUNTY)
    for office, sees in ((COUNTY, True), (CITY, False), (OTHER_CITY, False), (PROVINCE, False)):
        with season.as_office(office) as session:
            assert (session.get(EmergencyPlan, made) is not None) is sees, office
    approve(season, made, COUNTY)
    with season.as_office(COUNTY) as session:
        plans.file_plan(session, made)
    for office, sees in ((CITY, True), (OTHER_CITY, False), (PROVINCE, True)):
        with season.as_office(office) as session:
            assert (session.get(EmergencyPlan, made) is not None) is sees, office
    with season.as_office(PROVINCE) as session, pytest.raises(NotFound):
        plans.receive_plan(session, made)
    # Nor does the database let an office decide on its own.
    with season.as_office(COUNTY) as session:
        own = text("UPDATE emergency_plans SET state = 'received', decided_at = :now, decided_by = :me RETURNING id")
        assert session.execute(own, {"now": session.now, "me": session.actor.account_id}).all() == []


ACTS: dict[str, Callable[[OfficeSession, UUID], object]] = {
    "change": lambda session, plan: plans.change_plan(session, plan, CONTENT),
    "approve": plans.approve_plan,
    "file": plans.file_plan,
    "receive": plans.receive_plan,
    "return": lambda session, plan: plans.return_plan(session, plan, {"file": "请盖章"}),
}
LEADS = {
    ("drafted", "change", "drafter"): "drafted",
    ("drafted", "change", "colleague"): "drafted",
    ("drafted", "approve", "colleague"): "approved",
    ("approved", "file", "drafter"): "filed",
    ("approved", "file", "colleague"): "filed",
    ("filed", "receive", "above"): "received",
    ("filed", "return", "above"): "returned",
}
"""State, act and actor → the next state; everything else is refused."""


def test_every_sequence_of_acts_stays_within_the_states(season: Season) -> None:
    luck = random.Random(53)  # noqa: S311 - a test's choices, not a secret
    colleague, done = officer(season, CITY), set()
    made, stands = drafted(season), "drafted"
    for _ in range(150):
        act, who = luck.choice(sorted(ACTS)), luck.choice(("drafter", "colleague", "above"))
        place = PROVINCE if who == "above" else CITY
        actor = colleague if who == "colleague" else season.officer(place)
        after = LEADS.get((stands, act, who))
        with season.as_office(place, actor=actor) as session:
            if after is None:
                with pytest.raises(KaowuError), session.begin_nested():
                    ACTS[act](session, made)
                continue
            ACTS[act](session, made)
        with season.as_auditor() as session:
            assert plan_queries.plan_of(session, made).state == after
        stands = after
        done.add((act, who))
        if stands in {"received", "returned"}:
            made, stands = drafted(season), "drafted"
    assert done == {(act, who) for _, act, who in LEADS}
