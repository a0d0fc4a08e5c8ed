"""Names on all their ways: form, tables, marks, verification, search, tickets and certificates.

Each passes in its one form, or is refused by its place; none is changed without a word.
"""

import unicodedata
from datetime import UTC, datetime
from typing import Final

import pytest
from sqlalchemy import select, text

from core.applications.initials import initials
from core.applications.models import Application
from core.applications.roster.table import read_rows
from core.db.base import new_id
from core.db.session import Actor, Role
from core.domain.identity_number import simulated
from core.errors import Conflict, Invalid
from core.identity.service import claim
from core.plugin_api import Sex
from core.printing import fonts
from core.results.awards import verification
from core.results.awards.pdf import certificates_pdf
from core.results.awards.queries import Paper
from core.results.awards.verification import digest_for
from core.results.marks.reading import read_marks
from core.reviews.lists.search import matching
from core.scheduling.tickets.paper_jobs import Heading
from core.scheduling.tickets.pdf import PdfPrinter
from core.scheduling.tickets.service import SeatLine, Ticket
from core.text import names
from tests.applications.roster.test_importing import as_csv, as_excel, person, take_in
from tests.cases import CITY, KEYS, PAPER_KEYS, YEAR, Season
from tests.names.names import NAMES, Name
from tests.reading import pages_of
from tests.results.awards.awarded import certified
from tests.results.conftest import Office

KEPT: Final = [name for name in NAMES if name.stored]
REFUSED: Final = [name for name in NAMES if name.said]
PRINTED: Final = [name for name in KEPT if name.printable]
NOW: Final = datetime(2024, 10, 15, tzinfo=UTC)


def _rows(first: int, quoted: str = "") -> list[dict[str, str]]:
    return [person(first + at, name=f"{quoted}{name.typed}{quoted}") for at, name in enumerate(NAMES)]


def _way(how: str) -> bytes:
    if how == "xlsx":
        return as_excel(*_rows(1000))
    return as_csv(*_rows(2000, '"')).encode("gb18030")


def _without_blanks(text: str) -> str:
    return "".join(unicodedata.normalize("NFC", text).split())


def test_the_table_has_at_least_sixty_names_each_with_one_answer() -> None:
    assert len(NAMES) >= 60
    assert all(bool(name.stored) != bool(name.said) for name in NAMES)
    assert len({names.compared(name.stored) for name in KEPT}) == len({name.stored for name in KEPT})


def test_a_form_keeps_each_name_in_its_form_or_refuses_it_by_its_place(season: Season) -> None:
    for at, name in enumerate(NAMES):
        number = simulated(9000 + at, NOW.date().replace(year=1980), Sex.MALE)
        with season.signing_in() as session:
            if name.stored:
                given = {"id_number": number, "phone": None, "keys": KEYS}
                assert claim(session, name=name.typed, **given).name == name.stored
                # Whatever way it is written in later, it is this person.
                assert claim(session, name=name.stored.lower().replace("·", " ∙ "), **given).name == name.stored
            else:
                with pytest.raises(Invalid) as refusal:
                    claim(session, id_number=number, name=name.typed, phone=None, keys=KEYS)
                assert name.said in refusal.value.fields["name"]


@pytest.mark.parametrize("how", ["xlsx", "gb18030"])
def test_a_table_keeps_each_name_in_its_form_or_refuses_it_by_its_place(season: Season, how: str) -> None:
    unit = season.add_unit()
    rows = read_rows(_way(how))
    assert len(rows) == len(NAMES)
    made = take_in(season, unit, rows, good_only=True)
    for name, outcome in zip(NAMES, made.outcomes, strict=True):
        assert (name.said in outcome.faults["name"]) if name.said else (outcome.faults == {}), name
    with season.as_unit(unit) as session:
        kept = session.scalars(select(Application.person_name).where(Application.unit_id == unit)).all()
        assert sorted(kept) == sorted(name.stored for name in KEPT)
        assert {found.initials for found in session.scalars(select(Application))} >= {
            initials(name.stored) for name in KEPT
        }


def test_marks_find_their_candidate_however_the_name_is_written(season: Season) -> None:
    office = Office(season)
    case = office.candidate()
    number = office.reference(case)

    def faults(written: str) -> list[str]:
        content = f'申报编号,姓名,岗位技能\n{number},"{written}",80\n'.encode("gb18030")
        return [fault.text for fault in read_marks(session, content, year=YEAR).faults]

    with office.at_work() as session:
        change = text("UPDATE applications SET person_name = :name WHERE id = :id")
        for name in KEPT:
            session.execute(change, {"name": name.stored, "id": case.id})
            session.expire_all()
            assert faults(name.typed) == [], name
            assert faults("别人") == ["姓名“别人”与编号不符"]
        for name in REFUSED:
            assert [fault.split("”")[-1] for fault in faults(name.typed)] == ["与编号不符"], name


