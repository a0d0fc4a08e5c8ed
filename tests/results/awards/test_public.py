"""What the public learns of lists and certificates: a matrix of fuzzed questions, each with an answer of one shape."""

import random
import statistics
import string
import time

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError

from core.applications.models import Application
from core.identity.models import Person
from core.results.awards import queries, verification
from core.results.models.awards import Certificate, Publication, PublicationEntry
from tests.cases import CITY, PAPER_KEYS, Season
from tests.results.awards.awarded import certified, closed, drafted, issue, passed, published, revoked

SEED = 20241008
MASKS = [("full", "{name}"), ("middle", "{first}*****{last}"), ("surname", "{first}******")]
"""The invented names have seven signs, such as 测试甲0001."""


def _wrong(number: str, name: str, rng: random.Random) -> list[tuple[str, str]]:
    """Questions about a certificate that is not the asker's: next numbers, slips, other names, nothing, attacks."""
    near = [str(int(number) + step).zfill(len(number)) for step in (-2, -1, 1, 2, 10)]
    slips = [number[:place] + rng.choice(string.digits + "X") + number[place + 1 :] for place in range(len(number))]
    attacks = ["", "%", "_" * len(number), "' OR '1'='1", "9" * 4000, "\x00", "０" * 8, number + " OR 1", "😀"]
    names = ["", "测试甲9999", name[:-1], name + "某", name[::-1], "*" * len(name), "%", "\u202e测试甲9999"]
    asked = [(one, name) for one in (*near, *slips, *attacks)] + [(number, one) for one in names]
    return [(one, who) for one, who in asked if (one, who) != (number, name)]


@pytest.fixture
def two(season: Season) -> tuple[Certificate, Certificate]:
    """A valid certificate and a revoked one, of different people."""
    cases = [passed(season), passed(season)]
    issue(season, closed(season).id)
    with season.as_office(CITY, "supervisor") as session:
        valid = session.scalars(select(Certificate).where(Certificate.application_id == cases[0].id)).one()
    return valid, revoked(season, cases[1])


def _names(season: Season) -> dict[str, str]:
    with season.as_office(CITY, "supervisor") as session:
        rows = session.execute(
            select(Certificate.number, Application.person_name).join(
                Application, Application.id == Certificate.application_id
            )
        )
        return {row.number: row.person_name for row in rows}


def test_every_fuzzed_question_is_answered_as_an_unknown_number(
    season: Season, two: tuple[Certificate, Certificate]
) -> None:
    rng, names = random.Random(SEED), _names(season)  # noqa: S311 - fuzzing, not a secret
    with season.as_public() as session:
        for number, name in names.items():
            # The other person's name, and the other number under one's own name, among them.
            for other in (name for name in names if name != number):
                assert verification.standing(session, number=other, name=name) is None
                assert verification.standing(session, number=number, name=names[other]) is None
            for asked, who in _wrong(number, name, rng):
                assert verification.standing(session, number=asked, name=who) is None, (asked, who)
            code = PAPER_KEYS.code("certificate", number, "测试甲9999")
            assert verification.standing_by_code(session, code, public_keys=PAPER_KEYS.public) is None
        for broken in (two[0].code[:-4] + "AAAA", two[0].code[::-1], two[0].code[:50], "\u202e", "A" * 2000):
            assert verification.standing_by_code(session, broken, public_keys=PAPER_KEYS.public) is None


def test_a_right_question_is_answered_with_the_text_of_the_paper_alone(
    season: Season, two: tuple[Certificate, Certificate]
) -> None:
    names = _names(season)
    with season.as_public() as session:
        for made, valid in zip(two, (True, False), strict=True):
            found = verification.standing(session, number=made.number, name=names[made.number])
            assert found is not None
            assert found.valid is valid
            assert set(found.__slots__) == {
                "number",
                "year",
                "grade",
                "trade",
                "issued_at",
                "revoked_at",
                "revoked_ground",
                "superseded_at",
                "ground",
                "successor",
            }


def test_a_number_with_a_wrong_name_takes_the_time_of_an_unknown_number(
    season: Season, two: tuple[Certificate, Certificate]
) -> None:
    """Both look one digest up in one index, so that the medians lie together, however busy the machine is."""
    questions = {"unknown": ("0" * 18, "测试甲9999"), "others": (two[0].number, "测试甲9999")}
    times: dict[str, list[float]] = {question: [] for question in questions}
    with season.as_public() as session:
        for _ in range(100):
            for one, (number, name) in questions.items():
                began = time.perf_counter()
                assert verification.standing(session, number=number, name=name) is None
                times[one].append(time.perf_counter() - began)
    medians = {one: statistics.median(taken) for one, taken in times.items()}
    assert 0.5 < medians["unknown"] / medians["others"] < 2


@pytest.mark.parametrize(("name_shown", "pattern"), MASKS)
@pytest.mark.parametrize("tail_digits", [0, 4])
@pytest.mark.parametrize("units_shown", [True, False])
def test_a_public_list_shows_what_its_office_chose_and_nothing_besides(
    season: Season, name_shown: str, pattern: str, *, tail_digits: int, units_shown: bool
) -> None:
    case = passed(season)
    listed = published(season, name_shown=name_shown, tail_digits=tail_digits, units_shown=units_shown)
    name = case.person.name
    unit = season.unit_of(case).name
    with season.as_office(CITY, "supervisor") as session:
        tail = session.get_one(Application, case.id).id_tail
    with season.as_public() as session:
        (line,) = queries.public_lines(session, listed)
        assert line.name == pattern.format(name=name, first=name[0], last=name[-1])
        assert line.tail == (tail if tail_digits else "")
        assert line.unit == (unit if units_shown else "")
        assert set(line.__slots__) == {"position", "name", "tail", "unit", "grade", "trade"}


def test_the_public_reads_the_view_and_none_of_the_tables(season: Season) -> None:
    certified(season)
    with season.as_public() as session:
        for table in (PublicationEntry, Certificate, Application, Person):
            assert session.execute(select(table)).all() == []
        columns = set(session.execute(text("SELECT * FROM published_entries LIMIT 0")).keys())
    assert columns == {"publication_id", "position", "shown_name", "shown_tail", "shown_unit", "grade", "trade"}
    with pytest.raises(DBAPIError, match="cannot update view"), season.as_public() as session:
        session.execute(text("UPDATE published_entries SET position = 1"))


def test_a_list_is_shown_from_its_first_day_to_its_last_and_a_struck_line_never(season: Season) -> None:
    passed(season)
    made = published(season)
    with season.as_public() as session:
        assert [listed.id for listed in queries.lists_out(session)] == [made.id]
    assert made.ends_at is not None
    season.now = made.ends_at
    with season.as_public() as session:
        assert queries.lists_out(session) == []


def test_a_draft_is_not_in_the_view(season: Season) -> None:
    passed(season)
    made = drafted(season)
    with season.as_public() as session:
        assert session.get(Publication, made.id) is None
        assert session.execute(text("SELECT 1 FROM published_entries")).all() == []
