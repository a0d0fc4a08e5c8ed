"""The notice of those who passed says how its publication went, and nothing that is not so."""

import pytest
from sqlalchemy import select

from core.results.awards import list_queries, objections, queries as award_queries
from core.results.awards.objections import Objector
from core.results.awards.pdf import notice_pdf
from core.results.awards.publication import digest_of
from core.results.models.awards import Objection
from core.sanctions.cases import Measures
from tests.cases import CITY, KEYS, Season, at
from tests.reading import pages_of
from tests.results.awards.awarded import closed, corrected, passed, published, sanctioned, struck

SOMEBODY = Objector("测试举报人", "13800000009")


def letter(season: Season, listed: object) -> str:
    """What stands on the first page, once the list is closed."""
    publication = closed(season, listed)  # type: ignore[arg-type]
    with season.as_office(CITY, "supervisor") as session:
        return pages_of(notice_pdf(session, publication))[0]


@pytest.mark.parametrize(
    ("verdicts", "said", "count"),
    [
        ("", "公示（2024年10月8日起5个工作日）无异议，现将", 3),
        ("d", "公示（2024年10月8日起5个工作日，收到异议1件，经核查不成立1件），现将", 3),
        ("s", "公示（2024年10月8日起5个工作日，收到异议1件，经核查成立1件），撤出名单1人，现将", 2),
        ("sdsd", "公示（2024年10月8日起5个工作日，收到异议4件，经核查成立2件、不成立2件），撤出名单2人，现将", 1),
    ],
)
def test_a_notice_lists_every_objection_with_its_decision(season: Season, verdicts: str, said: str, count: int) -> None:
    for _ in range(3):
        passed(season)
    listed = published(season)
    for position, _ in enumerate(verdicts, 1):
        with season.as_public() as session:
            about = min(position, 3)
            objections.object_to(session, listed.id, grounds="测试", objector=SOMEBODY, keys=KEYS, position=about)
    with season.as_office(CITY, "supervisor") as session:
        raised = session.scalars(select(Objection.id).order_by(Objection.position, Objection.id)).all()
    for position, (objection_id, verdict) in enumerate(zip(raised, verdicts, strict=True), 1):
        if verdict == "s":
            season.now = at(10, 8)
            struck(season, listed.id, min(position, 3), reason="已核查", objection=objection_id)
            continue
        with season.as_office(CITY, "supervisor") as session:
            objections.dismiss(session, objection_id, reason="已核查", keys=KEYS)
    printed = letter(season, listed.id)
    assert f"经考核、{said}考核合格的{count}人予以公布" in printed
    assert ("无异议" in printed) is not bool(verdicts)


def test_a_disqualified_candidate_of_a_published_list_shows_as_struck(season: Season) -> None:
    case, other = passed(season), passed(season)
    listed = published(season)
    sanctioned(season, case, Measures(disqualifies=True, revokes=True, ban_years=0))
    printed = letter(season, listed.id)
    assert "公示（2024年10月8日起5个工作日）无异议，撤出名单1人，现将考核合格的1人予以公布" in printed
    with season.as_office(CITY, "supervisor") as session:
        standing = [line for line in award_queries.lines(session, listed.id) if line.struck_at is None]
    assert [line.application_id for line in standing] == [other.id]


def test_a_notice_tells_each_correction_with_its_reason(season: Season) -> None:
    passed(season)
    listed = published(season)
    passed(season)
    made = corrected(season, listed.id, reason="漏列一人")
    printed = letter(season, made.id)
    assert (
        "公示（2024年10月8日起5个工作日；2024年10月8日更正，公示至2024年10月14日）无异议，现将考核合格的2人" in printed
    )
    assert "2024年10月8日更正：增列1人（序号2）。原因：漏列一人。" in printed


def test_a_notice_carries_the_digest_of_the_lines_that_it_names(season: Season) -> None:
    cases = [passed(season) for _ in range(3)]
    listed = published(season)
    struck(season, listed.id, 2)
    publication = closed(season, listed.id)
    with season.as_office(CITY, "supervisor") as session:
        named = [line.application_id for line in list_queries.named_in_notice(session, publication)]
        printed = "".join(pages_of(notice_pdf(session, publication)))
    assert named == [cases[0].id, cases[2].id]
    assert digest_of(named).hex() in printed
    assert publication.digest.hex() not in printed


def test_a_notice_printed_again_names_whom_it_named_and_says_who_fell_since(season: Season) -> None:
    case, _ = passed(season), passed(season)
    listed = published(season)
    publication = closed(season, listed.id)
    with season.as_office(CITY, "supervisor") as session:
        before = digest_of([line.application_id for line in list_queries.named_in_notice(session, publication)])
    season.now = at(11, 20)
    sanctioned(season, case, Measures(disqualifies=True, revokes=True, ban_years=0))
    with season.as_office(CITY, "supervisor") as session:
        printed = "".join(pages_of(notice_pdf(session, session.get_one(type(publication), listed.id))))
    assert "现将考核合格的2人予以公布" in printed
    assert "2024年11月20日取消" in printed.replace("\n", "")
    assert before.hex() in printed
