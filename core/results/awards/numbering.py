"""Pure: certificate numbers by the province's pattern, where no plugin says otherwise."""

import re
from typing import Final

from core.plugin_api import AwardView

_NO_AREA: Final = "000000"


def number_by(pattern: str, award: AwardView, *, serial_digits: int) -> str:
    """The number of ``award`` by a pattern such as ``{area}{year}{grade}{serial}``."""
    return pattern.format(
        area=award.area_code or _NO_AREA,
        year=award.year,
        grade=award.grade,
        trade=re.sub(r"[^0-9A-Z-]", "", award.trade),
        serial=f"{award.serial:0{serial_digits}d}",
    )
