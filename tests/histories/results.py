"""Acts on results: marks by two people, outcomes, corrections and score checks."""

from decimal import Decimal
from typing import Any

from core.db.session import Role
from core.plugin_api import MarkStatus
from core.results.corrections import score_checks, service as corrections
from core.results.corrections.score_checks import Ground
from core.results.corrections.service import Corrected
from core.results.marks import service as marks
from core.results.models.marks import MarkImport
from core.results.outcomes import service as outcomes
from tests.histories.acts import World, act
from tests.histories.exams import HELD, SUBJECTS

_REASON = "测试理由"
_EXAMINED = HELD + " AND EXISTS (SELECT FROM sittings s WHERE s.office_id = t.id AND s.ends_at < :now)"


class Results(World):
    """From the table of marks to the outcome, and what is asked against it."""

    @act("offices", _EXAMINED)
    def marks_are_handed_in(self, office: Any) -> None:
        """A table of the candidates who have no marks yet; some fail, some are absent."""
        people = self.rows_for(
            "applications",
            "t.office_id = :office AND t.state = 'qualified' AND t.year = (SELECT max(s.year) FROM sittings s"
            " WHERE s.ends_at < :now AND s.office_id = :office)"
            " AND NOT EXISTS (SELECT FROM marks m WHERE m.application_id = t.id AND m.import_id IS NOT NULL)",
            office=office.id,
        )
        lines = [",".join(["申报编号", *SUBJECTS]), *(self._line(one.reference) for one in people)]
        with self.office(office.id, Role.EXAMINER) as session:
            year = people[0].year if people else self.this_year
            self.faults = marks.propose_import(
                session, "\n".join(lines).encode(), year=year, file_name="成绩.csv", without_names=True
            ).reading.faults

    def _line(self, reference: str) -> str:
        return ",".join(
            [
                reference,
                *(self.luck.choice(("80", "70", "66", "59", "缺考") if self.chance(3) else ("75",)) for _ in SUBJECTS),
            ]
        )

    @act("mark_imports", "t.state = 'proposed'")
    def marks_are_confirmed(self, made: Any) -> None:
        with self.office(made.office_id, Role.EXAMINER) as session:
            differing = marks.contradicting(session, made.id)
            reasons = {one.differs.application_id: _REASON for one in differing}
            marks.confirm_import(
                session, made.id, digest=made.digest, rules=self.config(made.office_id).results, reasons=reasons
            )

    @act("mark_imports", "t.state IN ('proposed', 'confirmed')")
    def marks_are_withdrawn(self, made: Any) -> None:
        with self.supervisor(made.office_id) as session:
            assert isinstance(session.get(MarkImport, made.id), MarkImport | None)
            marks.withdraw_import(session, made.id, reason=_REASON)

    @act("offices", _EXAMINED)
    def outcomes_are_worked_out(self, office: Any) -> None:
        year = self.one("SELECT max(year) FROM sittings WHERE ends_at < :now AND office_id = :office", office=office.id)
        with self.office(office.id, Role.EXAMINER) as session:
            outcomes.work_out(session, year=year, offices=self.offices)

    @act("marks")
    def correction_is_asked_for(self, mark: Any) -> None:
        with self.office(mark.office_id, Role.EXAMINER) as session:
            corrections.ask_for_correction(
                session, mark.application_id, mark.subject, self._corrected(), reason="漏计", evidence="作答记录"
            )

    def _corrected(self) -> Corrected:
        points = self.luck.choice((Decimal(40), Decimal(60), Decimal(88), None))
        return Corrected(points) if points is not None else Corrected(None, MarkStatus.VOID)

    @act("mark_corrections", "t.state = 'asked'")
    def correction_is_granted(self, case: Any) -> None:
        with self.supervisor(case.office_id) as session:
            corrections.grant_correction(session, case.id, offices=self.offices)

    @act("mark_corrections", "t.state = 'asked'")
    def correction_is_refused(self, case: Any) -> None:
        with self.supervisor(case.office_id) as session:
            corrections.refuse_correction(session, case.id, offices=self.offices, remark=_REASON)

    @act("marks")
    def candidate_asks_for_a_check(self, mark: Any) -> None:
        [case] = self.rows_for("applications", "t.id = :case", case=mark.application_id)
        ground = Ground.ABSENCE if mark.status == "absent" else Ground.OWN_RESULT
        with self.person(case) as session:
            rules = self.config(mark.office_id).results
            score_checks.ask_for_check(session, case.id, mark.subject, ground=ground, reason=_REASON, rules=rules)

    @act("score_checks", "t.state = 'open'")
    def check_is_dismissed(self, check: Any) -> None:
        with self.office(check.office_id, Role.EXAMINER) as session:
            score_checks.dismiss_check(session, check.id, answer=_REASON)

    @act("score_checks", "t.state = 'open'")
    def check_is_upheld(self, check: Any) -> None:
        with self.office(check.office_id, Role.EXAMINER) as session:
            score_checks.uphold_check(session, check.id, self._corrected(), answer=_REASON, evidence="作答记录")
