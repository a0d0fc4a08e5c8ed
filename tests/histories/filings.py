"""Acts of oversight: what an office files, and the center's receipt."""

from typing import Any

from core.oversight import queries, service as filing
from core.seasons.queries import late_entries
from tests.histories.acts import World, act


class Filings(World):
    """Filings and returns."""

    @act("calendar_versions", "t.office_id <> 'linshui'")
    def office_files_its_dates(self, calendar: Any) -> None:
        with self.office(calendar.office_id) as session:
            filing.file_exam_dates(session, calendar.year, calendar.id, due=None, offices=self.offices)

    @act("offices", "t.level = 'city'")
    def office_files_its_figures(self, office: Any) -> None:
        year = self.this_year
        with self.office(office.id) as session:
            figures = dict(queries.standard_figures(session, office.id, year))
            entries = late_entries(session, office.id, year)
            filing.file_registration_summary(session, year, figures, entries, due=None, offices=self.offices)

    @act("filings", "t.state = 'filed'")
    def center_receives_a_filing(self, filed: Any) -> None:
        with self.province() as session:
            filing.receive(session, filed.id, offices=self.offices)

    @act("filings", "t.state = 'filed'")
    def center_returns_a_filing(self, filed: Any) -> None:
        with self.province() as session:
            filing.return_filing(session, filed.id, "请错开高考", offices=self.offices)
