"""Acts of appeals against a failed review of eligibility."""

from contextlib import AbstractContextManager
from typing import Any

from core.reviews.appeals import service as appeals
from tests.cases import PROVINCE
from tests.histories.acts import World, act

_WORDS = "测试事由"


class Appeals(World):
    """The person appeals, the office above answers."""

    @act("applications", "t.state = 'rejected'")
    def person_appeals_against_the_review(self, case: Any) -> None:
        with self.person(case) as session:
            appeals.appeal(session, case.id, grounds=_WORDS, offices=self.offices)

    @act("review_appeals", "t.state = 'open'")
    def review_is_upheld(self, appeal: Any) -> None:
        with self._superior(appeal) as session:
            appeals.uphold(session, appeal.id, answer=_WORDS)

    @act("review_appeals", "t.state = 'open'")
    def review_is_reopened_by_appeal(self, appeal: Any) -> None:
        with self._superior(appeal) as session:
            appeals.reopen_by_appeal(session, appeal.id, answer=_WORDS, offices=self.offices)

    def _superior(self, appeal: Any) -> AbstractContextManager[Any]:
        if appeal.superior_office_id == PROVINCE:
            return self.province()
        return self.supervisor(appeal.superior_office_id)
