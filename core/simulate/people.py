"""Invented people: names, numbers and careers that no real person can have, from an index and a seed.

Names begin with 测试 or 模拟, identity numbers lie in areas that name no place, so that nobody takes them for real.
"""

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from core.domain.identity_number import simulated
from core.plugin_api import ApplicationPath, Assessment, AssessmentResult, Education, Grade, Sex, StaffCategory

_STEMS = "甲乙丙丁戊己庚辛壬癸"
_WEIGHTS = {Grade.FIVE: 18, Grade.FOUR: 27, Grade.THREE: 32, Grade.TWO: 18, Grade.ONE: 5}


@dataclass(frozen=True, slots=True)
class InventedPerson:
    """An invented person, and the answers of their form."""

    index: int
    name: str
    id_number: str
    phone: str
    answers: Mapping[str, Any]

    @property
    def grade(self) -> Grade:
        """The grade applied for."""
        return Grade(self.answers["grade"])


def invent(index: int, rng: random.Random, *, year: int, trades: Sequence[str], **answers: Any) -> InventedPerson:
    """A person whose career satisfies the conditions of a grade drawn at random; ``answers`` override the form."""
    grade = Grade(answers.get("grade") or rng.choices(list(_WEIGHTS), weights=list(_WEIGHTS.values()))[0])
    sex = Sex.FEMALE if rng.random() < 0.35 else Sex.MALE
    form = {**career(grade, rng, year=year, trade=rng.choice(list(trades))), **answers, "grade": grade}
    # Old enough for the first job, and a woman not yet fifty in the exam year.
    born = date(min(form["first_job_year"] - 19, year - 25), rng.randint(1, 12), rng.randint(1, 28))
    if sex is Sex.FEMALE and born.year <= year - 50:
        sex = Sex.MALE
    name = f"测试{_STEMS[index % 10]}{index:06d}"
    return InventedPerson(index, name, simulated(index, born, sex), f"1990000{index % 10000:04d}", form)


def career(grade: Grade, rng: random.Random, *, year: int, trade: str) -> dict[str, Any]:
    """The answers of a person who meets the conditions of ``grade`` on its usual path."""
    since = rng.randint(5, 7)
    form: dict[str, Any] = {
        "path": ApplicationPath.LADDER,
        "trade": trade,
        "staff_category": StaffCategory.HIRED if rng.random() < 0.2 else StaffCategory.REGULAR,
        "education": Education.SENIOR if grade <= Grade.TWO else Education(rng.randint(1, 3)),
        "declared_true": True,
    }
    if grade is Grade.FIVE:
        first = year - rng.randint(3, 8)
        return form | {"first_job_year": first, "regularised_on": date(first + 1, 7, 1)}
    if grade >= Grade.THREE and rng.random() < 0.3:
        least = 10 if grade is Grade.FOUR else 18
        return form | {"path": ApplicationPath.DIRECT, "first_job_year": year - least - rng.randint(0, 4)}
    held = Grade(grade + 1)
    service = {Grade.FOUR: 12, Grade.THREE: 16, Grade.TWO: 21, Grade.ONE: 27}[grade] + rng.randint(0, 2)
    form |= {
        "first_job_year": year - service,
        "current_grade": held,
        "current_grade_year": year - since,
        "current_trade": trade,
    }
    if grade is Grade.ONE:
        form |= {
            "appointed_to_grade_two": True,
            "assessments": assessments(year, excellent=2),
            "acknowledgements": ("grade_one_guidance",),
        }
    return form


def assessments(year: int, *, excellent: int = 0, unfiled: bool = False) -> tuple[Assessment, ...]:
    """The five annual assessments before ``year``; the last one may still be unfiled (未备案)."""
    results = [AssessmentResult.EXCELLENT] * excellent + [AssessmentResult.PASS] * (5 - excellent)
    return tuple(
        Assessment(year - 5 + offset, result, filed=not (unfiled and offset == 4))
        for offset, result in enumerate(results)
    )
