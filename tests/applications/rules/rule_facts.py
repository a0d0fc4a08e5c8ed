"""The 2024 rule document, and facts of visibly simulated applicants, for the tests of eligibility."""

from dataclasses import replace
from datetime import date
from typing import Any, Final

from hypothesis import strategies as st

from core.applications.rules.document import RuleDocument, load_rule_document
from core.plugin_api import (
    ApplicationFacts,
    ApplicationPath,
    Assessment,
    AssessmentResult,
    Education,
    Frontline,
    Grade,
    OfficeCode,
    Sex,
    StaffCategory,
)
from core.settings import ROOT

DOCUMENT_PATH: Final = ROOT / "tenants" / "henan" / "rules" / "2024.toml"
DOCUMENT_TEXT: Final = DOCUMENT_PATH.read_text(encoding="utf-8")
DOCUMENT: Final[RuleDocument] = load_rule_document(DOCUMENT_PATH)
NOTICE_DATE: Final = date(2024, 3, 14)
OPEN_TRADES: Final = dict.fromkeys(Grade, ("driver", "gardener"))

NEWCOMER: Final = ApplicationFacts(
    year=2024,
    notice_date=NOTICE_DATE,
    office=OfficeCode("henan/luoyang"),
    grade=Grade.FIVE,
    path=ApplicationPath.LADDER,
    trade="driver",
    birth_date=date(1990, 5, 20),
    sex=Sex.MALE,
    first_job_year=2020,
    regularised_on=date(2021, 7, 1),
    education=Education.SENIOR,
)
"""A person who meets every condition of 五级."""

EXPERT: Final = replace(
    NEWCOMER,
    grade=Grade.ONE,
    birth_date=date(1975, 5, 20),
    first_job_year=1998,
    current_grade=Grade.TWO,
    current_grade_year=2018,
    current_trade="driver",
    appointed_to_grade_two=True,
    assessments=tuple(
        Assessment(year, AssessmentResult.EXCELLENT if year > 2021 else AssessmentResult.PASS)
        for year in range(2019, 2024)
    ),
    acknowledgements=frozenset({"grade_one_guidance"}),
)
"""A person who meets every condition of 一级."""


def holder(grade: Grade, since: int, **changes: Any) -> ApplicationFacts:
    """A driver who has held ``grade`` since the year ``since`` and applies for the next grade."""
    standing = {"current_grade": grade, "current_grade_year": since, "current_trade": "driver"}
    return replace(NEWCOMER, grade=Grade(grade - 1), **{**standing, **changes})


_days = st.dates(date(1940, 1, 1), date(2030, 12, 31))
_trades = st.sampled_from(["driver", "gardener", "closed", ""])
_codes = [*DOCUMENT.award_names, "unknown_award"]

some_facts: Final[st.SearchStrategy[ApplicationFacts]] = st.builds(
    ApplicationFacts,
    year=st.integers(2024, 2030),
    notice_date=st.dates(date(2024, 1, 1), date(2030, 12, 31)),
    office=st.just(OfficeCode("henan/luoyang")),
    grade=st.sampled_from(Grade),
    path=st.sampled_from(ApplicationPath),
    trade=_trades,
    staff_category=st.sampled_from(StaffCategory),
    birth_date=st.none() | _days,
    sex=st.none() | st.sampled_from(Sex),
    first_job_year=st.none() | st.integers(1960, 2030),
    regularised_on=st.none() | _days,
    current_grade=st.none() | st.sampled_from(Grade),
    current_grade_year=st.none() | st.integers(1980, 2030),
    current_trade=st.none() | _trades,
    appointed_to_grade_two=st.booleans(),
    education=st.none() | st.sampled_from(Education),
    assessments=st.lists(
        st.builds(Assessment, st.integers(2015, 2029), st.sampled_from(AssessmentResult), st.booleans()), max_size=8
    ).map(tuple),
    awards=st.lists(st.sampled_from(_codes), max_size=3).map(tuple),
    frontline=st.none() | st.sampled_from(Frontline),
    retires_on=st.none() | _days,
    materials=st.frozensets(st.sampled_from([material.code for material in DOCUMENT.materials])),
    acknowledgements=st.frozensets(st.sampled_from(sorted(DOCUMENT.acknowledgements))),
)
"""Any facts at all, likely or not."""
