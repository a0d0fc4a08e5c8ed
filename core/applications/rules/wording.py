"""Pure: the conditions of a rule document in words, from the same data that judges; and a finding for its applicant.

A threshold is written as the year that it means ("2007年及以前参加工作"), by the document's own counting, so that text
and verdict cannot differ.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Final

from core.applications.rules.clauses import CATEGORY_LABELS, PATH_LABELS, Clause, StaffCategoryClause
from core.applications.rules.conditions import (
    FRONTLINE_LABELS,
    AnyOfClause,
    AssessmentsClause,
    EducationClause,
    FrontlineGroupClause,
    HeldGradeClause,
    NotOfferedClause,
    OfficerClause,
    RegularisedClause,
    ServiceClause,
    WaivableClause,
)
from core.applications.rules.document import MaterialRule, RuleDocument
from core.applications.rules.eligibility import RESERVATIONS
from core.applications.rules.materials import DOUBTED
from core.applications.rules.retirement import Certainty
from core.plugin_api import ApplicationPath, Finding, Grade

_DECIDED_BY_OFFICERS: Final = "（由审核人员认定。）"


@dataclass(frozen=True, slots=True)
class Condition:
    """One condition in words: its title, the details that follow from its data, and its source where that is known."""

    title: str
    details: tuple[str, ...]
    source: str


@dataclass(frozen=True, slots=True)
class PathInWords:
    """What one path to a grade asks for; ``instead`` where the grade has no such path."""

    path: ApplicationPath
    label: str
    conditions: tuple[Condition, ...]
    instead: str = ""


def everybody(document: RuleDocument, year: int) -> tuple[Condition, ...]:
    """The conditions that come first on every path."""
    return tuple(_condition(document.clause_by_id[clause], document, year) for clause in document.everybody)


def paths(document: RuleDocument, grade: Grade, year: int) -> tuple[PathInWords, ...]:
    """Every path to a grade with its own conditions."""
    return tuple(_path(document, grade, path, year) for path in ApplicationPath)


def for_applicant(finding: Finding, document: RuleDocument) -> Finding:
    """The finding without what concerns officers alone: the doubts of its source, and how the text was obtained.

    What an applicant has to do (``missing``) stays. A finding of a plugin stays as it is.
    """
    sources = _public_sources(document)
    text = finding.text
    for reservation in (*filter(None, RESERVATIONS.values()), DOUBTED):
        text = text.replace(reservation, _DECIDED_BY_OFFICERS)
    text = text.replace(f"{_DECIDED_BY_OFFICERS}。", _DECIDED_BY_OFFICERS)
    return replace(finding, text=text, source=sources.get((finding.rule, finding.source), _own(finding, document)))


def public_source(source: str, document: RuleDocument) -> str:
    """The source of a paper for its applicant: empty where the document is not sure of it."""
    doubted = {rule.cited for rule in document.materials if rule.certainty is not Certainty.KNOWN}
    public = {rule.cited: rule.source for rule in document.materials if rule.certainty is Certainty.KNOWN}
    return "" if source in doubted else public.get(source, source)


def _own(finding: Finding, document: RuleDocument) -> str:
    """The source of a finding that no rule of the document has: a plugin's stays, a superseded rule's is left out."""
    return "" if finding.rule.startswith(f"{document.name}.") else finding.source


def _public_sources(document: RuleDocument) -> dict[tuple[str, str], str]:
    """The source that applicants see, by rule and by the source that officers see."""
    named: list[tuple[str, Clause | MaterialRule]] = [(clause.id, clause) for clause in document.clauses]
    named += [(f"material.{paper.code}", paper) for paper in document.materials]
    return {
        (document.rule(item), rule.cited): rule.source if rule.certainty is Certainty.KNOWN else ""
        for item, rule in named
    }


def _path(document: RuleDocument, grade: Grade, path: ApplicationPath, year: int) -> PathInWords:
    clauses = [document.clause_by_id[clause] for clause in document.paths.of(grade, path)]
    closed = next((clause for clause in clauses if isinstance(clause, NotOfferedClause)), None)
    if closed is not None:
        return PathInWords(path, PATH_LABELS[path], (), f"{closed.title}。{closed.instead}")
    return PathInWords(path, PATH_LABELS[path], tuple(_condition(clause, document, year) for clause in clauses))


def _condition(clause: Clause, document: RuleDocument, year: int) -> Condition:
    source = clause.source if clause.certainty is Certainty.KNOWN else ""
    return Condition(clause.title, tuple(_details(clause, document, year)), source)


def _details(clause: Clause, document: RuleDocument, year: int) -> Iterator[str]:
    yield from _thresholds(clause, document, year)
    match clause:
        case StaffCategoryClause():
            yield "、".join(CATEGORY_LABELS[category] for category in clause.admitted) + "。"
        case FrontlineGroupClause():
            yield from (f"{label}。" for label in FRONTLINE_LABELS.values())
        case OfficerClause() if clause.missing:
            yield clause.missing
        case AnyOfClause():
            for part in clause.clauses:
                alternative = _condition(document.clause_by_id[part], document, year)
                yield f"{alternative.title}：{''.join(alternative.details)}"
        case EducationClause() if clause.exception:
            yield clause.exception
        case AssessmentsClause() if clause.instead_of_excellent:
            names = "、".join(document.award_names[award] for award in clause.instead_of_excellent)
            yield f"获得“{names}”的，可以代替优秀次数。"
    if isinstance(clause, WaivableClause) and clause.waived_by:
        names = "、".join(document.award_names[award] for award in clause.waived_by)
        yield f"取得现有等级证书之后获得下列之一的，可不受此项限制，由审核人员核实：{names}。"


def _thresholds(clause: Clause, document: RuleDocument, year: int) -> Iterator[str]:
    """What a number of years means in this season, by the document's counting."""
    counting = document.counting
    match clause:
        case ServiceClause():
            # A first year later by one makes the years fewer by one, whatever the method.
            first = year + counting.service.years(year, year)
            if clause.at_least:
                yield f"即{first - clause.at_least}年及以前参加工作。"
            if clause.below is not None:
                yield f"即{first - clause.below + 1}年及以后参加工作。"
        case HeldGradeClause():
            last = year + counting.in_grade.years(year, year) - clause.years
            trade = "，且工种与申报工种相同" if clause.same_trade else ""
            yield f"即{last}年及以前取得{clause.grade.label}证书{trade}。"
        case RegularisedClause():
            yield f"即{year}年{clause.month}月底前。"
        case AssessmentsClause():
            yield f"即{year - clause.years}年至{year - 1}年。"
