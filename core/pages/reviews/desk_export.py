"""The desk's queue as an Excel file, narrowed as the page is."""

from typing import Annotated, Any

from litestar import Response
from litestar.params import QueryParameter

from core.domain.workflow import STATE_LABELS, State
from core.pages.reviews.desk import asked_for, season_year
from core.pages.table_export import MOST_ROWS, Sheet, export
from core.plugin_api import Grade
from core.reviews.queue import queue
from core.web.dependencies import OfOffice
from core.web.guards import REVIEWERS
from core.web.routes import look


@look("/desk/export", roles=REVIEWERS)
def export_queue(
    session: OfOffice,
    *,
    standing: Annotated[str, QueryParameter(name="state", max_length=40)] = State.QUALIFICATION_REVIEW.value,
    text: Annotated[str, QueryParameter(name="q", max_length=60)] = "",
    grade: Annotated[str, QueryParameter(max_length=1)] = "",
    mine: Annotated[str, QueryParameter(max_length=1)] = "",
) -> Response[bytes]:
    """The whole queue, not a page of it. Of the identity number the last four signs alone."""
    asked = asked_for({"state": standing, "q": text, "grade": grade, "mine": mine})
    found = queue(session, season_year(session), asked, size=MOST_ROWS)
    columns = ("姓名", "状态", "期限", "编号", "身份证末四位", "单位", "等级", "工种", "领取人")
    filters = [f"状态：{STATE_LABELS[asked.state]}"]
    filters += [f"查找：{asked.text}"] if asked.text else []
    filters += [f"等级：{Grade(asked.grade).label}"] if asked.grade else []
    filters += ["只看本人领取"] if asked.mine else []
    filters += [f"只含最急的{MOST_ROWS}件"] if found.after else []
    return export(session, Sheet("审查台", columns, [_row(row) for row in found.rows], "；".join(filters)))


def _row(one: Any) -> tuple[Any, ...]:
    label = "" if one.grade is None else Grade(one.grade).label
    named = (one.person_name, STATE_LABELS[State(one.state)], one.due_at, one.reference, one.id_tail)
    return (*named, one.unit_name, label, one.trade, one.claimed_name)


PAGES = [export_queue]
