"""A decision names every item of a case, at each stage; of many cases at once none with a missing paper is taken."""

from collections.abc import Sequence

import pytest
from sqlalchemy import select, text

from core.db.session import Role
from core.domain.workflow import Action, State
from core.errors import Conflict, Invalid
from core.reviews import service as reviews, submission
from core.reviews.bulk import Seen, sort_out
from core.reviews.decisions.items import ItemVerdict, each_item, items_to_judge
from core.reviews.models import ReviewItem
from core.reviews.queries import faulty_items
from core.reviews.reasons import MISSING
from core.reviews.service import ReviewSession
from tests.cases import CITY, OTHER_CITY, Case, Season

PAPERS = ("identity_card", "photo", "regularisation")


def refused(session: ReviewSession, season: Season, case: Case, items: Sequence[ItemVerdict]) -> Invalid:
    with pytest.raises(Invalid) as refusal:
        reviews.approve(session, case.id, offices=season.offices, items=items)
    return refusal.value


def check_names_each(session: ReviewSession, season: Season, case: Case) -> None:
    """Without any verdict every item is named; with all but one, that one."""
    every = items_to_judge(session, season.look_in(session, case))
    assert set(PAPERS) < set(every)
    none = refused(session, season, case, ())
    assert (none.code, list(none.fields)) == ("items_unjudged", [f"verdict_{item}" for item in every])
    assert "居民身份证" in none.fields["verdict_identity_card"]
    but_one = [verdict for verdict in each_item(session, case.id) if verdict.item != "photo"]
    assert set(refused(session, season, case, but_one).fields) == {"verdict_photo"}
    faulty = [ItemVerdict("photo", faulty=True, reason_code="unclear")]
    with pytest.raises(Invalid) as refusal:
        reviews.return_for_correction(session, case.id, offices=season.offices, reason="请重拍", items=faulty)
    assert refusal.value.code == "items_unjudged"


def test_unit_and_department_name_each_item(season: Season) -> None:
    case = season.submitted(department=True)
    with season.as_unit(case.unit) as session:
        check_names_each(session, season, case)
    season.approve_at_unit(case)
    assert case.department is not None
    reviewer = season.reviewer(case.department, role=Role.DEPARTMENT_REVIEWER)
    with season.as_unit(case.department, case.unit, actor=reviewer) as session:
        check_names_each(session, season, case)


def test_the_office_names_each_item_online_and_on_site(season: Season) -> None:
    case = season.at_office(OTHER_CITY)
    with season.as_office(OTHER_CITY) as session:
        check_names_each(session, season, case)
    assert season.approve_at_office(case, OTHER_CITY) is State.ONSITE_CONFIRMATION
    with season.as_office(OTHER_CITY, "onsite") as session:
        with pytest.raises(Invalid) as refusal:
            reviews.confirm(session, case.id, offices=season.offices)
        assert refusal.value.code == "items_unjudged"
        reviews.confirm(session, case.id, offices=season.offices, items=each_item(session, case.id))
        stages = session.scalars(select(ReviewItem.stage).where(ReviewItem.item == "photo")).all()
    assert sorted(stages) == ["onsite_confirmation", "qualification_review", "unit_review"]


def test_what_was_called_faulty_or_missing_is_told_and_may_be_replaced_or_added(season: Season) -> None:
    case = season.submitted()
    but = (
        ItemVerdict("photo", faulty=True, reason_code="unclear"),
        ItemVerdict("diploma", faulty=True, reason_code=MISSING),
    )
    with season.as_unit(case.unit) as session:
        items = each_item(session, case.id, but=but)
        reviews.return_for_correction(session, case.id, offices=season.offices, reason="请补正", items=items)
    with season.as_person(case.person) as session:
        told = {item.item: item.reason_code for item in faulty_items(session, season.look_in(session, case))}
    assert told == {"photo": "unclear", "diploma": MISSING}
    for material in told:
        season.upload(case, material)
    with pytest.raises(Conflict) as refusal:
        season.upload(case, "identity_card")
    assert refusal.value.code == "paper_locked"


def at_office_without(season: Season, material: str, monkeypatch: pytest.MonkeyPatch) -> Case:
    """A case of the time when papers could be left out, before the office."""
    case = season.draft()
    with season.as_person(case.person) as session:
        taken = text("UPDATE documents SET superseded_at = :now WHERE material = :material")
        session.execute(taken, {"now": season.now, "material": material})
    monkeypatch.setattr(submission, "_check_supplied", lambda _judgement: None)
    season.submit(case)
    with season.as_unit(case.unit) as session:
        monkeypatch.setattr(reviews, "check_each_judged", lambda *_: None)
        reviews.approve(session, case.id, offices=season.offices)
    monkeypatch.undo()
    return case


def test_a_required_paper_that_is_not_there_is_missing_and_never_correct(
    season: Season, monkeypatch: pytest.MonkeyPatch
) -> None:
    case = at_office_without(season, "photo", monkeypatch)
    with season.as_office(CITY) as session:
        absent = refused(session, season, case, each_item(session, case.id))
        assert (absent.code, list(absent.fields)) == ("item_absent", ["verdict_photo"])
        [foreseen] = sort_out(session, [Seen(case.id, season.look_in(session, case).version)], Action.APPROVE)
        assert foreseen.why == "有1条审查意见需要核实"
        season.settle(session, case)
        [foreseen] = sort_out(session, [Seen(case.id, season.look_in(session, case).version)], Action.APPROVE)
        assert foreseen.why == "缺近期免冠照片"
        with pytest.raises(Conflict) as refusal:
            reviews.approve(session, case.id, offices=season.offices, bulk=True)
    assert refusal.value.code == "not_in_bulk"


@pytest.mark.parametrize(
    ("code", "comment", "field"), [("", "", "code_photo"), ("other", " ", "note_photo"), ("", "脸部太暗", None)]
)
def test_what_is_called_faulty_comes_with_a_reason(season: Season, code: str, comment: str, field: str | None) -> None:
    case = season.submitted()
    faulty = ItemVerdict("photo", faulty=True, reason_code=code, comment=comment)
    with season.as_unit(case.unit) as session:
        items = each_item(session, case.id, but=(faulty,))
        if field is None:
            reviews.return_for_correction(session, case.id, offices=season.offices, reason="请重拍", items=items)
            return
        with pytest.raises(Invalid) as refusal:
            reviews.return_for_correction(session, case.id, offices=season.offices, reason="请重拍", items=items)
    assert (refusal.value.code, list(refusal.value.fields)) == ("item_reason_missing", [field])
