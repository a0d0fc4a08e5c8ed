"""The floors that core holds plugins' answers against. A plugin may narrow a rule of the province, never widen it.

Every function takes an answer of checked types and returns the value in force, or raises AnswerRefused with the reason,
in English, for operators. Functions that join the answers of several plugins are called from the province down, so that
the more local plugin is refused where two contradict each other.
"""

import re
from collections.abc import Callable, Collection, Hashable, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from types import MappingProxyType
from typing import TypeVar

from core.domain.calendar import check_against_frame
from core.plugin_api import (
    ApplicationFacts,
    ExamCalendar,
    FilingDue,
    Finding,
    Grade,
    MaterialRequirement,
    OfficeCode,
    ReportSection,
    ReviewStage,
    ScanResult,
    SeatingPolicy,
    Verdict,
    Window,
    WindowKind,
)

T = TypeVar("T")
K = TypeVar("K", bound=Hashable)

RULE_NAME = re.compile(r"[a-z0-9_-]+(\.[a-z0-9_-]+)+")
CERTIFICATE_NUMBER = re.compile(r"[0-9A-Z-]{6,32}")
"""The form of every certificate number; PostgreSQL holds the same."""


class AnswerRefused(Exception):
    """An answer that core refuses; the message says why, in English."""


def calendar_inside(answer: ExamCalendar, frame: ExamCalendar, own_dates: Collection[WindowKind]) -> ExamCalendar:
    """The answer, where no grade has two windows of a kind and each lies inside the frame's.

    ``own_dates`` are the kinds of dates that the level above lets this office set.
    """
    covered: set[tuple[str, Grade]] = set()
    for window in answer.windows:
        _check_window(window)
        if window.kind not in own_dates:
            raise AnswerRefused(f"{window.kind} is not among the dates that the level above lets this office set")
        for grade in sorted(window.grades):
            if (window.kind, grade) in covered:
                raise AnswerRefused(f"{window.kind} of grade {grade} has two windows")
            covered.add((window.kind, grade))
    outside = check_against_frame(answer, frame)
    if outside:
        raise AnswerRefused("; ".join(map(str, outside)))
    return answer


def route_keeps(answer: Sequence[ReviewStage], required: Collection[ReviewStage]) -> tuple[ReviewStage, ...]:
    """The answer, where its stages are in order, none twice, and no required stage is missing."""
    order = list(ReviewStage)
    if not answer:
        raise AnswerRefused("route is empty; to leave it to the level above, answer None")
    if list(answer) != sorted(set(answer), key=order.index):
        raise AnswerRefused(f"route {_list(answer)} is not in order; stages come once each, as {_list(order)}")
    dropped = [stage for stage in order if stage in required and stage not in answer]
    if dropped:
        raise AnswerRefused(f"route {_list(answer)} leaves out {_list(dropped)}, which the province requires")
    return tuple(answer)


def office_may_decide(answer: OfficeCode, application: ApplicationFacts, stage: ReviewStage) -> OfficeCode:
    """The answer, where it is the owner or holds a delegation in force for ``stage``."""
    holders = {delegation.to_office for delegation in application.delegations if stage in delegation.stages}
    if answer != application.office and answer not in holders:
        raise AnswerRefused(
            f"office {answer} neither owns the case ({application.office} does) nor holds a delegation of {stage}"
            f" in force ({_list(sorted(holders)) or 'nobody does'})"
        )
    return answer


def policy_keeps(answer: SeatingPolicy, standard: SeatingPolicy) -> SeatingPolicy:
    """The answer, where it is nowhere looser than the ``standard`` and leaves seats free for candidates."""
    for name in ("reserve_percent", "apart", "invigilators"):
        given, least = getattr(answer, name), getattr(standard, name)
        if given < least:
            raise AnswerRefused(f"{name} is {given:d}, and at least {least:d} is demanded")
    if answer.reserve_percent >= 100:
        raise AnswerRefused("reserve_percent leaves no seat to sit on")
    return answer


def verdict_not_widened(answer: Verdict, standard: Verdict) -> Verdict:
    """The answer, where it gives its reason and passes no candidate who fails by the ``standard``."""
    if not answer.reason.strip():
        raise AnswerRefused("a verdict without a reason")
    if answer.passed and not standard.passed:
        raise AnswerRefused(f"passes whom the standard does not: {standard.reason}")
    return answer


def findings_joined(so_far: tuple[Finding, ...], answer: Iterable[Finding], rule_document: str) -> tuple[Finding, ...]:
    """All findings, where the new ones have names of their own, outside those of the rule document."""
    names = {finding.rule for finding in so_far}
    for finding in answer:
        if not RULE_NAME.fullmatch(finding.rule):
            raise AnswerRefused(f"rule {finding.rule!r} is no name of the form author.rule, such as luoyang.contract")
        if finding.rule.startswith(f"{rule_document}."):
            raise AnswerRefused(f"rule {finding.rule!r} has the name of the rule document {rule_document}")
        if finding.rule in names:
            raise AnswerRefused(f"rule {finding.rule!r} stands twice")
        if not finding.text.strip() or not finding.source.strip():
            raise AnswerRefused(f"rule {finding.rule!r} says nothing or names no source")
        names.add(finding.rule)
        so_far = (*so_far, finding)
    return so_far


