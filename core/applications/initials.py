"""Pure: the pinyin initials of a name, so that an officer can search without an input method."""

from core.text.names import compared
from core.text.readings import readings


def initials(name: str) -> str:
    """The first letters of the syllables, in lower case: ``csj`` for 测试甲; of each reading, with blanks between them.

    A character without a known reading stands for itself, so that even the rarest name can be searched for; Latin words
    stand for themselves, and by their first letters.
    """
    found = ["".join(syllable[:1] for syllable in syllables) for syllables in readings(name)]
    whole = compared(name)
    return " ".join(dict.fromkeys([whole, *found] if whole.isascii() else found))
