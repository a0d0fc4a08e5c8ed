"""The settings of an office about seats: how far people of one unit sit apart, how many machines stay free.

None of it is known for Henan: every default is this installation's, and a province says otherwise in its file.
"""

from typing import Literal

from pydantic import Field

from core.plugin_api.scheduling import Apart, SeatingPolicy
from core.tenancy.config.types import Count, Percent, Table


class SeatingTable(Table):
    """How the rooms of every sitting are filled, unless a plugin demands more for a sitting."""

    reserve_percent: Percent = Field(default=0, le=90)
    apart: Literal["beside", "cross", "around"] = "cross"
    invigilators: Count = Field(default=2, ge=1)
    extra_minutes: Count = 20

    @property
    def policy(self) -> SeatingPolicy:
        """The same values as plugins see them."""
        return SeatingPolicy(self.reserve_percent, Apart[self.apart.upper()], self.invigilators)
