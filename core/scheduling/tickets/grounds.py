"""Pure: what a ticket tells, kept with it as values (``ticket_grounds``), and a difference in words.

Personal values are digests and places and times plain text, so that a notice of a change can show the old beside
the new.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime
from types import MappingProxyType
from typing import Any

from core.clock import SHANGHAI
from core.text import dates

FIELD_NAMES: Mapping[str, str] = MappingProxyType(
    {
        "name": "姓名",
        "id_tail": "身份证号",
        "case": "单位、等级或工种",
        "photo": "照片",
        "times": "考试时间",
        "sites": "考点",
        "addresses": "考点地址",
        "rooms": "考场",
        "seats": "座位",
    }
)
"""The fields of a ticket's grounds, in the order in which they are named."""

_PLACES = frozenset({"times", "sites", "addresses", "rooms", "seats"})


def named(fields: Iterable[str]) -> str:
    """Fields in words, such as ``考点、考点地址``."""
    given = set(fields)
    return "、".join(name for field, name in FIELD_NAMES.items() if field in given)


def seats_in_words(grounds: Mapping[str, Any]) -> str:
    """When and where a ticket calls its holder, one sitting after the other."""
    whole = zip(*(grounds[field] for field in ("times", "sites", "addresses", "rooms", "seats")), strict=True)
    return "；".join(
        f"{_time(begins)}至{dates.clock(datetime.fromtimestamp(ends, SHANGHAI))}，{subjects}，"
        f"{site.partition(' ')[2]}（{address}）{room}，座位号 {seat}"
        for (begins, ends, subjects), site, address, room, seat in whole
    )


def difference(fields: Iterable[str], told: Mapping[str, Any] | None, tells: Mapping[str, Any]) -> str:
    """What changed, for the holder: the fields, and where places or times did, the old beside the new."""
    given = frozenset(fields)
    if told is None or not given & _PLACES:
        return f"变更内容：{named(given)}。现安排：{seats_in_words(tells)}。"
    return f"变更内容：{named(given)}。原安排：{seats_in_words(told)}。现安排：{seats_in_words(tells)}。"


def why_void(*, by_move: bool, by_suspension: bool, changed: Iterable[str] | None) -> str:
    """Why a ticket is void, in words for anybody: without the office's own words, which may name the person."""
    if by_move or by_suspension:
        return "持证人的申报状态有变化" if by_move else "持证人被暂停考核"
    return f"准考证载明的{named(changed)}有变更" if changed else "报名机构作废"


def _time(moment: int) -> str:
    return dates.minute(datetime.fromtimestamp(moment, SHANGHAI))
