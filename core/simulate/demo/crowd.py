"""The people of the demonstration's second season: each application stays where it is meant to be found."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from core.applications import forms
from core.applications.models import Application
from core.db.session import PersonSession
from core.documents.queries import current_documents
from core.domain.workflow import State
from core.identity.models import Person
from core.plugin_api import OfficeCode
from core.reviews.submission import judge
from core.simulate.cases import Case


@dataclass
class WaitingCase(Case):
    """An application that stays where it is meant to be found."""

    waits: State | None = None
    brings_papers: bool = False
    """Whether the person uploads everything that the rules want, so that an officer has something to look at."""

    def register_and_draft(self) -> None:
        """Most people of the offices that are shown upload everything."""
        super().register_and_draft()
        if self.brings_papers:
            with self.as_person() as session:
                for material in self._asked_for(session):
                    self.upload(session, material)

    def _asked_for(self, session: PersonSession) -> list[str]:
        """The papers that the rules want and that are not there yet; what a unit is to commit to comes later."""
        application = session.get_one(Application, self.case_id)
        person = session.get_one(Person, application.person_id)
        form = forms.complete(forms.read_draft(application.form), year=self.world.year, birth_date=person.birth_date)
        rules = self.world.platform.rules[self.world.year]
        wanted = judge(session, application, form, offices=self.offices, rules=rules).requirements
        there = {document.material for document in current_documents(session, self.case_id)}
        late = {"annual_assessments"} if "defer" in self.turns else set()
        return [material.code for material in wanted if material.code not in there | late]

    def plan(self, state: State) -> None:
        """Nothing more happens in the state in which it waits."""
        if state is not self.waits:
            super().plan(state)


@dataclass(frozen=True, slots=True)
class Crowd:
    """Everybody who takes part in the second season, by the place and the state in which they wait."""

    cases: Sequence[WaitingCase]

    def of(self, office: OfficeCode, state: State, number: int = 0) -> WaitingCase:
        """The case with this number among those of an office that wait in a state."""
        there = [case for case in self.cases if case.unit.local_office == office and case.waits is state]
        return there[number]

    def by_id(self, application_id: UUID) -> WaitingCase:
        """The case of an application."""
        return next(case for case in self.cases if case.id == application_id)
