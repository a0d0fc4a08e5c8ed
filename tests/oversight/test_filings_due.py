"""The duties of a city: never overdue while a version is filed, and due again after a return."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from core.db.base import new_id
from core.oversight.filings_due import Duty, DutyStatus, FiledVersion, FilingState, duties, effective_due
from core.plugin_api import FilingDue, FilingKind
from tests.linshui import QINGHE, YUNSHAN, at

DUE = at(5, 31, 0) + timedelta(days=1)
OWED = FilingDue(FilingKind.EXAM_DATES, "考试时间备案", DUE, "临水省 2024 年通知 三")
FILED = FiledVersion(
    new_id(), QINGHE, FilingKind.EXAM_DATES, version=1, state=FilingState.FILED, filed_at=at(5, 20), late=False
)
RECEIVED = replace(FILED, state=FilingState.RECEIVED, decided_at=at(5, 25), receipt_number="备案-2024-清河-0001")
RETURNED = replace(FILED, state=FilingState.RETURNED, decided_at=at(5, 30), correct_by=at(6, 7, 0))
ANEW = replace(FILED, id=new_id(), version=2, filed_at=at(6, 3))


def stands(moment: datetime, *filed: FiledVersion) -> Duty:
    (duty,) = duties(QINGHE, [OWED], filed, at=moment)
    return duty


@pytest.mark.parametrize(
    ("moment", "status"),
    [
        (at(4, 1), DutyStatus.NOT_DUE_YET),
        (DUE - timedelta(days=7, microseconds=1), DutyStatus.NOT_DUE_YET),
        (DUE - timedelta(days=7), DutyStatus.DUE),
        (DUE - timedelta(microseconds=1), DutyStatus.DUE),
        (DUE, DutyStatus.OVERDUE),
    ],
)
def test_a_duty_without_a_filing_is_overdue_from_its_last_moment_on(moment: datetime, status: DutyStatus) -> None:
    assert stands(moment) == Duty(
        QINGHE, FilingKind.EXAM_DATES, "考试时间备案", OWED.source, due=DUE, status=status, filing=None
    )


@pytest.mark.parametrize("version", [FILED, RECEIVED])
def test_a_filing_that_waits_or_has_its_receipt_is_never_overdue(version: FiledVersion) -> None:
    late = replace(version, late=True, filed_at=at(5, 24))
    assert [stands(at(12, 1), filed).status for filed in (version, late)] == [DutyStatus(version.state.value)] * 2


@pytest.mark.parametrize(
    ("moment", "status"),
    [
        (at(5, 31), DutyStatus.RETURNED),
        (DUE, DutyStatus.RETURNED),
        (at(6, 6, 23), DutyStatus.RETURNED),
        (at(6, 7, 0), DutyStatus.OVERDUE),
    ],
)
def test_a_returned_filing_is_due_again_by_its_own_correction_date(moment: datetime, status: DutyStatus) -> None:
    duty = stands(moment, RETURNED)
    assert (duty.due, duty.status) == (at(6, 7, 0), status)


def test_a_correction_date_never_shortens_the_time_that_the_notice_gives() -> None:
    early = replace(RETURNED, decided_at=at(5, 21), correct_by=at(5, 28, 0))
    assert stands(at(5, 29), early).due == DUE
    assert stands(at(5, 29), early).status is DutyStatus.RETURNED


def test_filing_again_ends_being_overdue() -> None:
    overdue = replace(RETURNED, correct_by=at(6, 2, 0))
    again = stands(at(6, 3), overdue, ANEW)
    assert stands(at(6, 2), overdue).status is DutyStatus.OVERDUE
    assert (again.status, again.filing) == (DutyStatus.FILED, ANEW)


def test_a_new_version_that_is_returned_does_not_undo_the_receipt_of_the_old() -> None:
    newer = replace(RETURNED, id=new_id(), version=2, filed_at=at(5, 28))
    assert stands(at(12, 1), RECEIVED, newer).status is DutyStatus.RETURNED


def test_the_past_is_shown_as_it_was() -> None:
    shown = [stands(moment, RECEIVED) for moment in (at(5, 19), at(5, 20), at(5, 24, 23), at(5, 25))]
    assert [duty.status for duty in shown] == [
        DutyStatus.NOT_DUE_YET,
        DutyStatus.FILED,
        DutyStatus.FILED,
        DutyStatus.RECEIVED,
    ]
    assert [duty.filing and duty.filing.receipt_number for duty in shown] == [None, None, None, "备案-2024-清河-0001"]


def test_filings_of_other_offices_and_kinds_settle_nothing() -> None:
    others = [replace(RECEIVED, office=YUNSHAN), replace(RECEIVED, kind=FilingKind.REGISTRATION_SUMMARY)]
    assert stands(DUE, *others).status is DutyStatus.OVERDUE


def test_duties_come_in_the_order_in_which_they_end() -> None:
    sooner = FilingDue(FilingKind.REGISTRATION_SUMMARY, "报名信息汇总上报", at(4, 16, 0), "三（三）")
    assert [duty.kind for duty in duties(QINGHE, [OWED, sooner], [], at=at(4, 1))] == [sooner.kind, OWED.kind]


def test_the_next_version_is_in_time_until_the_correction_date() -> None:
    assert [effective_due(DUE, versions) for versions in ([], [FILED], [RETURNED], [RETURNED, ANEW])] == [
        DUE,
        DUE,
        at(6, 7, 0),
        DUE,
    ]
