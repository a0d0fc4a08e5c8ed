"""Acts of sanctions: a case from its proposal to the appeal, and bans."""

from datetime import timedelta
from typing import Any

from core.clock import SHANGHAI
from core.db.session import Role
from core.sanctions import cases as sanctions, papers
from core.sanctions.cases import Evidence, Measures
from core.sanctions.paper_kinds import BY_OFFICE
from core.sanctions.procedure import CaseKind
from core.sanctions.service import confirm_ban, lift_ban, take_over_ban
from core.sanctions.suspensions import ask_to_suspend, suspend
from tests.histories.acts import World, act

_WORDS = "测试事由"


class Sanctions(World):
    """Violations and what follows from them."""

    @act(
        "applications",
        "t.round > 0 AND t.state <> 'disqualified' AND NOT EXISTS (SELECT FROM sanction_cases c"
        " WHERE c.application_id = t.id AND c.state IN ('proposed', 'hearing', 'decided', 'appealed'))",
    )
    def violation_is_proposed(self, case: Any) -> None:
        with self.office(self.luck.choice((case.office_id, case.handler_office_id))) as session:
            sanctions.propose(
                session, case.id, facts="学历证书与发证机关记录不符", evidence=[Evidence("测试证据", sha256="0" * 64)]
            )

    @act("applications", "EXISTS (SELECT FROM outcomes o WHERE o.application_id = t.id AND o.published_at IS NOT NULL)")
    def wrong_review_is_proposed(self, case: Any) -> None:
        with self.office(case.office_id) as session:
            sanctions.propose(session, case.id, facts="工龄认定有误", kind=CaseKind.ERROR)

    @act("applications", "t.state IN ('qualified', 'provisional')")
    def candidate_is_suspended(self, case: Any) -> None:
        """By the city's supervisor, the reviewer in charge, or the center."""
        session_of = self.luck.choice(
            (lambda: self.supervisor(case.office_id), lambda: self.office(case.handler_office_id), self.province)
        )
        with session_of() as session:
            suspend(session, case.id, reason=_WORDS, offices=self.offices)

    @act("applications", "t.state = 'qualified' AND t.office_id IN ('linshui/qinghe', 'linshui/yunshan')")
    def staff_on_site_asks_for_a_suspension(self, case: Any) -> None:
        with self.office(case.office_id, Role.EXAMINER) as session:
            ask_to_suspend(session, case.id, reason=_WORDS)

    @act("sanction_cases", "t.state = 'proposed'")
    def violation_is_heard(self, case: Any) -> None:
        with self.supervisor(case.office_id) as session:
            sanctions.hear(session, case.id, words=_WORDS, offices=self.offices)

    @act("sanction_cases", "t.state = 'proposed'")
    def violation_is_dropped(self, case: Any) -> None:
        with self.supervisor(case.office_id) as session:
            sanctions.drop(session, case.id, words=_WORDS)

    @act(
        "sanction_cases",
        "t.state = 'hearing' AND t.hearing_until IS NULL OR t.state = 'decided' AND t.appeal_until IS NULL",
    )
    def paper_is_served(self, case: Any) -> None:
        """By the office that has made it, on a day since then; by public notice it takes thirty days more."""
        by_center = case.decided_by_office_id == "linshui"
        with self.province() if by_center else self.supervisor(case.office_id) as session:
            papers.serve(session, case.id, way=self.luck.choice(BY_OFFICE), day=self.now.astimezone(SHANGHAI).date())

    @act(
        "sanction_cases",
        "t.state = 'hearing' AND t.hearing_until IS NULL OR t.state = 'decided' AND t.appeal_until IS NULL",
    )
    def person_signs_for_a_paper(self, case: Any) -> None:
        with self.person(self._accused(case)) as session:
            papers.receive(session, case.id)

    @act("sanction_cases", "t.state = 'hearing' AND (t.hearing_until IS NULL OR t.hearing_until > :now)")
    def person_speaks(self, case: Any) -> None:
        with self.person(self._accused(case)) as session:
            sanctions.state(session, case.id, words=_WORDS, finished=self.chance(2))

    @act("sanction_cases", "t.state = 'hearing' AND (t.hearing_until IS NULL OR t.hearing_until > :now)")
    def person_waives_being_heard(self, case: Any) -> None:
        with self.person(self._accused(case)) as session:
            sanctions.finish(session, case.id, words=_WORDS)

    @act("sanction_cases", "t.state IN ('hearing', 'decided') AND t.decided_by_office_id IS DISTINCT FROM 'linshui'")
    def case_is_handed_up(self, case: Any) -> None:
        with self.supervisor(case.office_id) as session:
            sanctions.hand_up(session, case.id, words=_WORDS)

    @act("sanction_cases", "t.state = 'hearing'")
    def violation_is_cleared(self, case: Any) -> None:
        with self.supervisor(case.office_id) as session:
            sanctions.clear(session, case.id, words=_WORDS)

    @act(
        "sanction_cases",
        "t.state = 'hearing' AND (t.hearing_until < :now OR EXISTS (SELECT FROM sanction_steps s"
        " WHERE s.case_id = t.id AND s.action = 'finish'))",
    )
    def violation_is_decided(self, case: Any) -> None:
        measures = self.luck.choice(
            (Measures(), Measures(ban_years=0), Measures(revokes=False), Measures(disqualifies=False))
        )
        with self.province() if self.chance(3) else self.supervisor(case.office_id) as session:
            sanctions.decide(session, case.id, words=_WORDS, measures=measures, offices=self.offices)

    @act("sanction_cases", "t.state = 'decided' AND (t.appeal_until IS NULL OR t.appeal_until > :now)")
    def person_appeals(self, case: Any) -> None:
        with self.person(self._accused(case)) as session:
            sanctions.appeal(session, case.id, words=_WORDS)

    @act("sanction_cases", "t.state = 'decided' AND t.appeal_until <= :now")
    def decision_is_carried_out(self, case: Any) -> None:
        """By a third person: another supervisor of the city, or an officer of the center."""
        by_center = case.decided_by_office_id == "linshui" or self.chance(2)
        with self.province() if by_center else self.supervisor(case.office_id, "第二监管") as session:
            sanctions.carry_out(session, case.id, offices=self.offices)

    @act("sanction_cases", "t.state = 'appealed'")
    def appeal_is_dismissed(self, case: Any) -> None:
        with self.province() as session:
            sanctions.uphold(session, case.id, words=_WORDS, offices=self.offices)

    @act("sanction_cases", "t.state = 'appealed'")
    def decision_is_overturned(self, case: Any) -> None:
        with self.province() as session:
            sanctions.overturn(session, case.id, words=_WORDS)

    def _accused(self, case: Any) -> Any:
        [found] = self.rows_for("applications", "t.id = :case", case=case.application_id)
        return found

    @act("applications", "t.round > 0")
    def ban_is_taken_over(self, case: Any) -> None:
        with self.province("甲") as session:
            take_over_ban(
                session,
                person_id=case.person_id,
                reason=_WORDS,
                instrument="测试〔2023〕1号",
                begins=self.now - timedelta(days=self.luck.choice((1, 300))),
                years=self.luck.choice((1, 2)),
            )

    @act("bans", "t.case_id IS NULL AND t.confirmed_at IS NULL AND t.lifted_at IS NULL")
    def ban_is_confirmed(self, ban: Any) -> None:
        with self.province("乙") as session:
            confirm_ban(session, ban.id)

    @act("bans", "t.lifted_at IS NULL AND t.ends > :now AND (t.case_id IS NOT NULL OR t.confirmed_at IS NOT NULL)")
    def ban_is_lifted(self, ban: Any) -> None:
        with self.province() as session:
            lift_ban(session, ban.id, reason=_WORDS)
