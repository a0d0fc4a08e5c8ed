"""Pure: the words for an office's figures, for pages, Excel and filings."""

from collections.abc import Mapping

from core.domain.workflow import STATE_LABELS
from core.plugin_api import Grade, StandardFigure

FIGURE_LABELS: Mapping[str, str] = {
    StandardFigure.SUBMITTED.value: "提交申报",
    StandardFigure.IN_REVIEW.value: "审核中（含退回修改）",
    StandardFigure.PROVISIONAL.value: "容缺通过",
    StandardFigure.QUALIFIED.value: "审查通过",
    StandardFigure.REJECTED.value: "审查不通过",
    StandardFigure.DELEGATED.value: "由县（市）办理",
    **{f"state_{state.value}": f"目前{label}" for state, label in STATE_LABELS.items()},
    **{f"grade_{int(grade)}": f"申报{grade.label}" for grade in sorted(Grade, reverse=True)},
}


def label_of(figure: str) -> str:
    """The words for a standard figure; a figure that a plugin added is called by its own name."""
    return FIGURE_LABELS.get(figure, figure)
