"""The part of ``core.plugin_api`` by which a plugin says whether its own set-up is in order."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum


class SelfCheckLevel(Enum):
    """How a plugin's own check of its set-up ended."""

    FINE = "fine"
    WARNING = "warning"
    BROKEN = "broken"


@dataclass(frozen=True, slots=True)
class SelfCheck:
    """One line of a plugin's self-check, in English, for operators. A plugin may define ``check(settings)``."""

    level: SelfCheckLevel
    text: str
    details: Mapping[str, str] = field(default_factory=dict)
