"""One person let in after registration: by whom, why, until when, and only once."""

from datetime import datetime
from uuid import UUID

import pytest
from sqlalchemy import select

from core.applications.models import Submission
from core.audit.models import RecordEntry
from core.db.base import new_id
from core.db.session import Actor, OfficeSession, Role
from core.errors import Conflict, Forbidden, Invalid, KaowuError, NotFound
from core.plugin_api import Grade
from core.seasons import queries, service
from core.seasons.models import LateEntry
from tests.factories import RULES
from tests.linshui import QINGHE, YEAR, YUNSHAN, Linshui, at

OPENS, CLOSES = at(4, 8, 0), at(4, 10, 0)


def let_in(
    linshui: Linshui, person_id: UUID, *, reason: str = "住院", opens: datetime = OPENS, closes: datetime = CLOSES
) -> UUID:
    with linshui.office(QINGHE, at(4, 7)) as session:
        return service.let_in_late(
            session, year=YEAR, person_id=person_id, reason=reason, opens=opens, closes=closes
        ).id


def permission(linshui: Linshui, person_id: UUID, moment: datetime) -> LateEntry | None:
    with linshui.person(person_id, moment) as session:
        return queries.late_entry_for(session, person_id, YEAR, moment)


def submission(case_id: UUID, entry_id: UUID) -> Submission:
    return Submission(
        application_id=case_id,
        round=1,
        form={},
        form_version="1",
        facts={},
        limits={},
        rule_document="henan-2024",
        rule_version=RULES.version,
        plugin_versions={},
        requirements=[],
        late_entry_id=entry_id,
        received_at=at(4, 8),
    )


def test_a_late_entry_holds_for_one_person_and_one_window(linshui: Linshui) -> None:
    person_id, other = linshui.add_person(1, at(4, 7)), linshui.add_person(2, at(4, 7))
    entry_id = let_in(linshui, person_id)
    held = [permission(linshui, person_id, moment) for moment in (at(4, 7, 23), OPENS, at(4, 9, 23), CLOSES)]
    assert [entry and entry.id for entry in held] == [None, entry_id, entry_id, None]
    assert permission(linshui, other, OPENS) is None


def test_the_approver_and_the_reason_are_kept_and_the_record_names_no_reason(linshui: Linshui) -> None:
    person_id = linshui.add_person(1, at(4, 7))
    entry_id = let_in(linshui, person_id)
    with linshui.office(QINGHE, at(4, 7)) as session:
        (entry,) = queries.late_entries(session, QINGHE, YEAR)
        approver = linshui.actor(QINGHE, Role.CITY_SUPERVISOR).account_id
        assert (entry.id, entry.reason, entry.approved_by, entry.approved_at) == (entry_id, "住院", approver, at(4, 7))
        recorded = session.scalars(select(RecordEntry).where(RecordEntry.kind == "late_entry.approved")).one()
        assert recorded.subject_id == str(entry_id)
        assert "住院" not in str(recorded.payload)
    with linshui.office(YUNSHAN, at(4, 7)) as session:
        assert queries.late_entries(session, QINGHE, YEAR) == []


def test_one_person_has_one_window_at_a_time(linshui: Linshui) -> None:
    person_id = linshui.add_person(1, at(4, 7))
    let_in(linshui, person_id)
    with pytest.raises(Conflict) as refused:
        let_in(linshui, person_id, opens=at(4, 11), closes=at(4, 12))
    assert refused.value.code == "late_entry_exists"


def test_a_permission_is_used_up_by_one_submission(linshui: Linshui) -> None:
    unit_id = linshui.add_unit(QINGHE, at(3, 20))
    person_id, case_id = linshui.add_draft(1, unit_id, Grade.FIVE, at(4, 7))
    entry_id = let_in(linshui, person_id)
    with linshui.person(person_id, at(4, 8)) as session:
        session.add(submission(case_id, entry_id))
    assert permission(linshui, person_id, at(4, 9)) is None


@pytest.mark.parametrize(
    ("code", "changes"),
    [
        ("reason_required", {"reason": "  "}),
        ("window_empty", {"closes": OPENS}),
        ("window_past", {"opens": at(4, 1), "closes": at(4, 2)}),
        ("after_hard_end", {"closes": at(4, 16, 1)}),
    ],
)
def test_a_useless_window_is_refused_and_nothing_is_saved(
    linshui: Linshui, code: str, changes: dict[str, object]
) -> None:
    person_id = linshui.add_person(1, at(4, 7))
    with pytest.raises(Invalid) as refused:
        let_in(linshui, person_id, **changes)  # type: ignore[arg-type]
    assert refused.value.code == code
    with linshui.office(QINGHE, at(4, 7)) as session:
        assert queries.late_entries(session, QINGHE, YEAR) == []


def test_the_window_may_last_until_qualification_review_ends(linshui: Linshui) -> None:
    person_id = linshui.add_person(1, at(4, 7))
    entry_id = let_in(linshui, person_id, closes=at(4, 16, 0))
    entry = permission(linshui, person_id, at(4, 15, 23))
    assert entry is not None
    assert entry.id == entry_id


def test_no_officer_lets_themselves_in(linshui: Linshui) -> None:
    person_id = linshui.add_person(1, at(4, 7))
    actor = Actor(new_id(), "测试人员", Role.CITY_SUPERVISOR, office_id=QINGHE, person_id=person_id)
    with OfficeSession(linshui.connection, actor=actor, now=at(4, 7)) as session, pytest.raises(Forbidden) as refused:
        service.let_in_late(session, year=YEAR, person_id=person_id, reason="忘了", opens=OPENS, closes=CLOSES)
    assert refused.value.code == "own_case"


def test_a_stranger_and_a_scheduler_are_refused(linshui: Linshui) -> None:
    refusals: list[KaowuError] = []
    with pytest.raises(NotFound) as stranger:
        let_in(linshui, new_id())
    refusals.append(stranger.value)
    person_id = linshui.add_person(1, at(4, 7))
    with linshui.office(QINGHE, at(4, 7), role=Role.SCHEDULER) as session, pytest.raises(Forbidden) as scheduler:
        service.let_in_late(session, year=YEAR, person_id=person_id, reason="住院", opens=OPENS, closes=CLOSES)
    refusals.append(scheduler.value)
    assert [refusal.code for refusal in refusals] == ["person_unknown", "not_an_officer"]