def test_verification_knows_a_name_however_it_is_written() -> None:
    digests = {name.stored: digest_for("9901002024500001", name.stored) for name in KEPT}
    assert len(set(digests.values())) == len(digests)
    for name in KEPT:
        assert digest_for("9901002024500001", name.typed) == digests[name.stored], name
    for name in REFUSED:
        dotted = names.compared(name.typed) in {names.compared(kept.stored) for kept in KEPT}
        assert dotted or digest_for("9901002024500001", name.typed) not in digests.values(), name


def test_a_certificate_is_verified_however_its_holder_is_written(season: Season) -> None:
    with season.signing_in() as session:
        number = simulated(8800, NOW.date().replace(year=1980), Sex.MALE)
        person_id = claim(session, id_number=number, name="测试·阿依古丽", phone=None, keys=KEYS).id
    holder = Actor(new_id(), "测试·阿依古丽", Role.APPLICANT, person_id=person_id)
    season.add_person = lambda: holder  # type: ignore[method-assign]
    _, certificate = certified(season)
    with season.as_public() as session:
        for typed in ("测试·阿依古丽", "测试•阿依古丽", " 测试 . 阿依古丽", "测试阿依古丽", "测试\u200b·阿依古丽"):
            found = verification.standing(session, number=certificate.number, name=typed)
            assert found is not None, typed
            assert found.valid
        assert verification.standing(session, number=certificate.number, name="测试·阿依古力") is None


def test_every_name_is_found_by_its_initials_and_by_itself(season: Season) -> None:
    case = season.at_office()
    with season.as_office(CITY) as session:
        change = text("UPDATE applications SET person_name = :name, initials = :initials WHERE id = :id")
        for name in KEPT:
            session.execute(change, {"name": name.stored, "initials": initials(name.stored), "id": case.id})
            searched = [name.typed, name.stored, *initials(name.stored).split()]
            for asked in searched:
                found = session.scalar(select(Application.id).where(Application.id == case.id, matching(asked)))
                assert found == case.id, (name, asked)


def _ticket(at: int, name: str) -> Ticket:
    seat = SeatLine(NOW, NOW, ("岗位技能",), "K01", "测试考点", "测试路1号", "第一考场", 1)
    return Ticket(new_id(), new_id(), f"2024{at:07d}", YEAR, name, "0001", "测试单位", 5, "LS-1", (seat,), NOW)


def _certificate(at: int, name: str) -> Paper:
    said = {
        "number": f"99{at:04d}",
        "name": name,
        "tail": "0001",
        "unit": "测试单位",
        "grade": "五级",
        "trade": "测试工",
    }
    when = {"issued_at": NOW, "revoked_at": None, "returned_at": None}
    return Paper(id=new_id(), office="测试考核办", year=YEAR, code="code", revoked_reason="", **said, **when)


def _pages(paper: str, those: list[Name]) -> list[str]:
    if paper == "ticket":
        heading = Heading("测试考核办", YEAR, {})
        made = [_ticket(at, name.stored) for at, name in enumerate(those)]
        return pages_of(PdfPrinter(PAPER_KEYS, ()).tickets(heading, made, {}))
    return pages_of(certificates_pdf([_certificate(at, name.stored) for at, name in enumerate(those)]))


@pytest.mark.parametrize("paper", ["ticket", "certificate"])
def test_a_paper_has_each_name_as_it_is_stored_or_is_refused_by_name(paper: str) -> None:
    read = _pages(paper, PRINTED)
    assert len(read) == len(PRINTED)
    for name, page in zip(PRINTED, read, strict=True):
        assert _without_blanks(name.stored) in _without_blanks(page), name
    for name in KEPT:
        assert bool(fonts.unprintable(name.stored)) is not name.printable, name
    lacking = [name for name in KEPT if not name.printable]
    with pytest.raises(Conflict) as refusal:
        fonts.check_printable({name.stored: (name.stored,) for name in KEPT}, what="打印")
    assert all(name.stored in refusal.value.detail for name in lacking)
    with pytest.raises(Conflict):
        _pages(paper, [*PRINTED[:1], lacking[0]])
