"""Pure: the reasons for a faulty item, as codes, so that returns can be counted and compared."""

from collections.abc import Mapping
from typing import Final

MISSING: Final = "missing"
"""The code of an absent paper or an empty answer that the reviewer asks for (缺)."""

OTHER: Final = "other"
"""The code of a reason that the list does not have; the reviewer's comment says it."""

ITEM_REASONS: Final[Mapping[str, str]] = {
    "differs_from_file": "与人事档案不一致",
    "unclear": "图像不清晰",
    "incomplete": "不完整",
    "not_stamped": "未盖章或签字",
    "expired": "已过有效期",
    "wrong_paper": "不是所要求的材料",
    "implausible": "填写有误",
    MISSING: "缺少",
    OTHER: "其他",
}
"""Every code with its text for applicants and reviewers. Source of the review item by item: 2024 notice §2(4)-(5)."""
