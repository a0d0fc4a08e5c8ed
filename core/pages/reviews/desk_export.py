"""The desk's queue as an Excel file, with the filters of the page."""

from core.domain.workflow import STATE_LABELS
from core.pages.reviews.desk_filters import asked_for, in_words
from core.pages.season import season_asked
from core.pages.table_export import MOST_ROWS, Sheet, TableFile, case_cells, export, trade_texts
from core.reviews.queue import queue
from core.web.dependencies import OfOffice
from core.web.guards import REVIEWERS
from core.web.page.rendering import AnyRequest
from core.web.routes import look


@look("/desk/export", roles=REVIEWERS)
def export_queue(request: AnyRequest, session: OfOffice) -> TableFile:
    """The whole queue, not only a page. Identity numbers show their last four characters."""
    asked = asked_for(request.query_params)
    year = season_asked(request, session).year
    found, trades = queue(session, year, asked, size=MOST_ROWS), trade_texts(session, year)
    columns = ("姓名", "状态", "期限", "编号", "身份证末四位", "单位", "等级", "工种", "领取人")
    filters = [f"状态：{STATE_LABELS[asked.state]}", *in_words(session, asked, trades)]
    filters += [f"只含前{MOST_ROWS}件"] if found.after else []
    cells = [{**case_cells(row, trades), "领取人": row.claimed_name} for row in found.rows]
    rows = [[case[column] for column in columns] for case in cells]
    return export(session, Sheet("审查台", columns, rows, "；".join(filters)))
