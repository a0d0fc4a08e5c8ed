"""Asks for a paper of its own, and lets it follow later as only the rule document can."""

from core.plugin_api import MaterialRequirement, hookimpl


@hookimpl
def required_materials() -> list[MaterialRequirement]:
    return [MaterialRequirement("medal", "奖章", "zoo", deferrable=True)]
