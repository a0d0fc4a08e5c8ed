"""Pages for everybody about the assessment: conditions, papers, the notice, questions, and whom to call."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from litestar import Response

from core.applications.rules import wording
from core.applications.rules.clauses import CATEGORY_LABELS, PATH_LABELS
from core.applications.rules.document import MaterialCondition, MaterialRule
from core.applications.rules.retirement import Certainty
from core.db.session import ScopedSession
from core.errors import NotFound
from core.pages.seasons.public_calendars import closing_days, contact_of
from core.plugin_api import ApplicationPath, Grade, StaffCategory
from core.seasons.models import Season
from core.seasons.queries import latest_season
from core.tenancy.catalogue import RULES_FOLDER
from core.tenancy.config.office import ContactTable
from core.tenancy.queries import offices
from core.text import filters
from core.web.dependencies import AnySession, ThePlatform
from core.web.page.rendering import AnyRequest, render
from core.web.routes import page

_ASKED_WHERE = {
    MaterialCondition.UNFILED_ASSESSMENTS: "有年度考核结果未备案",
    MaterialCondition.AWARDS: "填报了表彰、奖项或专利",
}


@dataclass(frozen=True, slots=True)
class Paper:
    """A paper with who must hand it in, what it must show, and its source where that is known."""

    code: str
    name: str
    whom: tuple[str, ...]
    shows: str
    source: str
    deferrable: bool


@dataclass(frozen=True, slots=True)
class Contact:
    """How to reach an office, and its closing dates; empty where a value is not known."""

    id: str
    name: str
    level: str
    told: ContactTable
    closing: tuple[tuple[str, str], ...]


@page("/conditions")
def conditions_page(request: AnyRequest, session: AnySession, platform: ThePlatform) -> Response[str]:
    """The conditions of every grade by every path, in words made from the rules that judge."""
    season = _season(session)
    document = platform.rules[season.year]
    examined = platform.offices.catalogue.season(season.year).grades
    grades = [
        (grade, wording.paths(document, grade, season.year))
        for grade in sorted(Grade, reverse=True)
        if grade in examined
    ]
    return render(
        request,
        session,
        "public/conditions.html",
        season=season,
        everybody=wording.everybody(document, season.year),
        grades=grades,
    )


@page("/papers")
def papers_page(request: AnyRequest, session: AnySession, platform: ThePlatform) -> Response[str]:
    """Every paper: who hands it in, what it must show, and the rules for photos and files."""
    season = _season(session)
    return render(
        request,
        session,
        "public/papers.html",
        season=season,
        papers=_papers(platform.rules[season.year].materials),
        limits=platform.offices.catalogue.province.config.documents,
    )


@page("/notice")
def notice_page(request: AnyRequest, session: AnySession, platform: ThePlatform) -> Response[str]:
    """The notice of the season (``<year>.notice.txt`` beside the rules), or that of the latest year before."""
    season = _season(session)
    catalogue = platform.offices.catalogue
    folder = platform.settings.tenants_dir / catalogue.province.code / RULES_FOLDER
    year, lines = kept_notice(folder, (known for known in catalogue.seasons() if known <= season.year))
    table = catalogue.season(year or season.year)
    website = catalogue.province.config.office.contact.website
    return render(
        request, session, "public/notice.html", season=season, table=table, year=year, lines=lines, website=website
    )


@page("/questions")
def questions_page(request: AnyRequest, session: AnySession, platform: ThePlatform) -> Response[str]:
    """Questions that applicants ask most, each with its answer."""
    config = platform.offices.catalogue.province.config
    return render(request, session, "public/questions.html", review=config.review, limits=config.documents)


@page("/contacts")
def contacts_page(request: AnyRequest, session: AnySession, platform: ThePlatform) -> Response[str]:
    """Every office: address, telephone, and until when it takes applications."""
    season = latest_season(session)
    closing = {} if season is None else closing_days(session, season.year)
    contacts = [
        Contact(office.id, office.name, office.level, contact_of(platform, office.id), closing.get(office.id, ()))
        for office in offices(session)
        if not office.practice
    ]
    return render(request, session, "public/contacts.html", season=season, contacts=contacts)


def _season(session: ScopedSession) -> Season:
    season = latest_season(session)
    if season is None:
        raise NotFound("season_unknown", "尚未开放任何年度的考核。开放后会在首页公布。")
    return season


def _papers(materials: tuple[MaterialRule, ...]) -> list[Paper]:
    """Every paper once, with each group of applicants that hands it in, in the document's order."""
    together: dict[tuple[str, str], list[MaterialRule]] = {}
    for material in materials:
        together.setdefault((material.code, material.name), []).append(material)
    shows = {material.code: material.shows for material in materials if material.shows}
    return [
        Paper(
            code=code,
            name=name,
            whom=tuple(_whom(rule) for rule in rules),
            shows=shows.get(code, ""),
            source=next((rule.source for rule in rules if rule.certainty is Certainty.KNOWN), ""),
            deferrable=any(rule.deferrable for rule in rules),
        )
        for (code, name), rules in together.items()
    ]


def _whom(rule: MaterialRule) -> str:
    told = []
    if len(rule.grades) < len(Grade):
        told.append(f"申报{filters.grades(rule.grades)}")
    if len(rule.paths) < len(ApplicationPath):
        told.append(
            "选择" + "".join(f"“{PATH_LABELS[path]}”" for path in ApplicationPath if path in rule.paths) + "途径"
        )
    if len(rule.categories) < len(StaffCategory):
        told.append("、".join(CATEGORY_LABELS[category] for category in StaffCategory if category in rule.categories))
    if rule.only_if is not None:
        told.append(_ASKED_WHERE[rule.only_if])
    return "，".join(told) + ("的" if told else "所有申报人") + ("" if rule.required else "（选交）")


def kept_notice(folder: Path, years: Iterable[int]) -> tuple[int | None, list[str]]:
    """The newest of these years whose notice is kept in ``folder``, and its paragraphs; None without one."""
    for year in sorted(years, reverse=True):
        file = folder / f"{year}.notice.txt"
        if file.is_file():
            return year, [line.strip() for line in file.read_text(encoding="utf-8").splitlines() if line.strip()]
    return None, []
