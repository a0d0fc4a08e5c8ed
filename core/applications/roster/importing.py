"""Importing a unit's table of people: every row's errors at once, and nothing, or only the good rows, taken in.

There is one way through the table and not two: each row is carried out in a savepoint of its own by the same services
that a form calls, and all of it is undone where some row was refused and nobody said that the good ones are to stay.
"""

import re
import unicodedata
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final
from uuid import UUID

from core.applications import forms, trades
from core.applications.models import Application
from core.applications.roster.table import COLUMNS, TABLE, TITLES
from core.applications.service import Named, application_of, applied_already, claim_applicant, open_draft
from core.applications.waiting_drafts import Closings, tell_of_draft
from core.audit.service import record
from core.db.locks import one_at_a_time
from core.db.session import UnitSession
from core.errors import Conflict, Invalid
from core.identity.models import Person
from core.organizations.models import Unit
from core.security.keys import KeyProvider
from core.tenancy.config.office import Trade
from core.text.filled_tables import Row
from core.text.written_dates import read_date

_YEARS: Final = frozenset({"first_job_year", "current_grade_year"})
_DAYS: Final = frozenset({"regularised_on"})
_NOTE: Final = re.compile(r"\(.*")
_PERSON: Final = frozenset({"name", "id_number", "phone"})


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """What may be written in the columns with choices: for each the answer that a text stands for; and the trades."""

    choices: Mapping[str, Mapping[str, Any]]
    trades: Collection[Trade]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one row: imported, there already, or refused with a text for each column that is wrong.

    ``unreachable`` where no mobile number is known to which a message about the draft could go.
    """

    number: int
    name: str
    id_tail: str
    faults: Mapping[str, str] = field(default_factory=dict)
    existed: bool = False
    changed: tuple[tuple[str, str, str], ...] = ()
    """Cells that are read otherwise than they are written: the title, both texts."""
    unreachable: bool = False

    @property
    def lines(self) -> list[str]:
        """What is wrong, each with the title of its column."""
        return [f"{TITLES.get(code, code)}：{text}" for code, text in self.faults.items()]


@dataclass(frozen=True, slots=True)
class Import:
    """What became of a table. ``done`` is False where nothing was kept."""

    outcomes: tuple[Outcome, ...]
    done: bool

    @property
    def refused(self) -> list[Outcome]:
        """The rows with errors, in the order of the table."""
        return [outcome for outcome in self.outcomes if outcome.faults]

    @property
    def unreachable(self) -> list[Outcome]:
        """The people with a draft whom no message reaches: the unit tells them itself."""
        return [outcome for outcome in self.outcomes if outcome.unreachable and not outcome.faults]

    @property
    def existed(self) -> int:
        """How many rows were there already, just so."""
        return sum(outcome.existed for outcome in self.outcomes)

    @property
    def good(self) -> int:
        """How many rows have been taken in, or would be."""
        return len(self.outcomes) - len(self.refused) - self.existed


def import_rows(
    session: UnitSession,
    rows: Sequence[Row],
    *,
    unit_id: UUID,
    year: int,
    vocabulary: Vocabulary,
    keys: KeyProvider,
    good_only: bool = False,
    keep: bool = True,
) -> Import:
    """Open a draft for each row and tell the person, all or nothing; with ``good_only`` those without errors.

    Without ``keep`` none is opened, and nobody is told.

    Sent again, it leaves what it made before as it is. Two imports of one unit wait for each other.
    """
    one_at_a_time(session, f"roster-import:{unit_id}:{year}")
    numbers: dict[str, int] = {}
    closings = Closings(session, year)
    with session.begin_nested() as all_rows:
        outcomes = tuple(
            _take_in(session, row, numbers, closings, unit_id=unit_id, year=year, vocabulary=vocabulary, keys=keys)
            for row in rows
        )
        made = Import(outcomes, done=keep and (good_only or not any(outcome.faults for outcome in outcomes)))
        if not made.done:
            all_rows.rollback()
    if made.done:
        record(
            session,
            "people.imported",
            office_id=session.get_one(Unit, unit_id).office_id,
            subject_type="unit",
            subject_id=unit_id,
            payload={"imported": made.good, "existed": made.existed, "refused": len(made.refused)},
        )
    return made


def _take_in(
    session: UnitSession,
    row: Row,
    numbers: dict[str, int],
    closings: Closings,
    *,
    unit_id: UUID,
    year: int,
    vocabulary: Vocabulary,
    keys: KeyProvider,
) -> Outcome:
    draft, faults, changed = read_row(row, vocabulary, year)
    number = "" if "id_number" in faults else unicodedata.normalize("NFKC", row.cells["id_number"]).upper()
    if number and (first := numbers.setdefault(number, row.number)) != row.number:
        faults["id_number"] = f"与第{first}行的身份证号码重复，请删去一行。"
    existed = unreachable = False
    if number:
        named = Named(row.cells.get("name", ""), number, row.cells.get("phone"))
        try:
            with session.begin_nested() as savepoint:
                there, existed = _open(session, named, draft, unit_id=unit_id, year=year, keys=keys)
                unreachable = session.get_one(Person, there.person_id).phone is None
                if not existed and not faults:
                    tell_of_draft(session, there, closings)
                if faults:
                    savepoint.rollback()
        except (Invalid, Conflict) as refusal:
            faults = {**(refusal.fields or {"name": refusal.detail}), **faults}
    ordered = {column.code: faults[column.code] for column in COLUMNS if column.code in faults}
    return Outcome(
        row.number, row.cells.get("name", ""), number[-4:], ordered, existed and not ordered, changed, unreachable
    )


def _open(
    session: UnitSession, named: Named, draft: forms.ApplicationDraft, *, unit_id: UUID, year: int, keys: KeyProvider
) -> tuple[Application, bool]:
    """The draft, and whether it, or what has become of it, was there already; opened where it was not."""
    applicant = claim_applicant(session, named, keys=keys)
    there = application_of(session, applicant.person_id, year)
    if there is None:
        return open_draft(session, applicant, year=year, unit_id=unit_id, draft=draft), False
    grade = None if draft.grade is None else int(draft.grade)
    path = None if draft.path is None else draft.path.value
    if (there.unit_id, there.grade, there.trade, there.path) != (unit_id, grade, draft.trade, path):
        raise applied_already(there)
    return there, True


def read_row(
    row: Row, vocabulary: Vocabulary, year: int
) -> tuple[forms.ApplicationDraft, dict[str, str], tuple[tuple[str, str, str], ...]]:
    """A row as a draft, as far as it can be read; its faults; and what is read otherwise than it is written."""
    faults = {column.code: f"请填写{column.title}。" for column in TABLE.lacking(row.cells)} | dict(row.faults)
    answers: dict[str, Any] = {}
    changed = []
    for code, text in row.cells.items():
        if code in _PERSON:
            continue
        try:
            answers[code] = _answer(code, text, vocabulary)
        except Invalid as refusal:
            faults |= refusal.fields
        else:
            if (read := _otherwise(code, text, answers[code], vocabulary)) is not None:
                changed.append((TITLES[code], text, read))
    try:
        draft = forms.read_draft(answers)
    except Invalid as refusal:
        faults |= refusal.fields
        draft = forms.read_draft({code: answer for code, answer in answers.items() if code not in refusal.fields})
    return draft, {**forms.faults(draft, year=year), **faults}, tuple(changed)


def _answer(code: str, text: str, vocabulary: Vocabulary) -> Any:
    """The answer that a text of a column stands for. Raises Invalid at the column where it stands for none."""
    if code in trades.FIELDS:
        return trades.code_of(text, vocabulary.trades, field=code)
    known = vocabulary.choices.get(code)
    if known is None:
        return _moment(code, text)
    chosen = _choice(text, known)
    if chosen is None:
        raise Invalid("not_a_choice", f"“{text[:20]}”不在可选范围内，请从模板的下拉列表中选择。", at=code)
    return known[chosen]


def _otherwise(code: str, text: str, answer: Any, vocabulary: Vocabulary) -> str | None:
    """An answer in words where it is not what is written; None where it is."""
    if code in trades.FIELDS:
        meant = next(trade for trade in vocabulary.trades if trade.code == answer)
        return None if trades.is_named_in_full(text, meant) else f"{meant.code} {meant.name}"
    known = vocabulary.choices.get(code)
    if known is None:
        return None if answer == text else str(answer)
    chosen = _choice(text, known)
    return None if chosen is None or _plain(chosen) == _plain(text) else chosen


def _choice(text: str, known: Collection[str]) -> str | None:
    """The choice that a text names: whole, or without the note in brackets where only one begins so."""
    asked = _plain(text)
    whole = [choice for choice in known if _plain(choice) == asked]
    found = whole or [choice for choice in known if _NOTE.sub("", _plain(choice)) == asked]
    return found[0] if len(found) == 1 else None


def _moment(code: str, text: str) -> str:
    """A day or a year as people write them, as the form reads them: of a date the year where a year is asked.

    A month without its day stands for its first day: the rules ask for the month alone.
    """
    written = read_date(text)
    if written is None:
        return text
    if code in _YEARS:
        return str(written.year)
    if code not in _DAYS:
        return text
    if written.is_doubtful:
        ways = f"{written.year}-01或{written.year}-10"
        raise Invalid(
            "month_doubtful", f"“{text}”分不清是1月还是10月（表格软件会去掉末尾的0），请写作{ways}。", at=code
        )
    if written.month is None:
        raise Invalid("month_missing", f"“{text}”只有年份，请至少写到月，例如{written.year}-07。", at=code)
    return written.first_day.isoformat()


def _plain(text: str) -> str:
    """A text without blanks, in half width."""
    return "".join(unicodedata.normalize("NFKC", text).split())
