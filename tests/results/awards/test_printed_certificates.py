"""Certificates as they are printed: the holder's full number and photo, for those who may see the case."""

from dataclasses import replace
from datetime import date

import pypdfium2
import pytest
import zxingcpp
from pypdfium2.raw import FPDF_PAGEOBJ_IMAGE
from sqlalchemy import select, update

from core.applications.models import Application
from core.domain.identity_number import simulated
from core.errors import Conflict
from core.plugin_api import Sex
from core.results.awards import certificates, queries
from core.results.awards.pdf import certificates_pdf, notice_pdf, to_print
from core.results.models.awards import Certificate
from tests.cases import CITY, KEYS, PAPER_KEYS, Season
from tests.reading import pages_of
from tests.results.awards.awarded import closed, issue, passed

NUMBER = simulated(1, date(1980, 5, 6), Sex.MALE)
"""Of the first person of a season."""
RARE = "测\U0002ebf0试"


def photos_on(content: bytes) -> int:
    """How many pictures the first page has; codes are drawn."""
    document = pypdfium2.PdfDocument(content)
    try:
        return sum(1 for _ in document[0].get_objects(filter=[FPDF_PAGEOBJ_IMAGE], max_depth=5))
    finally:
        document.close()


def _issued(season: Season) -> Certificate:
    case = passed(season)
    with season.as_office(CITY) as session:
        session.execute(update(Application).where(Application.id == case.id).values(id_tail=NUMBER[-4:]))
    issue(season, closed(season).id)
    with season.as_person(case.person) as session:
        return session.scalars(select(Certificate).where(Certificate.application_id == case.id)).one()


def _read(season: Season, made: Certificate) -> tuple[str, bytes]:
    with season.as_office(CITY, "supervisor") as session:
        told = to_print(session, [queries.paper(session, made.id)], store=season.store, keys=KEYS)
    content = certificates_pdf(told)
    return "".join(pages_of(content)), content


def test_a_certificate_has_the_full_number_and_the_photo(season: Season) -> None:
    text_of, content = _read(season, _issued(season))
    assert NUMBER in text_of
    assert photos_on(content) == 1


def test_a_certificate_promises_a_code_only_where_the_code_leads_somewhere(season: Season) -> None:
    made = _issued(season)
    with season.as_office(CITY, "supervisor") as session:
        told = [queries.paper(session, made.id)]
    bare, coded = (certificates_pdf(told, address=address) for address in (None, "https://example.org/verify"))
    assert "扫码查验" not in "".join(pages_of(bare))
    assert "扫码查验证书真伪" in "".join(pages_of(coded))
    page = pypdfium2.PdfDocument(coded)[0]
    [code] = zxingcpp.read_barcodes(page.render(scale=4).to_pil())
    assert code.text == f"https://example.org/verify?code={told[0].code}"


def test_what_is_read_for_printing_is_shown_by_no_representation(season: Season) -> None:
    made = _issued(season)
    with season.as_office(CITY, "supervisor") as session:
        [told] = to_print(session, [queries.paper(session, made.id)], store=season.store, keys=KEYS)
    assert told.identity == NUMBER
    assert NUMBER not in repr(told)


def test_a_certificate_gets_no_number_that_it_was_not_issued_for(season: Season) -> None:
    made = _issued(season)
    with season.as_office(CITY, "supervisor") as session:
        listed = queries.paper(session, made.id)
        tail = "0000" if listed.tail != "0000" else "1111"
        [told] = to_print(session, [replace(listed, tail=tail)], store=season.store, keys=KEYS)
    assert told.identity == "*" * 14 + tail


def test_a_photo_that_is_gone_leaves_an_empty_place(season: Season) -> None:
    made = _issued(season)
    for name in season.folder.rglob("*"):
        if name.is_file():
            name.unlink()
    text_of, content = _read(season, made)
    assert "照片" in text_of
    assert photos_on(content) == 0


def test_lists_and_notices_stay_masked(season: Season) -> None:
    made = _issued(season)
    with season.as_office(CITY, "supervisor") as session:
        listed = queries.publication(session, made.publication_id)
        assert NUMBER not in "".join(pages_of(notice_pdf(session, listed)))


def test_a_name_that_no_font_has_is_named_before_and_refused(season: Season) -> None:
    case = passed(season)
    with season.as_office(CITY) as session:
        session.execute(update(Application).where(Application.id == case.id).values(person_name=RARE))
    listed = closed(season)
    with season.as_office(CITY, "supervisor") as session:
        [lacking] = certificates.unprintable(session, queries.publication(session, listed.id))
        assert (RARE in lacking.about, lacking.signs) == (True, RARE[1])
        with pytest.raises(Conflict) as refusal:
            certificates.issue(session, listed.id, offices=season.offices, paper_keys=PAPER_KEYS)
        assert refusal.value.code == "paper_unprintable"
        for said in (RARE, "U+2EBF0", "没有发证"):
            assert said in refusal.value.detail
        assert queries.certificate_count(session, listed.id) == 0
