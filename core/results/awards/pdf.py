"""Certificates and the notice of those who passed as PDFs; their text can be selected and searched.

A certificate has the full identity number and the holder's photo (docs/decisions/0035); a notice has neither.
"""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date, datetime
from typing import Any

from core.applications.printed_numbers import masked, printed_numbers
from core.clock import SHANGHAI, last_day
from core.db.session import OfficeSession, PersonSession, SystemSession, UnitSession
from core.documents.storage import DocumentStorage
from core.plugin_api import Grade
from core.printing import qr_codes
from core.printing.pdf import pdf, picture
from core.results.awards import list_queries, queries
from core.results.awards.list_queries import Course, changes_in_words
from core.results.awards.publication import digest_of
from core.results.awards.queries import Paper
from core.results.models.awards import Publication
from core.scheduling.tickets.photos import photo_papers, printable
from core.seasons.queries import season
from core.security.keys import KeyProvider
from core.tenancy.models import Office
from core.text.filters import day

_NOTICE_COLUMNS = ("序号", "姓名", "身份证号码后四位", "单位", "等级", "工种", "备注")


def certificates_pdf(papers: Sequence[Paper], *, address: str | None = None) -> bytes:
    """Certificates, a page each, with a code that leads to ``address``.

    Without one a paper has no code: a scanner would read a text that leads nowhere.
    """
    title = "机关事业单位工勤技能岗位等级证书"
    return pdf(
        "certificates",
        {"title": title, "footer": "", "digest": "", "code": "", "papers": [_told(paper, address) for paper in papers]},
        pictures=2 * len(papers),
    )


def to_print(
    session: OfficeSession | PersonSession | UnitSession | SystemSession,
    papers: Sequence[Paper],
    *,
    store: DocumentStorage,
    keys: KeyProvider,
) -> list[Paper]:
    """The certificates with what is read for printing alone: identity numbers in full, and the holders' photos."""
    tails = {paper.application_id: paper.tail for paper in papers if paper.application_id is not None}
    numbers = printed_numbers(session, tails, keys=keys)
    with ThreadPoolExecutor(max_workers=1) as pool:
        photos = printable(photo_papers(session, tails.keys()), store=store, keys=keys, executor=pool)
    return [
        replace(paper, identity=numbers[paper.application_id], photo=photos.get(paper.application_id, b""))
        if paper.application_id is not None
        else paper
        for paper in papers
    ]


def notice_pdf(session: OfficeSession, publication: Publication) -> bytes:
    """The notice of those who passed (合格人员通知) of a closed list, as the office prints and seals it."""
    trades = queries.trade_names(session, publication.year)
    office = session.get_one(Office, publication.office_id).name
    named = list_queries.named_in_notice(session, publication)
    editions = list_queries.editions_of(session, publication)
    rows = [
        (
            str(number),
            row.person_name,
            row.id_tail,
            row.unit_name,
            Grade(row.grade).label,
            trades.get((row.grade, row.trade), row.trade),
            f"{_on(row.struck_at)}取消" if row.struck_at else "",
        )
        for number, row in enumerate(named, 1)
    ]
    data = {
        "title": f"{publication.year}年度合格人员通知",
        "heading": [office, f"关于公布{publication.year}年度机关事业单位工勤技能岗位", "等级考核合格人员的通知"],
        "footer": f"{office}　{publication.notice_number}",
        "digest": digest_of([row.application_id for row in named]).hex(),
        "code": "",
        "number": publication.notice_number,
        "basis": season(session, publication.year).notice,
        "course": _course(editions, list_queries.course_of(session, publication)),
        "corrections": [_correction(edition) for edition in editions if edition.edition > 1],
        "office": office,
        "made_on": day(publication.closed_at),
        "count": len(rows),
        "columns": _NOTICE_COLUMNS,
        "rows": rows,
    }
    return pdf("award_notice", data)


def excerpt_pdf(session: UnitSession, publication: Publication, lines: Sequence[Any], *, unit: str) -> bytes:
    """The lines of a unit's people in a notice of those who passed, for the unit to pass on."""
    trades = queries.trade_names(session, publication.year)
    title = f"{publication.year}年度合格人员通知（{unit}）"
    rows = [
        (
            str(number),
            row.person_name,
            row.id_tail,
            row.unit_name,
            Grade(row.grade).label,
            trades.get((row.grade, row.trade), row.trade),
        )
        for number, row in enumerate(lines, 1)
    ]
    data = {
        "title": title,
        "heading": [unit, f"{publication.year}年度考核合格人员名单"],
        "footer": f"摘自{publication.notice_number or '合格人员通知'}",
        "digest": digest_of([row.id for row in lines]).hex(),
        "code": "",
        "number": publication.notice_number,
        "office": session.get_one(Office, publication.office_id).name,
        "period": f"{day(publication.published_at)}起{publication.working_days}个工作日",
        "made_on": day(publication.closed_at),
        "year": str(publication.year),
        "unit": unit,
        "count": str(len(rows)),
        "columns": _NOTICE_COLUMNS[:-1],
        "rows": rows,
    }
    return pdf("award_excerpt", data)


def _course(editions: Sequence[Publication], course: Course) -> str:
    """The course of the publication, for the letter: 无异议 only where no objection was received."""
    first, *later = editions
    told = [f"{day(first.published_at)}起{first.working_days}个工作日"]
    told += [f"{day(edition.published_at)}更正，公示至{day(_last(edition))}" for edition in later]
    period, struck = "；".join(told), f"，撤出名单{course.struck}人" if course.struck else ""
    if not course.received:
        return f"公示（{period}）无异议{struck}"
    counted = (("成立", course.sustained), ("不成立", course.dismissed))
    settled = [f"{how}{count}件" for how, count in counted if count]
    return f"公示（{period}，收到异议{course.received}件，经核查{'、'.join(settled)}）{struck}"


def _correction(edition: Publication) -> str:
    """What a corrected edition changed and why, for the letter."""
    return (
        f"{day(edition.published_at)}更正：{changes_in_words(edition)}。原因：{edition.edition_reason.rstrip('。')}。"
    )


def _last(edition: Publication) -> date:
    assert edition.ends_at is not None  # noqa: S101 - it was published
    return last_day(edition.ends_at)


def _told(paper: Paper, address: str | None) -> dict[str, str]:
    code = "" if address is None else qr_codes.svg(f"{address}?code={paper.code}", quiet=1)
    return {
        "number": paper.number,
        "name": paper.name,
        "identity": paper.identity or masked(paper.tail),
        "photo": picture(paper.photo, "jpeg", 240, 336) if paper.photo else "",
        "unit": paper.unit,
        "grade": paper.grade,
        "trade": paper.trade,
        "office": paper.office,
        "issued_on": _on(paper.issued_at),
        "former": paper.former_name or "",
        "replaces": paper.replaces or "",
        "code": code,
        "across": _across(paper),
    }


def _across(paper: Paper) -> str:
    """The text across a certificate that does not hold."""
    if paper.practice:
        return "演练样张，不是证书"
    if paper.superseded_at is not None:
        return f"本证书已于{_on(paper.superseded_at)}换发"
    return "" if paper.revoked_at is None else f"本证书已于{_on(paper.revoked_at)}撤销"


def _on(moment: datetime) -> str:
    return day(moment.astimezone(SHANGHAI))
