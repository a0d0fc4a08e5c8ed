"""Which papers an application needs, and what a missing one means.

The rule document asks first; plugins can add to it or ask more strictly, never drop or relax anything.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from core.applications.retirement import Certainty
from core.applications.rules import ANNUAL_ASSESSMENTS, MaterialCondition, MaterialRule, RuleDocument
from core.plugin_api import ApplicationFacts, Finding, MaterialRequirement, Severity


def required_materials(document: RuleDocument, facts: ApplicationFacts) -> tuple[MaterialRequirement, ...]:
    """The papers that the rule document asks of this applicant, in its order.

    The annual assessments are deferrable only while one of those declared is not on file. Source: 2024 notice §2(4).
    """
    return tuple(_requirement(rule, facts) for rule in document.materials if _is_asked(rule, facts))


def merge_requirements(
    core: Iterable[MaterialRequirement], plugin: Iterable[MaterialRequirement]
) -> tuple[MaterialRequirement, ...]:
    """Join the document's requirements with those of plugins; where both name a paper, the stricter demand holds.

    Raises ValueError where a plugin relaxes: makes a required paper optional, or lets one follow later that must not.
    """
    merged = {requirement.code: requirement for requirement in core}
    for added in plugin:
        held = merged.get(added.code)
        if added.deferrable and not (held and held.deferrable):
            raise ValueError(
                f"material {added.code!r} cannot be deferrable: only {ANNUAL_ASSESSMENTS!r} may follow later, "
                "and only while an annual assessment is not on file"
            )
        if held and held.required and not added.required:
            raise ValueError(f"material {added.code!r} is required by {held.source} and cannot be made optional")
        merged[added.code] = _stricter(held, added) if held else added
    return tuple(merged.values())


def material_findings(
    document: RuleDocument, facts: ApplicationFacts, requirements: Iterable[MaterialRequirement]
) -> tuple[Finding, ...]:
    """A finding for each paper, those at hand included; ``requirements`` are the merged ones.

    A missing paper refuses only where it is demanded for certain: by a text in hand, or by a plugin. The rest of the
    official list is not in hand, so a paper that merely follows from the conditions asks.
    """
    doubtful = {
        (requirement.code, requirement.source)
        for rule, requirement in (
            (one, _requirement(one, facts)) for one in document.materials if _is_asked(one, facts)
        )
        if rule.certainty is not Certainty.KNOWN
    }
    return tuple(_finding(document, one, facts, doubtful=(one.code, one.source) in doubtful) for one in requirements)


def _is_asked(rule: MaterialRule, facts: ApplicationFacts) -> bool:
    declared = {
        None: True,
        MaterialCondition.UNFILED_ASSESSMENTS: _has_unfiled(facts),
        MaterialCondition.AWARDS: bool(facts.awards),
    }
    return declared[rule.only_if] and rule.concerns(facts.grade, facts.path, facts.staff_category)


def _requirement(rule: MaterialRule, facts: ApplicationFacts) -> MaterialRequirement:
    deferrable = rule.deferrable and _has_unfiled(facts)
    return MaterialRequirement(rule.code, rule.name, rule.source, required=rule.required, deferrable=deferrable)


def _has_unfiled(facts: ApplicationFacts) -> bool:
    return any(not assessment.filed for assessment in facts.assessments)


def _stricter(held: MaterialRequirement, added: MaterialRequirement) -> MaterialRequirement:
    """What both demand. The plugin's source is named only where it changes something."""
    demand = replace(held, required=held.required or added.required, deferrable=held.deferrable and added.deferrable)
    return held if demand == held else replace(demand, source=f"{held.source}；{added.source}")


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
            severity, text = Severity.ASKS, f"需核实：未上传{requirement.name}（本项系推定，由审核人员认定）。"
        else:
            severity, text = Severity.BLOCKS, f"不符合：未上传{requirement.name}。"
    return Finding(document.rule(f"material.{requirement.code}"), requirement.source, severity, text, missing)
