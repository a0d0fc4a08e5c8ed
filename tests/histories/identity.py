"""Acts of identity corrections: a name or number that is wrong or has changed, put right by two people."""

from datetime import date
from typing import Any

from core.applications.identity import corrections
from core.applications.identity.corrections import Wanted
from core.applications.identity.steps import Kind
from core.db.session import OfficeSession, PersonSession, UnitSession
from core.domain.identity_number import simulated
from core.plugin_api import Sex
from tests.cases import KEYS
from tests.histories.acts import World, act

_REASON = "测试理由"


class Identities(World):
    """From the request to the corrected name on everything that tells it."""

    @act("applications", "t.state <> 'draft'")
    def person_asks_for_a_correction_of_the_name(self, case: Any) -> None:
        with self.person(case) as session:
            self._ask(session, corrections.about_myself(session, KEYS))

    @act("applications")
    def unit_asks_for_a_correction_of_the_name(self, case: Any) -> None:
        with self.unit(case.unit_id) as session:
            self._ask(session, corrections.about_case(session, case.id, KEYS))

    @act("applications", "t.state <> 'draft'")
    def office_asks_for_a_correction_of_the_name(self, case: Any) -> None:
        with self.office(case.office_id) as session:
            self._ask(session, corrections.about_case(session, case.id, KEYS))

    def _ask(self, session: PersonSession | UnitSession | OfficeSession, about: Any) -> None:
        kind = self.luck.choice((Kind.SLIP, Kind.CHANGED, Kind.CHANGED, Kind.NUMBER))
        number = self.luck.randrange(5000, 9000)
        value = simulated(number, date(1980, 5, 6), Sex.MALE) if kind is Kind.NUMBER else f"测试改名{number}"
        corrections.ask(session, about, Wanted(kind, value, _REASON, "居民身份证"), keys=KEYS)

    @act("identity_corrections", "t.state = 'asked'")
    def correction_of_the_name_is_examined(self, asked: Any) -> None:
        with self.office(asked.office_id) as session:
            corrections.examine(session, asked.id, examination="与居民身份证原件一致")

    @act("identity_corrections", "t.state = 'examined'")
    def name_is_corrected(self, asked: Any) -> None:
        with self.supervisor(asked.office_id) as session:
            corrections.grant(session, asked.id, keys=KEYS)

    @act("identity_corrections", "t.state = 'examined'")
    def correction_of_the_name_is_refused(self, asked: Any) -> None:
        with self.supervisor(asked.office_id) as session:
            corrections.refuse(session, asked.id, remark=_REASON)
