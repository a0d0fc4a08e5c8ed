"""The settings of an office about results: pass marks, score checks, and the comprehensive review of grade one.

None of it is known for Henan: every default is this installation's, and a province says otherwise in its file.
"""

from __future__ import annotations

from typing import Literal

from pydantic import Field, model_validator

from core.tenancy.config.types import Count, Percent, Switch, Table, Text

_WHOLE = 100


class CriterionTable(Table):
    """One criterion of the sheet: scored from 0 to ``maximum``, and so many percent of the whole."""

    code: Text
    name: Text
    weight: Percent
    maximum: Count = 100


class EvaluationTable(Table):
    """How panels evaluate grade one (综合评审).

    ``panels_a_year`` and ``years_in_row`` limit how often somebody is a member; 0 is no limit.
    """

    criteria: tuple[CriterionTable, ...] = (
        CriterionTable(code="achievement", name="工作业绩", weight=40),
        CriterionTable(code="skill", name="技能水平", weight=40),
        CriterionTable(code="teaching", name="传授技艺", weight=20),
    )
    pass_mark: Percent = 60
    members: Count = 3
    panels_a_year: Count = 0
    years_in_row: Count = 0
    anonymous: Switch = True

    @model_validator(mode="after")
    def _criteria_make_a_whole(self) -> EvaluationTable:
        if sum(criterion.weight for criterion in self.criteria) != _WHOLE:
            raise ValueError("the weights of evaluation.criteria must come to 100")
        if len({criterion.code for criterion in self.criteria}) < len(self.criteria):
            raise ValueError("evaluation.criteria names a code twice")
        if not all(criterion.maximum and criterion.weight for criterion in self.criteria):
            raise ValueError("evaluation.criteria: weight and maximum must be more than 0")
        return self


class ResultsTable(Table):
    """The pass mark, when candidates are told of their marks, and the days for a check (复查) and its answer."""

    pass_mark: Percent = 60
    carry_over_years: Count = 0
    check_days: Count = 15
    marks_told: Literal["confirmed", "published"] = "confirmed"
    check_answer_days: Count = Field(default=7, ge=1)
    evaluation: EvaluationTable = EvaluationTable()
