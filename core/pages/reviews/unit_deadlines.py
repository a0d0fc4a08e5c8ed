"""The unit's people against the dates of the season: one table, sorted, filtered, and as an Excel file."""

from collections.abc import Sequence
from typing import Annotated, Any
from urllib.parse import urlencode

from litestar import Response
from litestar.params import QueryParameter

from core.applications.progress import TONES
from core.db.session import UnitSession
from core.domain.workflow import STATE_LABELS, State
from core.errors import Invalid
from core.pages.season import season_asked
from core.pages.table_export import Deadline, Sheet, TableAsked, case_cells, table_file
from core.platform import Platform
from core.plugin_api import Grade
from core.reviews import unit_people
from core.reviews.owed import table
from core.reviews.owed.reminders import last_reminders
from core.reviews.owed.table import Asked, Debtor, Order
from core.reviews.owed.wording import NOTHING, left, step
from core.text.filters import end
from core.web.dependencies import OfUnit, ThePlatform
from core.web.guards import UNITS
from core.web.page.rendering import AnyRequest, render
from core.web.routes import page

OVERDUE, UNREACHABLE = "overdue", "unreachable"
_AT = "/unit/deadlines"
_COLUMNS = (
    "姓名",
    "身份证末四位",
    "工种",
    "等级",
    "状态",
    "由谁办理",
    "要办的事",
    "期限",
    "剩余",
    "手机号",
    "单位",
    "编号",
)
_OF_SEVERAL_PEOPLE = (Debtor.PERSON, Debtor.UNIT, Debtor.DEPARTMENT, Debtor.OFFICE, Debtor.NOBODY)


@page(_AT, roles=UNITS)
def deadlines_page(
    request: AnyRequest,
    session: OfUnit,
    platform: ThePlatform,
    *,
    owes: Annotated[str, QueryParameter(max_length=20)] = "",
    order: Annotated[str, QueryParameter(name="sort", max_length=20)] = "",
    text: Annotated[str, QueryParameter(name="q", max_length=60)] = "",
    after: Annotated[str, QueryParameter(max_length=400)] = "",
) -> Response[str]:
    """Everybody with the next step, who owes it, and the days that are left."""
    asked, year = asked_for({"owes": owes, "sort": order, "q": text}), season_asked(request, session).year
    found = table.people_owing(session, year, asked, after=after or None)
    owed, late = table.counts(session, year)
    following = None if found.after is None else f"{address(asked)}{'&' if filters(asked) else '?'}after={found.after}"
    return render(
        request,
        session,
        "reviews/deadlines.html",
        asked=asked,
        filters=filters(asked),
        rows=lines(session, platform, found.rows, year),
        dates=table.season_dates(session, year),
        chips=_chips(asked, owed, late),
        late=late,
        owed={debtor.value: count for debtor, count in owed.items()},
        orders=[(f"{way}{by.value}", f"{by.label}{text}") for by in _orders(session) for way, text in _WAYS],
        heading=lambda by: _heading(asked, Order(by)),
        next_address=following,
        first_address=address(asked) if after else None,
        export=f"{_AT}/export" + address(asked).removeprefix(_AT),
        several_units=len(session.unit_ids) > 1,
    )


@table_file(f"{_AT}/export", roles=UNITS)
def export_deadlines(session: UnitSession, wanted: TableAsked) -> Sheet:
    """The whole table, not only a page. Identity numbers show their last four characters."""
    asked, year = asked_for(wanted.query), wanted.season(session).year
    cells = (
        {
            **case_cells(line["row"], {line["row"].trade: line["trade"]}),
            "由谁办理": line["owes"],
            "要办的事": line["step"],
            "期限": Deadline(line["row"].until),
            "剩余": line["left"],
            "最近催办": line["reminded"],
            "手机号": "没有" if line["unreachable"] else "有",
        }
        for people in table.all_people_owing(session, year, asked)
        for line in lines(session, wanted.platform, people, year)
    )
    said = [text for text, _, current in _chips(asked, {}, 0, counted=False) if current]
    said += [f"查找：{asked.text}"] if asked.text else []
    said += [f"按{asked.order.label}{'从后往前' if asked.falling else ''}排列"]
    rows = ([cell[column] for column in _COLUMNS] for cell in cells)
    return Sheet("人员期限表", _COLUMNS, rows, "；".join(said))


