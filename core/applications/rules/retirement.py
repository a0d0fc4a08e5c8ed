"""Retirement ages: a table by sex, category and month of birth, as data of a rule document.

Men 60, women workers 50, women cadres 55 until the end of 2024; from 2025 the ages rise by a month every few months.
"""

import calendar
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from core.plugin_api import Sex


class Certainty(StrEnum):
    """How well a text is known: in hand, inferred from older documents, or general knowledge without a page seen.

    Only a ``KNOWN`` text can refuse an applicant.
    """

    KNOWN = "known"
    OLDER_TEXT = "older_text"
    GENERAL = "general"


class RetirementCategory(StrEnum):
    """The two categories of the law: workers (工人) and cadres (干部)."""

    WORKER = "worker"
    CADRE = "cadre"


class FrozenModel(BaseModel):
    """The base of every part of a rule document: no unknown keys, and immutable."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class RetirementAge(FrozenModel):
    """The age of one sex and category, in years, before any rise."""

    sex: Sex
    category: RetirementCategory
    years: int = Field(ge=40, le=75)
    source: str = Field(min_length=1)


class GradualRise(FrozenModel):
    """A rise for retirements from ``begins`` on: one month more for every ``every_months``, up to a cap."""

    sex: Sex
    category: RetirementCategory
    begins: date
    every_months: int = Field(ge=1)
    at_most_months: int = Field(ge=1)
    certainty: Certainty
    source: str = Field(min_length=1)

    def months(self, without_rise: date) -> int:
        """The rise, in months, for a retirement that would have been on ``without_rise``."""
        passed = (without_rise.year - self.begins.year) * 12 + without_rise.month - self.begins.month
        return 0 if passed < 0 else min(self.at_most_months, passed // self.every_months + 1)


@dataclass(frozen=True, slots=True)
class Reach:
    """The expected day of retirement age, and the earliest and latest possible day where it is not certain."""

    earliest: date
    expected: date
    latest: date


class RetirementTable(FrozenModel):
    """The ages and rises of one year; ``technical_workers_are`` is the category of the applicants."""

    technical_workers_are: RetirementCategory
    ages: tuple[RetirementAge, ...]
    rises: tuple[GradualRise, ...] = ()

    @model_validator(mode="after")
    def _knows_both_sexes(self) -> Self:
        mine = [age.sex for age in self.ages if age.category is self.technical_workers_are]
        if sorted(mine) != sorted(Sex):
            raise ValueError(f"ages must name each sex once for category {self.technical_workers_are.value!r}")
        return self

    def reach(self, birth_date: date, sex: Sex) -> Reach:
        """The days on which a technical worker reaches retirement age.

        A rise that is not known for certain leaves the whole span open, from no rise to the whole of it; the law
        also lets people choose within it.
        """
        category = self.technical_workers_are
        years = next(age.years for age in self.ages if age.sex is sex and age.category is category)
        base = add_months(birth_date, 12 * years)
        rise = next((rise for rise in self.rises if rise.sex is sex and rise.category is category), None)
        months = rise.months(base) if rise else 0
        expected = add_months(base, months)
        if rise is None or months == 0 or rise.certainty is Certainty.KNOWN:
            return Reach(expected, expected, expected)
        return Reach(base, expected, add_months(base, rise.at_most_months))


def add_months(day: date, months: int) -> date:
    """The same day of the month so many months later, or the last day of that month where it is shorter."""
    year, month_index = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month_index + 1, min(day.day, calendar.monthrange(year, month_index + 1)[1]))
