"""A panel with its candidates and members, for tests: at every step somebody of the office acts."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from uuid import UUID, uuid4

from sqlalchemy import insert, select

from core.identity.models import Account, RoleGrant
from core.plugin_api import Grade
from core.results.evaluation.panels import add_member, close_panel, form_panel, open_panel
from core.results.evaluation.ranking import confirm, propose
from core.results.evaluation.scoring import own_sheet, submit_sheet
from core.results.models.evaluation import EvaluationSheet, PanelIdentity
from tests.cases import CITY, YEAR, Case
from tests.results.conftest import THEORY, Office

MEMBERS = ("丁", "戊", "己")
MINUTES = "到会评委三名，独立评分。"


@dataclass
class Panel:
    """A panel at work: its office, its candidates of trade LS-1, and its members with their sheets."""

    office: Office
    id: UUID
    candidates: list[Case]

    def sheet(self, name: str, case: Case) -> UUID:
        """The member's sheet on a candidate."""
        mine = EvaluationSheet.account_id == self.office.examiner(name).account_id
        with self.office.at_work() as session:
            wanted = select(EvaluationSheet.id).join(
                PanelIdentity, PanelIdentity.candidate_id == EvaluationSheet.candidate_id
            )
            return session.scalars(
                wanted.where(mine, EvaluationSheet.panel_id == self.id, PanelIdentity.application_id == case.id)
            ).one()

    def score(self, name: str, case: Case, points: int) -> None:
        """Have a member give so many points throughout."""
        hand_in(self.office, name, self.sheet(name, case), points)

    def score_all(self, points: Mapping[UUID, int]) -> None:
        """Have every member give a candidate these points."""
        for name in MEMBERS:
            for case in self.candidates:
                self.score(name, case, points[case.id])

    def close(self) -> None:
        """End the review with its minutes."""
        with self.office.at_work() as session:
            close_panel(session, self.id, minutes=MINUTES, offices=self.office.season.offices)

    def rank(self) -> UUID:
        """Propose the ranking."""
        with self.office.at_work() as session:
            return propose(session, self.id, offices=self.office.season.offices).id

    def confirm(self, ranking_id: UUID) -> None:
        """Have the supervisor confirm it."""
        with self.office.at_work("supervisor") as session:
            confirm(session, ranking_id, offices=self.office.season.offices)


def hand_in(office: Office, name: str, sheet_id: UUID, points: int) -> None:
    """Have a member give so many points throughout."""
    with office.at_work(name) as session:
        codes = [criterion.code for criterion in own_sheet(session, sheet_id).criteria]
        submit_sheet(session, sheet_id, dict.fromkeys(codes, Decimal(points)))


def issue(office: Office, name: str, **more: object) -> UUID:
    """Give an examiner an account of the office, and the role."""
    actor = office.examiner(name)
    with office.season.as_system(CITY) as session:
        values = {"login": f"test-{uuid4()}", "name": actor.name, "created_at": session.now}
        session.execute(insert(Account).values(id=actor.account_id, issued_by_office_id=CITY, **values, **more))
        grant = {"role": "examiner", "office_id": CITY, "granted_by_office_id": CITY, "valid_from": session.now}
        session.execute(insert(RoleGrant).values(id=uuid4(), account_id=actor.account_id, **grant))
    return actor.account_id


def formed(office: Office, *, unit_of: Mapping[str, UUID] | None = None, members: tuple[str, ...] = MEMBERS) -> UUID:
    """A panel of these examiners, the first of whom chairs it."""
    with office.at_work() as session:
        panel = form_panel(session, year=YEAR, name="第一评审组", trades=["LS-1"], offices=office.season.offices)
    for name in members:
        account_id = issue(office, name)
        with office.at_work() as session:
            unit_id = (unit_of or {}).get(name)
            add_member(
                session, panel.id, account_id, offices=office.season.offices, unit_id=unit_id, chairs=name == members[0]
            )
    return panel.id


def candidates(office: Office, *theory: int) -> list[Case]:
    """A candidate of grade one for each sum of theory, half of it in each subject."""
    made = [office.candidate(Grade.ONE) for _ in theory]
    rows = [[office.reference(one), *[str(points / 2)] * 2] for one, points in zip(made, theory, strict=True)]
    office.take_in(rows, THEORY)
    return made


def begun(office: Office, panel_id: UUID) -> None:
    """Let a panel begin to score."""
    with office.at_work() as session:
        open_panel(session, panel_id, offices=office.season.offices)