def materials_joined(
    so_far: tuple[MaterialRequirement, ...], answer: Iterable[MaterialRequirement]
) -> tuple[MaterialRequirement, ...]:
    """All materials, where each one demanded before is demanded at least as strictly.

    A material that is demanded more strictly keeps its name and has both sources; a repeated demand changes nothing.
    """
    return _merged(so_far, answer, key=lambda requirement: requirement.code, join=_stricter)


def filings_joined(so_far: tuple[FilingDue, ...], answer: Iterable[FilingDue]) -> tuple[FilingDue, ...]:
    """All filings, where no earlier due date is put off."""
    return _merged(so_far, answer, key=lambda filing: filing.kind, join=_sooner)


def sections_joined(
    so_far: tuple[ReportSection, ...], answer: Iterable[ReportSection], standard: Mapping[str, int]
) -> tuple[ReportSection, ...]:
    """All sections, their figures frozen, where codes differ and repeated standard figures are unchanged."""
    codes = {section.code for section in so_far}
    for section in answer:
        if section.code in codes:
            raise AnswerRefused(f"section {section.code!r} stands twice")
        for name, figure in section.figures.items():
            true = standard.get(name, figure)
            if figure != true:
                raise AnswerRefused(
                    f"section {section.code!r} gives {figure} for the standard figure {name!r}: it is {true}"
                )
        codes.add(section.code)
        so_far = (*so_far, replace(section, figures=MappingProxyType(dict(section.figures))))
    return so_far


def number_is_plain(answer: str, taken: Collection[str]) -> str:
    """The number of a certificate, where it is plain and unique within the list."""
    if CERTIFICATE_NUMBER.fullmatch(answer) is None:
        raise AnswerRefused(f"number {answer!r} is not 6 to 32 digits, capital letters and hyphens")
    if answer in taken:
        raise AnswerRefused(f"number {answer!r} stands twice")
    return answer


def scans_joined(so_far: tuple[ScanResult, ...], answer: Iterable[ScanResult]) -> tuple[ScanResult, ...]:
    """The results of all scanners, where each scanner names itself and none twice."""
    names = {result.scanner for result in so_far}
    for result in answer:
        if not result.scanner.strip():
            raise AnswerRefused("a scanner does not name itself")
        if result.scanner in names:
            raise AnswerRefused(f"scanner {result.scanner!r} stands twice")
        names.add(result.scanner)
        so_far = (*so_far, result)
    return so_far


def _merged(
    so_far: tuple[T, ...], answer: Iterable[T], *, key: Callable[[T], K], join: Callable[[T, T | None], T]
) -> tuple[T, ...]:
    known = {key(item): item for item in so_far}
    new: set[K] = set()
    for item in answer:
        if key(item) in new:
            raise AnswerRefused(f"{key(item)!s} stands twice in one answer")
        known[key(item)] = join(item, known.get(key(item)))
        new.add(key(item))
    return tuple(known.values())


def _stricter(new: MaterialRequirement, old: MaterialRequirement | None) -> MaterialRequirement:
    if old is not None and old.required and not new.required:
        raise AnswerRefused(f"material {new.code!r} is required by {old.source} and cannot be made optional here")
    if new.deferrable and not (old is not None and old.deferrable):
        raise AnswerRefused(f"material {new.code!r} cannot follow later: only the rule document can allow that")
    if old is None:
        return new
    demand = replace(old, required=new.required, deferrable=new.deferrable)
    return old if demand == old else replace(demand, source=f"{old.source}；{new.source}")


def _sooner(new: FilingDue, old: FilingDue | None) -> FilingDue:
    if new.due.tzinfo is None:
        raise AnswerRefused(f"filing {new.kind}: {new.due} has no time zone")
    if old is not None and new.due > old.due:
        raise AnswerRefused(f"filing {new.kind} is due {_at(old.due)} by {old.source} and cannot be due {_at(new.due)}")
    return new


def _check_window(window: Window) -> None:
    ends = [moment for moment in (window.opens, window.closes) if moment is not None]
    if any(moment.tzinfo is None for moment in ends):
        raise AnswerRefused(f"{window.kind} has a moment without a time zone")
    if ends != sorted(set(ends)):
        raise AnswerRefused(f"{window.kind} closes {_at(window.closes)}, no later than it opens")
    if not window.grades:
        raise AnswerRefused(f"{window.kind} is for no grade")


def _at(moment: datetime) -> str:
    return moment.isoformat(" ", "minutes")


def _list(names: Iterable[str]) -> str:
    return ", ".join(names)