def asked_for(sent: Any) -> Asked:
    """The filters and the order in an address; Invalid for unknown values."""
    owes, order = str(sent.get("owes") or ""), str(sent.get("sort") or "")
    try:
        return Asked(
            owes=Debtor(owes) if owes and owes not in {OVERDUE, UNREACHABLE} else None,
            overdue=owes == OVERDUE,
            unreachable=owes == UNREACHABLE,
            text=str(sent.get("q") or ""),
            order=Order(order.removeprefix("-") or Order.UNTIL),
            falling=order.startswith("-"),
        )
    except ValueError:
        raise Invalid("filter_unknown", "没有这个筛选条件，请从页面上的筛选中选择。") from None


def filters(asked: Asked, **changed: str) -> dict[str, str]:
    """The filters and the order, as in the page's address."""
    order = ("-" if asked.falling else "") + asked.order.value
    held = {
        "owes": OVERDUE if asked.overdue else UNREACHABLE if asked.unreachable else (asked.owes or ""),
        "q": asked.text,
        "sort": "" if order == Order.UNTIL else order,
    }
    return {name: str(value) for name, value in (held | changed).items() if value}


def address(asked: Asked, **changed: str) -> str:
    """The address of the table with these filters, some of them changed."""
    held = filters(asked, **changed)
    return f"{_AT}?{urlencode(held)}" if held else _AT


def lines(session: UnitSession, platform: Platform, rows: Sequence[Any], year: int) -> list[dict[str, Any]]:
    """What a page shows of each row: the step and the days left in words, and whether a number is known."""
    names = {material.code: material.name for material in platform.rules[year].materials}
    trades = {trade.code: trade.name for trade in platform.offices.catalogue.season(year).trades}
    missing = unit_people.missing(session, rows, names)
    unreachable, reminded = table.without_number(session, rows), last_reminders(session, [row.id for row in rows])
    found = []
    for row in rows:
        state, owes = State(row.state), Debtor(row.owes)
        applying = owes in {Debtor.PERSON, Debtor.UNIT}
        found.append(
            {
                "row": row,
                "state": STATE_LABELS[state],
                "tone": TONES[state],
                "owes": "" if owes is Debtor.NOBODY else row.office_name if owes is Debtor.OFFICE else owes.label,
                "step": NOTHING if owes is Debtor.NOBODY else step(state, applying=applying, lacking=missing[row.id]),
                "until": "" if row.until is None else end(row.until),
                "left": "" if owes is Debtor.NOBODY else left(row.until, session.now),
                "late": owes is not Debtor.NOBODY and row.until is not None and row.until <= session.now,
                "grade": "" if row.grade is None else Grade(row.grade).label,
                "trade": trades.get(row.trade, row.trade or ""),
                "unreachable": row.person_id in unreachable,
                "reminded": reminded.get(row.id),
                "remindable": owes is Debtor.PERSON or (owes is Debtor.UNIT and row.unit_id != session.unit_id),
            }
        )
    return found


_WAYS = (("", "从前往后"), ("-", "从后往前"))


def _orders(session: UnitSession) -> list[Order]:
    return [by for by in Order if by is not Order.UNIT or len(session.unit_ids) > 1]


def _heading(asked: Asked, by: Order) -> dict[str, str]:
    """The heading of a column: its mark, and the address that sorts by it, or turns its order round."""
    current = asked.order is by
    turned = "-" if current and not asked.falling else ""
    return {
        "label": by.label,
        "mark": ("↓" if asked.falling else "↑") if current else "",
        "sorted": ("descending" if asked.falling else "ascending") if current else "none",
        "address": address(asked, sort=f"{turned}{by.value}"),
    }


def _chips(asked: Asked, owed: Any, late: int, *, counted: bool = True) -> list[tuple[str, str, bool]]:
    """The filters: everybody, by who owes the next step, those past their date, and those without a number."""
    number = (lambda text, count: f"{text} {count}") if counted else (lambda text, _: text)
    everybody = asked.owes is None and not asked.overdue and not asked.unreachable
    return [
        (number("全部", sum(owed.values())), address(asked, owes=""), everybody),
        *(
            (
                number(debtor.label if debtor is Debtor.NOBODY else f"待{debtor.label}办理", owed.get(debtor, 0)),
                address(asked, owes=debtor.value),
                asked.owes is debtor,
            )
            for debtor in _OF_SEVERAL_PEOPLE
            if not counted or debtor in owed
        ),
        (number("已过期限", late), address(asked, owes=OVERDUE), asked.overdue),
        ("没有手机号", address(asked, owes=UNREACHABLE), asked.unreachable),
    ]
