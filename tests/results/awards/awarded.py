"""People who passed in the invented province, and the way from there to their certificates, for tests."""

from uuid import UUID

from core.domain.workflow import State
from core.plugin_api import Grade
from core.results.awards import certificates, editions, publication, striking
from core.results.awards.certificates import Issued
from core.results.models.awards import Certificate, Publication, Striking
from core.results.models.marks import Outcome
from core.sanctions import cases as sanctions
from core.sanctions.cases import Measures
from tests.cases import CITY, KEYS, PAPER_KEYS, YEAR, Case, Season, answers, at

RESULTS = at(10, 8)
"""A Tuesday; the five working days after it end with Monday the 14th, since Saturday the 12th is worked."""
CLOSING = at(10, 15, 0)


def passed(season: Season, *, passes: bool = True, grade: Grade = Grade.FIVE) -> Case:
    """A qualified case with an outcome that the office alone knows."""
    season.now = at(3, 25)
    case = season.at_office(filled=answers(grade))
    assert season.approve_at_office(case) is State.QUALIFIED
    season.now = RESULTS
    with season.as_office(CITY, "supervisor") as session:
        session.add(
            Outcome(
                application_id=case.id,
                office_id=CITY,
                year=YEAR,
                grade=int(grade),
                trade="LS-1",
                passed=passes,
                reason="各科目合格" if passes else "职业道德未达到60分",
                basis={},
                decided_at=session.now,
                decided_by=session.actor.account_id,
            )
        )
    return case


def drafted(season: Season, *, grade: Grade = Grade.FIVE, **changes: object) -> Publication:
    """A draft of everybody who passed in the grade."""
    awards = season.offices.config(CITY).awards.model_copy(update=changes)
    with season.as_office(CITY, "supervisor") as session:
        return publication.draft_list(session, YEAR, grades=[grade], awards=awards)


def published(season: Season, **changes: object) -> Publication:
    """A list that is out."""
    made = drafted(season, **changes)
    with season.as_office(CITY, "supervisor") as session:
        return publication.publish(session, made.id)


def closed(season: Season, publication_id: UUID | None = None) -> Publication:
    """A list whose period is over and whose notice was given."""
    listed = publication_id or published(season).id
    season.now = CLOSING
    with season.as_office(CITY, "supervisor") as session:
        return publication.close(session, listed, notice_number="清河测试〔2024〕18号")


def proposed(
    season: Season, publication_id: UUID, position: int = 1, *, reason: str = "履历不实", objection: UUID | None = None
) -> Striking:
    """A proposal of an officer to strike a line."""
    awards = season.offices.config(CITY).awards
    with season.as_office(CITY) as session:
        return striking.propose(session, publication_id, position, reason=reason, awards=awards, objection_id=objection)


def struck(
    season: Season, publication_id: UUID, position: int = 1, *, reason: str = "履历不实", objection: UUID | None = None
) -> Striking:
    """A line that a second officer struck, once the person could speak: the season's clock goes on to that day."""
    made = proposed(season, publication_id, position, reason=reason, objection=objection)
    assert made.heard_until is not None
    season.now = max(season.now, made.heard_until)
    with season.as_office(CITY, "supervisor") as session:
        return striking.strike(session, made.id, remark=reason, keys=KEYS)


def corrected(season: Season, publication_id: UUID, *, reason: str = "漏列一人", **changes: object) -> Publication:
    """The next edition of a list that is out."""
    awards = season.offices.config(CITY).awards.model_copy(update=changes)
    with season.as_office(CITY, "supervisor") as session:
        seen = editions.difference(session, session.get_one(Publication, publication_id)).digest
        return editions.correct(session, publication_id, reason=reason, seen=seen, awards=awards)


def withdrawn(season: Season, publication_id: UUID, *, reason: str = "合格标准适用有误") -> Publication:
    """A list that was withdrawn."""
    with season.as_office(CITY, "supervisor") as session:
        return editions.withdraw(session, publication_id, reason=reason, keys=KEYS)


def issue(season: Season, publication_id: UUID) -> Issued:
    """Issue what the list gives."""
    with season.as_office(CITY, "supervisor") as session:
        return certificates.issue(session, publication_id, offices=season.offices, paper_keys=PAPER_KEYS)


def certified(season: Season) -> tuple[Case, Certificate]:
    """A case with its certificate."""
    case = passed(season)
    issue(season, closed(season).id)
    with season.as_person(case.person) as session:
        return case, session.query(Certificate).filter_by(application_id=case.id).one()


def sanctioned(season: Season, case: Case, measures: Measures, *, reason: str = "测试材料虚假") -> None:
    """A final case of sanctions: the person is heard and appeals, and the center upholds what the city decided."""
    with season.as_office(CITY) as session:
        found = sanctions.propose(session, case.id, facts=reason).id
    with season.as_office(CITY, "supervisor") as session:
        sanctions.hear(session, found, words="立案", offices=season.offices)
    with season.as_person(case.person) as session:
        sanctions.state(session, found, words="请核实", finished=True)
    with season.as_office(CITY, "supervisor") as session:
        sanctions.decide(session, found, words="属实", measures=measures, offices=season.offices)
    with season.as_person(case.person) as session:
        sanctions.appeal(session, found, words="不服")
    with season.as_province() as session:
        sanctions.uphold(session, found, words="维持", offices=season.offices)


def revoked(season: Season, case: Case, *, reason: str = "测试材料虚假") -> Certificate:
    """The certificate of a case that a final case of sanctions took."""
    sanctioned(season, case, Measures(disqualifies=False, revokes=True, ban_years=0), reason=reason)
    with season.as_office(CITY, "supervisor") as session:
        return session.query(Certificate).filter_by(application_id=case.id).one()
