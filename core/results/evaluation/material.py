"""Pure: what the members of a panel judge a candidate by: career, assessments, works, and nothing that names them.

The answers of the form are choices, years and days; its only texts are names of trades. Person, unit, department, sex,
birth, numbers and the category of staff are left out (评委只见编号，不见姓名和单位).
"""

from collections.abc import Mapping
from typing import Any, Final

MATERIAL_ITEMS: Final = (
    *("education", "first_job_year", "regularised_on"),
    *("current_grade", "current_grade_year", "current_trade", "appointed_to_grade_two"),
    *("trade", "path", "assessments", "awards"),
)
"""The answers of the form that are told, in their order."""


def material_of(form: Mapping[str, Any]) -> dict[str, Any]:
    """The part of a form that is put before the members."""
    return {item: form[item] for item in MATERIAL_ITEMS if form.get(item) not in (None, "", [])}
