"""Every table of the corpus is read as expected, or refused by name, with all that was passed over or changed told."""

from collections.abc import Callable, Mapping
from typing import Any, Final

import pytest

from core.applications.roster import importing, table as roster_table
from core.applications.roster.importing import Vocabulary
from core.errors import Invalid
from core.results.marks.table import TABLE as MARKS, read_mark, read_table as read_marks
from core.scheduling.invigilation.table import TABLE as INVIGILATORS
from core.tenancy.config.office import Trade
from core.text.filled_tables import Filled
from core.text.understood import Understood
from tests.corpus.tables import SUBJECTS, TABLES, Sent

CHOICES: Final[Mapping[str, Mapping[str, object]]] = {
    "staff_category": {"在岗正式工作人员": "regular"},
    "education": {"高中（含中专、职高、技工学校）": 2, "初中及以下": 1},
    "current_grade": {"五级": 5},
    "grade": {"五级": 5, "四级": 4},
    "path": {"逐级晋级": "ladder"},
}
VOCABULARY: Final = Vocabulary(CHOICES, (Trade(code="HN-002", name="保管工"),))


def _marks(content: bytes) -> Filled:
    read_marks(content, SUBJECTS)
    named = {f"{subject}{end}": subject for subject in SUBJECTS for end in ("", "成绩")}
    return MARKS.read(content, more=named)


READERS: Final[Mapping[str, Callable[[bytes], Filled]]] = {
    "marks": _marks,
    "roster": roster_table.read_table,
    "invigilators": INVIGILATORS.read,
}
TELLS: Final[Mapping[str, Callable[[Understood], Any]]] = {
    "header": lambda understood: understood.header,
    "sheet": lambda understood: understood.sheet,
    "absent": lambda understood: understood.absent,
    "ignored": lambda understood: understood.ignored,
    "left": lambda understood: tuple(line.row for line in understood.left),
    "changed": lambda understood: tuple(f"{cell.cell}:{cell.written}:{cell.read}" for cell in understood.changed),
    "merged": lambda understood: understood.merged,
    "others": lambda understood: len(understood.others),
    "hidden": lambda understood: tuple(column.letter for column in understood.hidden),
}


def test_the_corpus_holds_more_than_sixty_tables_and_no_two_alike() -> None:
    assert len({sent.name for sent in TABLES}) == len({sent.content for sent in TABLES}) == len(TABLES) > 60


@pytest.mark.parametrize("sent", TABLES, ids=lambda sent: sent.name)
def test_a_table_is_read_as_expected_and_all_that_is_not_plain_is_told(sent: Sent) -> None:
    if sent.refused:
        with pytest.raises(Invalid, match="请") as refused:
            READERS[sent.kind](sent.content)
        assert refused.value.code == sent.refused
        return
    filled = READERS[sent.kind](sent.content)
    if sent.rows:
        assert {row.number: dict(row.cells) for row in filled.rows} == sent.rows
    if sent.kind == "roster":
        _check_roster(filled, sent)
    else:
        said = {row.number: "；".join(row.faults.values()) for row in filled.rows if row.faults}
        assert said.keys() == sent.faults.keys()
        assert all(text in said[number] for number, text in sent.faults.items())
    for name, expected in sent.told.items():
        if name != "draft":
            assert TELLS[name](filled.understood) == expected, name


def _check_roster(filled: Filled, sent: Sent) -> None:
    row = filled.rows[0]
    draft, faults, changed = importing.read_row(row, VOCABULARY, 2024)
    if sent.faults:
        assert sent.faults[row.number] in "；".join(faults.values())
        return
    assert faults == {}
    known = draft.model_dump(mode="json")
    assert {name: known[name] for name in sent.told["draft"]} == sent.told["draft"]
    written = {title: text for title, text, _ in changed}
    for code in ("first_job_year", "regularised_on"):
        assert (roster_table.TITLES[code] in written) == (row.cells[code] != str(known[code]))


def test_a_mark_computed_by_table_software_is_the_one_it_shows() -> None:
    rows = read_marks("申报编号,姓名,岗位技能\nLS-1,测试甲,85.30000000000001".encode(), SUBJECTS).rows
    assert str(read_mark(rows[0].entries[0])[0]) == "85.3"
