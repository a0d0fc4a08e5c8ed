"""Makes a paper optional that the rule document requires."""

from core.plugin_api import MaterialRequirement, hookimpl


@hookimpl
def required_materials() -> list[MaterialRequirement]:
    return [MaterialRequirement("photo", "照片", "zoo", required=False)]
