"""The desk's queue as an Excel file, with the filters of the page."""

from core.db.session import OfficeSession
from core.domain.workflow import STATE_LABELS
from core.pages.reviews.desk_filters import asked_for, in_words
from core.pages.table_export import Sheet, TableAsked, case_cells, table_file, trade_texts
from core.reviews.queue import whole_queue
from core.web.guards import REVIEWERS


@table_file("/desk/export", roles=REVIEWERS)
def export_queue(session: OfficeSession, table: TableAsked) -> Sheet:
    """The whole queue, not only a page. Identity numbers show their last four characters."""
    asked, year = asked_for(table.query), table.season(session).year
    trades = trade_texts(session, year)
    columns = ("姓名", "状态", "期限", "编号", "身份证末四位", "单位", "等级", "工种", "领取人")
    filters = [f"状态：{STATE_LABELS[asked.state]}", *in_words(session, asked, trades)]
    cells = ({**case_cells(row, trades), "领取人": row.claimed_name} for row in whole_queue(session, year, asked))
    rows = ([case[column] for column in columns] for case in cells)
    return Sheet("审查台", columns, rows, "；".join(filters))
