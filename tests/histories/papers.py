"""Acts on an earlier application taken over into a new one, and on the form that is printed from a submission."""

from typing import Any

from core.applications import copies
from core.documents.receiving import Keeping
from core.reviews.paper_form.editions import Standing, check, edition
from tests.cases import KEYS, PAPER_KEYS, Season
from tests.histories.acts import World, act

_ENDED = ("withdrawn", "expired", "disqualified", "rejected")
_TOLD = """
    SELECT a.round, p.name, p.id_hash, a.unit_name, d.name, s.form, (
        SELECT f.sha256 FROM documents f WHERE f.application_id = a.id AND f.material = 'photo'
        AND f.uploaded_at <= s.received_at AND (f.superseded_at IS NULL OR f.superseded_at > s.received_at))
    FROM applications a JOIN persons p ON p.id = a.person_id LEFT JOIN units d ON d.id = a.department_id
    JOIN submissions s ON s.application_id = a.id AND s.round = a.round WHERE a.id = :case
"""
"""What a form on paper tells."""


class Papers(World):
    """Copies of applications, and forms on paper."""

    def __init__(self, season: Season) -> None:
        super().__init__(season)
        self.printed: list[tuple[Any, str, tuple[Any, ...]]] = []
        """The forms printed so far: of which application, the code, and what it told."""

    @act("applications", f"t.state IN {_ENDED} OR t.year < extract(year FROM :now::timestamptz)")
    def person_copies_an_application(self, case: Any) -> None:
        keeping = Keeping(self.season.store, KEYS, self.offices)
        with self.person(case) as session:
            copies.copy(session, case.id, year=self.this_year, rules=self.season.rules, keeping=keeping)

    @act("applications", "t.round > 0")
    def form_is_printed(self, case: Any) -> None:
        """By the person, the unit and the office in charge: all print the same edition."""
        made = set()
        for begun in (self.person(case), self.unit(case.unit_id), self.office(case.handler_office_id)):
            with begun as session:
                made.add(edition(session, case.id, keys=KEYS).code(PAPER_KEYS))
        [code] = made
        self.printed.append((case, code, self._told(case)))
        self._look_at(*self.printed[-1])

    @act()
    def printed_form_is_checked(self) -> None:
        """A form on paper is the latest for as long as nothing that it tells has changed."""
        if not self.printed:
            self.form_is_printed(self.any_of("applications", "t.round > 0"))
        self._look_at(*self.luck.choice(self.printed))

    def _look_at(self, case: Any, code: str, told: tuple[Any, ...]) -> None:
        with self.person(case) as session:
            found = check(session, code, public_keys=PAPER_KEYS.public, keys=KEYS)
        assert found is not None
        present = self._told(case)
        [now] = self.rows_for("applications", "t.id = :case", case=case.id)
        if now.state in _ENDED:
            expected = Standing.ENDED
        elif present[0] > told[0]:
            expected = Standing.SUBMITTED_AGAIN
        else:
            expected = Standing.LATEST if present == told else Standing.CORRECTED
        assert found.standing is expected, (case.reference, found.standing, expected)

    def _told(self, case: Any) -> tuple[Any, ...]:
        return tuple(self.look(_TOLD, case=case.id)[0])
