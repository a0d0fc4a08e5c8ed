"""Acts of responsibility: who is named as responsible."""

from typing import Any

from core.responsibility.queries import today
from core.responsibility.ranks import Rank
from core.responsibility.service import name_responsible
from tests.histories.acts import World, act


class Responsibility(World):
    """Responsible persons."""

    @act("offices", "t.level <> 'province'")
    def office_names_a_responsible_person(self, office: Any) -> None:
        rank = self.luck.choice(list(Rank))
        with self.office(office.id) as session:
            day, year = today(session), self.this_year
            person = {"name": "测试责任人", "post": "测试局长", "telephone": "0371-00000000"}
            name_responsible(session, year, rank, from_day=day, **person)
