"""Acts of questions to an office (咨询): about a case or in general, and the answers."""

from typing import Any

from sqlalchemy import func, select

from core.reviews.inquiries import service as inquiries
from core.reviews.models import Inquiry
from tests.histories.acts import OFFICES, World, act

_WORDS = "测试咨询"


class Inquiries(World):
    """A person asks; the office that has the case in hand answers, or the one that was asked."""

    @act("applications")
    def person_asks_about_a_case(self, case: Any) -> None:
        with self.person(case) as session:
            inquiries.ask(session, question=_WORDS, application_id=case.id)

    @act("applications")
    def person_asks_in_general(self, case: Any) -> None:
        with self.person(case) as session:
            inquiries.ask(session, question=_WORDS, office_id=self.luck.choice(OFFICES))

    @act("inquiries", "t.state = 'open'")
    def office_answers_a_question(self, inquiry: Any) -> None:
        """Now and then another office tries to: nobody answers but the office in charge."""
        in_charge = self._in_charge(inquiry)
        office = self.luck.choice(OFFICES) if self.chance(4) else in_charge
        with self.office(office) as session:
            inquiries.answer(session, inquiry.id, answer=f"{_WORDS}的答复")
        assert office == in_charge, (inquiry.id, office, in_charge)

    @act()
    def offices_look_at_their_questions(self) -> None:
        """Every open question is on one desk, that of the office in charge."""
        seen = []
        for office in OFFICES:
            with self.office(office) as session:
                there = [row for row, _case in inquiries.inquiries(session) if row.state == "open"]
                seen += [(row.id, office) for row in there]
                assert session.scalar(select(func.count(Inquiry.id)).where(inquiries.waits_at(office))) == len(there), (
                    office
                )
        waiting = self.rows_for("inquiries", "t.state = 'open'")
        assert sorted(seen) == sorted((row.id, self._in_charge(row)) for row in waiting)

    def _in_charge(self, inquiry: Any) -> str:
        found = self.one(
            "SELECT coalesce(a.handler_office_id, i.office_id) FROM inquiries i"
            " LEFT JOIN applications a ON a.id = i.application_id WHERE i.id = :inquiry",
            inquiry=inquiry.id,
        )
        return str(found)
