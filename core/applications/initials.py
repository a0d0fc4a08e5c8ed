"""Pure: the pinyin initials of a name, so that an officer can search without an input method."""

from functools import lru_cache

from pypinyin import Style, lazy_pinyin


@lru_cache(maxsize=4096)
def initials(name: str) -> str:
    """The first letters of the syllables, in lower case: ``csj`` for 测试甲.

    A character without a known reading stands for itself, so that even the rarest name can be searched for.
    """
    letters = lazy_pinyin(name.replace("·", ""), style=Style.FIRST_LETTER)
    return "".join(letters).lower()
