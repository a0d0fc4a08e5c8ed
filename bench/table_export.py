"""A table of a thousand and of a hundred thousand rows as an Excel file: processor time, size, memory of the writer.

Run it from the repository root: ``python -m bench.table_export``. Rows are made one by one, as a cursor of the server
gives them; the database is not involved. The memory is what the writing adds at its highest.
"""

import resource
import tempfile
import time
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime

import click

from core.web.page.excel import Deadline, Sheet, Value, write_workbook

_COLUMNS = ("姓名", "身份证末四位", "状态", "期限", "等级", "工种", "单位", "受理机构", "办理机构", "编号")
_MOMENT = datetime(2024, 4, 5, 16, tzinfo=UTC)


def _rows(count: int) -> Iterator[Sequence[Value]]:
    for number in range(count):
        case = (f"测试甲{number:06}", "123X", "待资格审查", Deadline(_MOMENT), "五级", "汽车驾驶员")
        yield (*case, f"测试单位{number % 4000}", "清河市考核办", "河源市考核办", f"2024-{number:06}")


def _megabytes() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


@click.command()
@click.option("--rows", multiple=True, type=int, default=(1_000, 10_000, 100_000), help="How many; may be repeated.")
def main(rows: tuple[int, ...]) -> None:
    """Write tables of these sizes, the smallest first, and print what each took."""
    click.echo("rows  processor seconds  megabytes of the file  megabytes of memory at the highest so far")
    for count in sorted(rows):
        with tempfile.TemporaryFile() as file:
            began = time.process_time()
            written = write_workbook(file, Sheet("测试表", _COLUMNS, _rows(count)), made_at=_MOMENT, made_by="测试")
            took = time.process_time() - began
            click.echo(f"{written}  {took:.1f}  {file.tell() / 2**20:.1f}  {_megabytes():.0f}")


if __name__ == "__main__":
    main()
