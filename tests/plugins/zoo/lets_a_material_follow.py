"""Lets a paper follow later that the rule document wants at once."""

from core.plugin_api import MaterialRequirement, hookimpl


@hookimpl
def required_materials() -> list[MaterialRequirement]:
    return [MaterialRequirement("photo", "照片", "zoo", deferrable=True)]
