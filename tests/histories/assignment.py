"""Acts of an office that divides its cases among reviewers with accounts: by hand, by rule, and a leave."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from core.identity.service import issue_account
from core.reviews.assignment import service
from core.reviews.assignment.service import RULES, Duty
from tests.histories.acts import REVIEWERS, World, act

_IN_HAND = "t.state IN ('qualification_review', 'onsite_confirmation', 'provisional')"


class Assignments(World):
    """Whose work a case is, which no verb may depend on."""

    def reviewer(self, office: str) -> UUID:
        """One of two reviewers with accounts, whom the office lets in when first asked for."""
        login = f"{office}-{self.luck.choice(('甲', '乙'))}"
        known = self.look("SELECT id FROM accounts WHERE login = :login", login=login)
        if known:
            return UUID(str(known[0][0]))
        role, name = REVIEWERS[office], f"测试{login[-1]}员"
        with self.system(office) as session:
            return issue_account(session, login=login, name=name, role=role, valid_from=self.now, office_id=office).id

    @act("applications", _IN_HAND)
    def office_assigns(self, case: Any) -> None:
        """A case is assigned, or transferred to a colleague."""
        to = self.reviewer(case.handler_office_id)
        with self.office(case.handler_office_id) as session:
            service.assign(session, [case.id], to)

    @act("applications", _IN_HAND)
    def office_assigns_by_rule(self, case: Any) -> None:
        """The office sets a rule, and the worker carries it out."""
        self.reviewer(case.handler_office_id)
        with self.office(case.handler_office_id) as session:
            service.set_rule(session, self.luck.choice(sorted(RULES)), self.luck.choice((None, 1, 3)))
        with self.system(case.handler_office_id) as session:
            service.distribute(session, case.year)

    @act("case_assignments")
    def reviewer_goes_on_leave(self, assigned: Any) -> None:
        """A reviewer is away for some days; whose cases they are then follows."""
        leave = Duty(away_from=self.now, away_until=self.now + timedelta(days=self.luck.choice((1, 20))), reason="休假")
        with self.office(assigned.office_id) as session:
            service.set_duty(session, assigned.account_id, leave)

    @act("case_assignments")
    def office_puts_cases_back(self, assigned: Any) -> None:
        """All cases of a reviewer go back into the pool."""
        year = self.one("SELECT year FROM applications WHERE id = :id", id=assigned.application_id)
        with self.office(assigned.office_id) as session:
            service.put_back(session, year, assigned.account_id)
