"""Pure: the findings of the season's rule document on one application, and the grades and paths open to a person.

The same facts and the same version of the document always give the same findings in the same order.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace

from core.applications.rules.clauses import Case, Clause, Outcome, Ruling
from core.applications.rules.conditions import NotOfferedClause
from core.applications.rules.document import RuleDocument
from core.applications.rules.retirement import Certainty
from core.plugin_api import ApplicationFacts, ApplicationPath, Finding, Grade, Severity, StaffCategory

OpenTrades = Mapping[Grade, Collection[str]]
"""The codes of the trades open in the season, for each grade."""

_HOLDS = "符合"
_MARKS: Mapping[Severity, str] = {Severity.BLOCKS: "不符合", Severity.ASKS: "需核实", Severity.NOTES: "提示"}
RESERVATIONS: Mapping[Certainty, str] = {
    Certainty.KNOWN: "",
    Certainty.OLDER_TEXT: "（本条依据以往文件，本年度文件原文待核，由审核人员认定。）",
    Certainty.GENERAL: "（本条无文件原文，由审核人员认定。）",
}
"""What officers read behind a failed condition that is not certain."""


@dataclass(frozen=True, slots=True)
class PathSuggestion:
    """The findings on a person for one grade by one path, before the form is filled in."""

    grade: Grade
    path: ApplicationPath
    findings: tuple[Finding, ...]

    @property
    def severity(self) -> Severity:
        """The gravest severity of the findings: NOTES means that there is no obstacle."""
        found = {finding.severity for finding in self.findings}
        return next(grave for grave in (Severity.BLOCKS, Severity.ASKS, Severity.NOTES) if grave in found)

    @property
    def obstacles(self) -> tuple[Finding, ...]:
        """The findings that refuse, or that an officer has to settle."""
        return tuple(finding for finding in self.findings if finding.severity is not Severity.NOTES)

    @property
    def unmet(self) -> tuple[Finding, ...]:
        """The conditions that are not met, those of older texts included: these leave the decision to an officer."""
        return tuple(finding for finding in self.findings if _fails(finding))


def judge(
    facts: ApplicationFacts,
    document: RuleDocument,
    *,
    open_trades: OpenTrades,
    admitted: Collection[StaffCategory] = tuple(StaffCategory),
) -> tuple[Finding, ...]:
    """Every clause of the document for this grade and path, those that hold included, in the document's order.

    ``admitted`` is the office's own list of staff categories; it can only narrow the document's.
    """
    case = _case(facts, document, open_trades, admitted)
    return tuple(_finding(clause, case, document) for clause in document.clauses_for(facts.grade, facts.path))


def severity(outcome: Outcome, certainty: Certainty) -> Severity:
    """The severity of a verdict. Only a clause whose text is known for certain refuses; every other failure asks."""
    if outcome in (Outcome.HOLDS, Outcome.INFORMS):
        return Severity.NOTES
    return Severity.BLOCKS if outcome is Outcome.FAILS and certainty is Certainty.KNOWN else Severity.ASKS


def mark(finding: Finding) -> str:
    """The label of a finding on pages: 符合, 提示, 需核实 or 不符合."""
    if finding.severity is Severity.NOTES and finding.text.startswith(f"{_HOLDS}："):
        return _HOLDS
    return _MARKS[finding.severity]


def suggest_paths(
    facts: ApplicationFacts,
    document: RuleDocument,
    *,
    open_trades: OpenTrades,
    admitted: Collection[StaffCategory] = tuple(StaffCategory),
) -> tuple[PathSuggestion, ...]:
    """The grades and paths for which a person may apply, with the obstacles, from 五级 upwards.

    ``facts.grade`` and ``facts.path`` are ignored, and acknowledgements taken as given. Left out are paths that the
    document does not offer, a change of trade without one, and the frontline path for others.
    """
    willing = replace(facts, acknowledgements=facts.acknowledgements | document.acknowledgements)
    return tuple(
        PathSuggestion(grade, path, judge(wished, document, open_trades=open_trades, admitted=admitted))
        for grade in sorted(Grade, reverse=True)
        for path in ApplicationPath
        if _comes_into_question(wished := replace(willing, grade=grade, path=path), document)
    )


def _case(
    facts: ApplicationFacts, document: RuleDocument, open_trades: OpenTrades, admitted: Collection[StaffCategory]
) -> Case:
    return Case(
        facts=facts,
        counting=document.counting,
        first_day_inside=document.cut_off.first_day_inside(facts.notice_date),
        retirement=document.retirement,
        open_trades=open_trades.get(facts.grade, ()),
        admitted=admitted,
        awards=document.award_names,
        clauses=document.clause_by_id,
    )


def _finding(clause: Clause, case: Case, document: RuleDocument) -> Finding:
    verdict = clause.examine(case)
    weight = severity(verdict.outcome, clause.certainty)
    word = _HOLDS if verdict.outcome is Outcome.HOLDS else _MARKS[weight]
    reservation = RESERVATIONS[clause.certainty] if verdict.outcome is Outcome.FAILS else ""
    text = f"{word}：{verdict.text}{reservation}"
    return Finding(document.rule(clause.id), clause.cited, weight, text, _missing(clause, verdict, case))


def _missing(clause: Clause, verdict: Ruling, case: Case) -> str:
    """The remedy, with a hint to the alternative clause where that one holds."""
    if clause.alternative is None or verdict.outcome not in (Outcome.FAILS, Outcome.OPEN):
        return verdict.missing
    other = case.clauses[clause.alternative]
    hint = other.examine(case).outcome is Outcome.HOLDS
    return f"{verdict.missing}您符合“{other.title}”，可改选相应途径。" if hint else verdict.missing


def _fails(finding: Finding) -> bool:
    return finding.severity is Severity.BLOCKS or any(
        reservation and reservation in finding.text for reservation in RESERVATIONS.values()
    )


def _comes_into_question(facts: ApplicationFacts, document: RuleDocument) -> bool:
    if facts.path is ApplicationPath.FRONTLINE and facts.frontline is None:
        return False
    if facts.path is ApplicationPath.TRADE_CHANGE and facts.current_trade in (None, facts.trade):
        return False
    return not any(isinstance(clause, NotOfferedClause) for clause in document.clauses_for(facts.grade, facts.path))
