"""The pages of the form: every answer is on one of them, and the fields of a browser become answers again."""

import pytest

from core.applications import form_steps
from core.applications.forms import ApplicationDraft, faults, gaps, read_draft, supposed
from core.errors import NotFound
from core.plugin_api import ApplicationPath, Grade
from tests.cases import YEAR, answers


def test_every_answer_stands_on_exactly_one_page() -> None:
    listed = [item for step in form_steps.STEPS for item in step.items]
    assert sorted([*listed, "declared_true", "acknowledgements"]) == sorted(ApplicationDraft.model_fields)
    assert set(form_steps.ITEM_LABELS) == set(ApplicationDraft.model_fields)


@pytest.mark.parametrize("grade", Grade)
def test_what_the_pages_show_is_what_they_are_sent_back(grade: Grade) -> None:
    draft = ApplicationDraft.model_validate(answers(grade))
    shown = form_steps.fields(draft)
    sent = {name: "true" if value is True else value for name, value in shown.items() if value is not False}
    given = {
        name: value for step in form_steps.STEPS for name, value in form_steps.answers(step, sent, year=YEAR).items()
    }
    kept = {"declared_true": draft.declared_true, "acknowledgements": draft.acknowledgements}
    assert read_draft({**given, **kept}) == draft


def test_a_trade_is_handed_on_as_it_was_typed() -> None:
    assert form_steps.answers(form_steps.step("wish"), {"trade": " 汽车驾驶员 ", "grade": "5"}, year=YEAR) == {
        "grade": "5",
        "path": None,
        "trade": "汽车驾驶员",
        "frontline": None,
    }


@pytest.mark.parametrize(
    ("item", "typed", "kept"),
    [
        ("first_job_year", "２０１０", "2010"),
        ("first_job_year", "2010年9月", "2010"),
        ("first_job_year", "去年", "去年"),
        ("regularised_on", "2011.7.1", "2011-07-01"),
        ("regularised_on", "20110701", "2011-07-01"),
        ("regularised_on", "2011年7月", "2011年7月"),
    ],
)
def test_a_date_is_read_however_it_is_typed(item: str, typed: str, kept: str) -> None:
    given = form_steps.answers(form_steps.step("person"), {item: typed}, year=YEAR, items=frozenset({item}))
    assert given == {item: kept}


def test_only_unlocked_answers_are_taken() -> None:
    sent = {"first_job_year": "2010", "education": "2"}
    unlocked = frozenset({"first_job_year"})
    assert form_steps.answers(form_steps.step("person"), sent, year=YEAR, items=unlocked) == {"first_job_year": "2010"}


def test_a_page_leads_to_the_next_and_an_item_to_its_page() -> None:
    assert [form_steps.after(step.code) for step in form_steps.STEPS] == [
        "form/held",
        "form/wish",
        "form/record",
        "papers",
    ]
    assert form_steps.after("papers") == "check"
    assert [form_steps.address_of(item) for item in ("education", "identity_card", "declared_true")] == [
        "form/person",
        "papers",
        "check",
    ]
    with pytest.raises(NotFound):
        form_steps.step("nowhere")


def test_after_a_return_a_page_leads_past_those_on_which_nothing_is_open() -> None:
    items = ["first_job_year", "trade", "identity_card"]
    assert form_steps.pages(items) == ("person", "wish", "papers", "check")
    assert [form_steps.after(code, items) for code in ("person", "held", "wish", "papers")] == [
        "form/wish",
        "form/wish",
        "papers",
        "check",
    ]
    assert form_steps.after("person", ["first_job_year"]) == "check"
    assert [form_steps.place_of(item) for item in ("education", "identity_card")] == [
        "form/person#education",
        "papers#paper-identity_card",
    ]


def test_gaps_and_faults_are_told_apart() -> None:
    draft = ApplicationDraft(first_job_year=2035)
    assert "grade" in gaps(draft)
    assert set(faults(draft, year=YEAR)) == {"first_job_year"}


def test_a_draft_can_be_judged_before_it_is_complete() -> None:
    form = supposed(ApplicationDraft(first_job_year=2010))
    assert (form.grade, form.path, form.first_job_year) == (Grade.FIVE, ApplicationPath.LADDER, 2010)
    assert supposed(ApplicationDraft(grade=Grade.TWO)).grade is Grade.TWO


def test_assessments_of_years_that_are_not_on_the_page_stay_as_they_were_sent() -> None:
    old, recent = YEAR - 1 - form_steps.ASSESSED_YEARS, YEAR - 1
    held = {
        "assessments": [
            {"year": recent, "result": "pass", "filed": True},
            {"year": old, "result": "excellent", "filed": False},
        ]
    }
    sent = {f"assessment_{recent}": "excellent", f"filed_{recent}": "true"}
    assert form_steps.answers(form_steps.step("record"), sent, year=YEAR, held=held)["assessments"] == [
        {"year": recent, "result": "excellent", "filed": True},
        {"year": old, "result": "excellent", "filed": False},
    ]


@pytest.mark.parametrize(("item", "value"), [("regularised_on", "2018-07-01"), ("retires_on", "2018-07-01")])
def test_a_day_is_written_as_pages_write_days(item: str, value: str) -> None:
    assert form_steps.written(item, value, {}) == "2018年7月1日"
