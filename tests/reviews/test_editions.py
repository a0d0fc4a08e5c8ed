"""Saving a form names the edition that was seen: older answers replace no newer ones, before and after a move."""

from collections.abc import Sequence

import pytest

from core.applications import service as applications
from core.applications.editions import edition_of
from core.errors import Conflict
from core.reviews import service as reviews
from core.reviews.decisions.items import ItemVerdict, each_item
from core.tenancy.config.office import Trade
from tests.cases import YEAR, Case, Season, answers

FAULTY = (ItemVerdict("first_job_year", faulty=True, reason_code="differs_from_file"),)


def _trades(season: Season) -> Sequence[Trade]:
    return season.offices.catalogue.season(YEAR).trades


def _fill_in(season: Season, case: Case, edition: str, **given: object) -> str:
    """Save one page of the form; the edition of its answers from then on."""
    with season.as_person(case.person) as session:
        saved, _ = applications.fill_in(session, case.id, given, edition=edition, known_trades=_trades(season))
        return edition_of(saved, given)


def test_a_save_that_saw_an_older_form_is_refused_and_changes_nothing(season: Season) -> None:
    case = season.draft()
    seen = edition_of(season.look(case))
    season.save(case, answers(first_job_year=2012), edition=seen)
    with pytest.raises(Conflict) as refused:
        season.save(case, answers(first_job_year=2013), edition=seen)
    assert refused.value.code == "form_changed"
    assert season.look(case).form["first_job_year"] == 2012


def test_the_same_save_once_more_is_taken_for_it_changes_nothing(season: Season) -> None:
    case = season.draft()
    seen = edition_of(season.look(case))
    first = edition_of(season.save(case, answers(first_job_year=2012), edition=seen))
    assert edition_of(season.save(case, answers(first_job_year=2012), edition=seen)) == first


def test_a_page_is_older_only_where_its_own_answers_have_changed(season: Season) -> None:
    case = season.draft()
    person, wish = (edition_of(season.look(case), [item]) for item in ("first_job_year", "trade"))
    _fill_in(season, case, person, first_job_year="2012")
    _fill_in(season, case, wish, trade="LS-2")
    with pytest.raises(Conflict) as refused:
        _fill_in(season, case, person, first_job_year="2013")
    assert refused.value.code == "form_changed"
    assert (season.look(case).form["first_job_year"], season.look(case).form["trade"]) == (2012, "LS-2")


def test_the_unit_does_not_put_back_what_its_person_has_changed_since(season: Season) -> None:
    case = season.draft()
    seen = edition_of(season.look(case), ["first_job_year"])
    _fill_in(season, case, seen, first_job_year="2012")
    with pytest.raises(Conflict) as refused, season.as_unit(case.unit) as session:
        applications.fill_in(session, case.id, {"first_job_year": "2013"}, edition=seen, known_trades=_trades(season))
    assert refused.value.code == "form_changed"
    assert season.look(case).form["first_job_year"] == 2012


def test_a_save_that_comes_after_the_submission_is_refused(season: Season) -> None:
    case = season.draft()
    seen = edition_of(season.look(case), ["first_job_year"])
    season.submit(case)
    before = season.look(case).form
    for year in (str(before["first_job_year"]), "2013"):
        with pytest.raises(Conflict) as refused:
            _fill_in(season, case, seen, first_job_year=year)
        assert refused.value.code == "not_editable"
    assert season.look(case).form == before


def test_after_a_return_a_page_from_before_the_submission_saves_nothing(season: Season) -> None:
    case = season.draft()
    seen = edition_of(season.look(case), ["first_job_year"])
    season.submit(case)
    before = season.look(case).form
    with season.as_unit(case.unit) as session:
        reviews.return_for_correction(
            session, case.id, offices=season.offices, reason="请更正", items=each_item(session, case.id, but=FAULTY)
        )
    with pytest.raises(Conflict) as refused:
        _fill_in(season, case, seen, first_job_year="2013")
    assert refused.value.code == "form_changed"
    assert season.look(case).form == before
