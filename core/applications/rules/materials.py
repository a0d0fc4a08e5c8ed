"""The papers that an application needs, and the findings on missing ones.

The rule document comes first; the floor of the hook adds the papers that plugins ask for.
"""

from collections.abc import Iterable
from typing import Final

from core.applications.rules.document import MaterialCondition, MaterialRule, RuleDocument
from core.applications.rules.retirement import Certainty
from core.plugin_api import ApplicationFacts, Finding, MaterialRequirement, Severity

DOUBTED: Final = "（本项系推定，由审核人员认定）"
"""What officers read behind a missing paper that no text in hand asks for."""


def required_materials(document: RuleDocument, facts: ApplicationFacts) -> tuple[MaterialRequirement, ...]:
    """The papers that the rule document asks for in this case, in its order.

    The annual assessments are deferrable only while one of those declared is not on file. Source: 2024 notice §2(4).
    """
    return tuple(_requirement(rule, facts) for rule in document.materials if _is_asked(rule, facts))


def material_findings(
    document: RuleDocument, facts: ApplicationFacts, requirements: Iterable[MaterialRequirement]
) -> tuple[Finding, ...]:
    """A finding for each paper, those at hand included; ``requirements`` are the joined ones.

    A missing paper refuses only where a text in hand, or a plugin, demands it. The rest of the official list is not in
    hand, so a missing paper that merely follows from the conditions asks.
    """
    doubtful = {
        (requirement.code, requirement.source)
        for rule, requirement in (
            (material, _requirement(material, facts)) for material in document.materials if _is_asked(material, facts)
        )
        if rule.certainty is not Certainty.KNOWN
    }
    return tuple(
        _finding(document, requirement, facts, doubtful=(requirement.code, requirement.source) in doubtful)
        for requirement in requirements
    )


def _is_asked(rule: MaterialRule, facts: ApplicationFacts) -> bool:
    declared = {
        None: True,
        MaterialCondition.UNFILED_ASSESSMENTS: _has_unfiled(facts),
        MaterialCondition.AWARDS: bool(facts.awards),
    }
    return declared[rule.only_if] and rule.concerns(facts.grade, facts.path, facts.staff_category)


def _requirement(rule: MaterialRule, facts: ApplicationFacts) -> MaterialRequirement:
    deferrable = rule.deferrable and _has_unfiled(facts)
    return MaterialRequirement(rule.code, rule.name, rule.cited, required=rule.required, deferrable=deferrable)


def _has_unfiled(facts: ApplicationFacts) -> bool:
    return any(not assessment.filed for assessment in facts.assessments)


def _finding(
    document: RuleDocument, requirement: MaterialRequirement, facts: ApplicationFacts, *, doubtful: bool
) -> Finding:
    severity, text, missing = Severity.NOTES, f"符合：已上传{requirement.name}。", ""
    if requirement.code not in facts.materials:
        missing = f"请上传{requirement.name}。"
        if requirement.deferrable:
            text = f"提示：{requirement.name}可容缺后补。"
            missing = "须单位审核同意并作出承诺，备案后在考试前上传完毕。"
        elif not requirement.required:
            text = f"提示：可以上传{requirement.name}。"
        elif doubtful:
            severity, text = Severity.ASKS, f"需核实：未上传{requirement.name}{DOUBTED}。"
        else:
            severity, text = Severity.BLOCKS, f"不符合：未上传{requirement.name}。"
    return Finding(document.rule(f"material.{requirement.code}"), requirement.source, severity, text, missing)
