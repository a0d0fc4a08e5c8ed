"""Asks for the same paper twice."""

from core.plugin_api import MaterialRequirement, hookimpl


@hookimpl
def required_materials() -> list[MaterialRequirement]:
    return [MaterialRequirement("medal", "奖章", "zoo"), MaterialRequirement("medal", "勋章", "zoo")]
