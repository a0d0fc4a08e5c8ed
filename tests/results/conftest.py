"""Candidates of the invented province, and the people of its office who take marks in."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import pytest

from core.db.base import new_id
from core.db.session import Actor, OfficeSession, Role
from core.plugin_api import Grade, OfficeCode
from core.results.marks.service import confirm_import, propose_import
from core.results.models.marks import MarkImport
from core.results.outcomes.service import WorkedOut, work_out
from core.tenancy.config.results import ResultsTable
from tests.cases import CITY, YEAR, Case, Season, answers, at

SUBJECTS = ("岗位技能", "职业道德", "职业能力")
THEORY = ("职业道德", "专业基础知识")


@dataclass
class Office:
    """The city's office in October, with its examiners 甲, 乙, 丙 … and its supervisor."""

    season: Season
    _examiners: dict[str, Actor] = field(default_factory=dict)

    def examiner(self, name: str) -> Actor:
        """An examiner by name; the same name is the same account."""
        made = Actor(new_id(), f"测试考评{name}", Role.EXAMINER, office_id=CITY)
        return self._examiners.setdefault(name, made)

    @contextmanager
    def at_work(self, name: str = "甲") -> Iterator[OfficeSession]:
        """An examiner at work; ``supervisor`` is the office's supervisor."""
        actor = None if name == "supervisor" else self.examiner(name)
        with self.season.as_office(CITY, name, actor=actor) as session:
            yield session

    def candidate(self, grade: Grade = Grade.FIVE, **filled: Any) -> Case:
        """A qualified candidate of a grade."""
        now, self.season.now = self.season.now, at(3, 25)
        case = self.season.at_office(CITY, answers(grade, **filled))
        self.season.approve_at_office(case)
        self.season.now = now
        return case

    def undecided(self, code: OfficeCode = CITY) -> Case:
        """A case that has waited at an office since March."""
        now, self.season.now = self.season.now, at(3, 25)
        case = self.season.at_office(code)
        self.season.now = now
        return case

    def reference(self, case: Case) -> str:
        """The number of a case."""
        return self.season.look(case).reference

    def table(self, rows: Sequence[Sequence[str]], subjects: Sequence[str] = SUBJECTS) -> bytes:
        """A table of marks as CSV: number and marks."""
        lines = [["申报编号", *subjects], *rows]
        return "\n".join(",".join(line) for line in lines).encode()

    def take_in(self, rows: Sequence[Sequence[str]], subjects: Sequence[str] = SUBJECTS) -> UUID:
        """Have a table handed in by 甲 and confirmed by 乙."""
        made = self.propose(self.table(rows, subjects))
        with self.at_work("乙") as session:
            confirm_import(session, made.id, digest=made.digest, rules=ResultsTable())
        return made.id

    def work_out(self) -> WorkedOut:
        """Have the outcomes of the year worked out."""
        with self.at_work() as session:
            return work_out(session, year=YEAR, offices=self.season.offices)

    def propose(self, content: bytes, name: str = "甲") -> MarkImport:
        """Have a table without faults handed in."""
        with self.at_work(name) as session:
            made = propose_import(session, content, year=YEAR, file_name="成绩.csv", without_names=True).made
        assert made is not None
        return made


@pytest.fixture
def office(season: Season) -> Office:
    """The city's office after the exams."""
    season.now = at(10, 8)
    return Office(season)
