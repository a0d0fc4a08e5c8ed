"""Acts of delegation: a county reviews in its city's place, and its city looks at what it decided."""

from datetime import timedelta
from typing import Any

from core.db.session import SystemSession
from core.delegation import service, supervision
from core.delegation.scope import DELEGABLE, Scope
from core.delegation.service import CaseChoice, Terms
from core.plugin_api import DelegationMode
from core.reviews.supervision import overturn
from tests.cases import CITY, COUNTY
from tests.histories.acts import World, act

_REASON = "测试理由"


class Delegations(World):
    """Delegations from their proposal to their end, and spot checks."""

    @act()
    def city_proposes_a_delegation(self) -> None:
        until = self.now + timedelta(days=60) if self.chance(3) else None
        stages = DELEGABLE if self.chance(2) else frozenset(self.luck.sample(sorted(DELEGABLE), 1))
        with self.supervisor(CITY) as session:
            terms = Terms(
                "清河测试〔2024〕9号",
                self.luck.choice(list(DelegationMode)),
                Scope(stages),
                session.now + timedelta(minutes=self.luck.choice((0, 1, 3000))),
                until,
                open_cases=self.luck.choice(list(CaseChoice)),
            )
            service.propose(session, COUNTY, terms)

    @act("delegations", "t.state = 'pending'")
    def delegation_takes_effect(self, delegation: Any) -> None:
        with self.supervisor(delegation.from_office_id) as session:
            service.take_effect(session, delegation.id)

    @act("delegations", "t.state = 'pending'")
    def delegation_is_cancelled(self, delegation: Any) -> None:
        with self.supervisor(delegation.from_office_id) as session:
            service.cancel(session, delegation.id, reason=_REASON)

    @act("delegations", "t.state = 'in_force'")
    def delegation_is_paused(self, delegation: Any) -> None:
        with self.supervisor(delegation.from_office_id) as session:
            service.pause(session, delegation.id, reason=_REASON)

    @act("delegations", "t.state = 'paused'")
    def delegation_is_resumed(self, delegation: Any) -> None:
        with self.supervisor(delegation.from_office_id) as session:
            service.resume(session, delegation.id, reason=_REASON)

    @act("delegations", "t.state IN ('in_force', 'paused')")
    def delegation_is_taken_back(self, delegation: Any) -> None:
        with self.supervisor(delegation.from_office_id) as session:
            service.take_back(session, delegation.id, cases=self.luck.choice(list(CaseChoice)), reason=_REASON)

    @act("delegations", "t.state IN ('in_force', 'paused')")
    def delegation_is_given_back(self, delegation: Any) -> None:
        with self.office(delegation.to_office_id) as session:
            service.give_back(session, delegation.id, cases=self.luck.choice(list(CaseChoice)), reason=_REASON)

    @act("offices")
    def worker_sees_to_delegations(self, office: Any) -> None:
        with self.system(office.id) as session:
            assert isinstance(session, SystemSession)
            service.due_work(session)

    @act("delegations", "EXISTS (SELECT FROM moves m WHERE m.delegation_id = t.id)")
    def city_draws_a_sample(self, delegation: Any) -> None:
        with self.supervisor(delegation.from_office_id) as session:
            supervision.draw_sample(
                session, delegation.id, percent=100, minimum=1, seed=self.luck.randrange(1000), year=None
            )

    @act("sample_items", "t.verdict = 'open'")
    def city_upholds_a_decision(self, item: Any) -> None:
        with self.supervisor(item.office_id) as session:
            supervision.uphold(session, item.id)

    @act("sample_items", "t.verdict = 'open'")
    def city_orders_a_correction(self, item: Any) -> None:
        with self.supervisor(item.office_id) as session:
            supervision.order_correction(session, item.id, remark=_REASON)

    @act("sample_items", "t.verdict = 'open'")
    def city_overturns_a_decision(self, item: Any) -> None:
        with self.supervisor(item.office_id) as session:
            overturn(session, item.id, offices=self.offices, reason=_REASON)
