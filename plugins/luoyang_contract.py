"""Luoyang asks hired staff for a contract that outlasts the season, and compares it with its original on site.

Illustrative: hired staff are admitted (2024 notice §1(1)), but what Luoyang asks of them in 2024 is not known. A rule
whose text is not at hand asks; it never refuses.
"""

from core.plugin_api import ApplicationView, Finding, MaterialRequirement, ReviewStage, Severity, hookimpl

needs = {"staff_category", "materials"}

CONTRACT = "labour_contract"
SOURCE = "洛阳市考务安排（示例）"


@hookimpl
def required_materials(application: ApplicationView) -> list[MaterialRequirement]:
    """Hired staff find a place to upload their contract; that it is missing is for `eligibility_findings` to say."""
    if application.is_regular_staff:
        return []
    return [MaterialRequirement(CONTRACT, "有效期内的聘用合同", SOURCE, required=False)]


@hookimpl
def eligibility_findings(application: ApplicationView) -> list[Finding]:
    """Without the contract an officer has to settle whether the applicant is still employed."""
    if application.is_regular_staff or application.has_material(CONTRACT):
        return []
    text = "聘用人员须上传有效期内的聘用合同，由审查人员核实。"
    return [Finding("luoyang.contract", SOURCE, Severity.ASKS, text, missing="聘用合同")]


@hookimpl
def review_route(application: ApplicationView) -> tuple[ReviewStage, ...] | None:
    """Hired staff pass all four stages, whatever route the office's TOML names for the others."""
    return None if application.is_regular_staff else tuple(ReviewStage)
