"""Reading a trade: its code, its name, both as lists show them, its initials, or a part that only one name has.

One reading for the form, for a unit's entries and imports, for programs and for the check of conditions. A name that
is not in the season's list is refused, with similar names as suggestions. Source: 2024 notice §1(2).
"""

import difflib
import unicodedata
from collections.abc import Collection, Iterable
from functools import lru_cache
from typing import Any, Final

from core.applications.forms import ApplicationDraft
from core.errors import Invalid
from core.tenancy.config.office import Trade

FIELDS: Final = ("trade", "current_trade")
"""The answers of the form that name a trade."""
_MOST_OFFERED: Final = 3
_MOST_QUOTED: Final = 20
_MOST_NAMED: Final = 5
_SHORTEST_PART: Final = 2


def code_of(text: str, known: Iterable[Trade], *, field: str = "trade") -> str:
    """The code of the trade that ``text`` names. Raises Invalid at ``field``, with similar trades.

    What names one trade in full names no other one; only then its initials count, and then a part of its name.
    """
    listed = tuple(known)
    asked = _plain(text)
    for is_meant in (is_named_in_full, _has_initials, _contains):
        found = [trade for trade in listed if is_meant(asked, trade)]
        if len(found) == 1:
            return found[0].code
        if found:
            raise Invalid("trade_unclear", _unclear(text, found), at=field)
    raise Invalid("trade_unknown", _unknown(text, listed), at=field)


def is_named_in_full(text: str, trade: Trade) -> bool:
    """Whether a text is the trade's code, its name or both."""
    return _plain(text) in {_plain(trade.code), _plain(trade.name), _plain(f"{trade.code} {trade.name}")}


def read_answer(name: str, value: Any, known: Iterable[Trade]) -> Any:
    """An answer of the form as it is kept: a trade by its code, any other answer as given."""
    return code_of(value, known, field=name) if name in FIELDS and isinstance(value, str) and value else value


def with_codes(draft: ApplicationDraft, known: Collection[Trade], *, leave: Collection[str] = ()) -> ApplicationDraft:
    """The draft with its trades by their codes. Raises Invalid with a message for each that is unknown.

    An unknown one in ``leave`` stays as it is: after a return a locked answer cannot be changed.
    """
    found: dict[str, str] = {}
    unknown: dict[str, str] = {}
    for name in FIELDS:
        try:
            found[name] = read_answer(name, getattr(draft, name), known)
        except Invalid as refusal:
            unknown |= {} if name in leave else refusal.fields
    if unknown:
        raise Invalid("trade_unknown", "".join(unknown.values()), fields=unknown)
    return draft.model_copy(update=found)


def locked(unlocked_items: Collection[str] | None) -> frozenset[str]:
    """The trades that cannot be changed after a return; none where nothing is locked."""
    return frozenset() if unlocked_items is None else frozenset(FIELDS) - frozenset(unlocked_items)


def _has_initials(asked: str, trade: Trade) -> bool:
    return asked.isascii() and asked.isalpha() and asked == trade_initials(trade.name)


def _contains(asked: str, trade: Trade) -> bool:
    return len(asked) >= _SHORTEST_PART and asked in _plain(trade.name)


@lru_cache(maxsize=8192)
def trade_initials(name: str) -> str:
    """The first letters of a trade's syllables, in upper case: ``QCJSY`` for 汽车驾驶员."""
    # Its dictionary takes a tenth of the start of a command.
    from pypinyin import Style, lazy_pinyin

    return "".join(lazy_pinyin(_plain(name), style=Style.FIRST_LETTER)).upper()


def _plain(text: str) -> str:
    """A text without the traces of keyboards and tables: full width, case, and blanks around and within."""
    return "".join(unicodedata.normalize("NFKC", text).split()).upper()


def _unclear(text: str, found: Collection[Trade]) -> str:
    named = "、".join(f"{trade.name}（{trade.code}）" for trade in list(found)[:_MOST_NAMED])
    more = f"等{len(found)}个" if len(found) > _MOST_NAMED else ""
    return f"“{_quoted(text)}”可以是多个工种：{named}{more}。请从列表中选择，或填写全名或代码。"


def _quoted(text: str) -> str:
    return text if len(text) <= _MOST_QUOTED else f"{text[:_MOST_QUOTED]}…"


def _unknown(text: str, known: Collection[Trade]) -> str:
    quoted = _quoted(text)
    offered = "、".join(f"{trade.name}（{trade.code}）" for trade in _close(text, known))
    if offered:
        return f"没有“{quoted}”这个工种。相近的有：{offered}。请从列表中选择，或填写全名或代码。"
    return f"没有“{quoted}”这个工种，请从列表中选择，或填写全名或代码；找不到的，请向单位或当地工考管理机构询问。"


def _close(text: str, known: Collection[Trade]) -> list[Trade]:
    """The trades with a similar name or code, the closest first; names that contain the text, or are in it, lead."""
    asked, by_text = _plain(text), {_plain(said): trade for trade in known for said in (trade.name, trade.code)}
    within = [said for said in by_text if asked and (asked in said or said in asked)]
    near = difflib.get_close_matches(asked, by_text, n=_MOST_OFFERED, cutoff=0.5)
    return list(dict.fromkeys(by_text[said] for said in (*within, *near)))[:_MOST_OFFERED]
