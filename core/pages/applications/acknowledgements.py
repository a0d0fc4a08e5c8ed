"""What an applicant reads and confirms with the submission, and which of it an application needs."""

from dataclasses import replace

from core.applications.rules import eligibility
from core.applications.rules.document import RuleDocument
from core.plugin_api import Severity
from core.reviews.submission import Judgement

ACKNOWLEDGEMENTS = {
    "retiring_this_year": "我本年度内将退休或达到退休年龄，已了解单位岗位空缺和聘用规定，自主决定申报并报单位同意。",
    "grade_one_guidance": "一级岗位的结构比例和聘任条件受到严格控制，不是二级的普遍晋升。我已了解，并经慎重考虑。",
}
"""The texts to be read and confirmed with the submission. Source: 2024 notice §1(2), §4(2)."""


def asked_of(judgement: Judgement, rules: RuleDocument) -> dict[str, str]:
    """The acknowledgements that this application needs: those without which a clause would block it or ask."""
    silent = replace(judgement.facts, acknowledgements=frozenset())
    trades = {silent.grade: judgement.limits.open_trades}
    found = eligibility.judge(silent, rules, open_trades=trades, admitted=judgement.limits.admitted)
    open_rules = {finding.rule for finding in found if finding.severity is not Severity.NOTES}
    asked = {
        getattr(clause, "acknowledgement", None)
        for clause in rules.clauses_for(silent.grade, silent.path)
        if rules.rule(clause.id) in open_rules
    }
    return {name: text for name, text in ACKNOWLEDGEMENTS.items() if name in asked}
