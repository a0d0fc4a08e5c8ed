"""Acts of units and departments beside their reviews: reminders, vacant posts, papers on somebody's behalf."""

import functools
from contextlib import AbstractContextManager
from typing import Any

from core.applications import service as applications
from core.db.session import Role, UnitSession
from core.plugin_api import Grade
from core.reviews.owed.reminders import planned, remind
from core.seasons.posts import state_posts
from tests.histories.acts import act
from tests.histories.cases import Cases

_OWING = (
    "EXISTS (SELECT FROM applications a WHERE t.id IN (a.unit_id, a.department_id)"
    " AND a.state IN ('draft', 'returned', 'provisional', 'unit_review', 'onsite_confirmation'))"
)


class Units(Cases):
    """What a unit does for its people, and a department for its units."""

    def manager(self, unit: Any) -> AbstractContextManager[UnitSession]:
        """A session of a unit's manager with the units below it and those that it carries on."""
        below = self.look(
            "WITH RECURSIVE tree (id) AS (SELECT id FROM units WHERE id = :unit UNION"
            " SELECT u.id FROM units u JOIN tree ON tree.id IN (u.parent_id, u.successor_id)) SELECT id FROM tree",
            unit=unit.id,
        )
        actor = self._actor("管理", Role.UNIT_MANAGER, unit_id=unit.id)
        return self._begin(functools.partial(UnitSession, unit_ids=[row.id for row in below]), actor)

    @act("units", _OWING)
    def unit_reminds(self, unit: Any) -> None:
        """Everybody who owes something, or some of them; a department reminds its units as well."""
        year = self.luck.choice(self.years) if self.chance(4) else self.this_year
        names = {material.code: material.name for material in self.season.rules.materials}
        with self.manager(unit) as session:
            chosen = None
            if self.chance(2):
                cases = self.rows_for("applications", "t.year = :year", year=year)
                chosen = [case.id for case in cases if self.chance(2)]
            remind(session, year, planned(session, year, names, chosen))

    @act("units")
    def unit_states_its_posts(self, unit: Any) -> None:
        """Vacant posts, a policy, both or neither; of the season, and now and then of another."""
        year = self.luck.choice(self.years) if self.chance(3) else self.this_year
        vacant = {grade: self.luck.randrange(4) for grade in Grade if self.chance(2)}
        with self.manager(unit) as session:
            state_posts(session, unit.id, year, vacant=vacant, policy=self.luck.choice(("", "测试聘用政策")))

    @act("applications", "t.state IN ('draft', 'returned')")
    def unit_uploads_a_paper(self, case: Any) -> None:
        """A paper or the photo, on the person's behalf."""
        material = self.luck.choice(("photo", "identity_card", "annual_assessments"))
        with self.unit(case.unit_id) as session:
            self.upload(session, case.id, material)

    @act("applications", "t.state = 'provisional'")
    def unit_supplies_the_paper(self, case: Any) -> None:
        """The paper of a commitment, on the person's behalf."""
        with self.unit(case.unit_id) as session:
            paper = self.upload(session, case.id, "annual_assessments")
            applications.supplement(
                session, case.id, material="annual_assessments", document_id=paper, offices=self.offices
            )
