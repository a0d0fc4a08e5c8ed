"""Pure: rules for passwords: long, and not among the first that a stranger would try.

Digits, capitals and signs are not required, and passwords do not expire (NIST SP 800-63B; OWASP ASVS 5.0, 6.2).
"""

from collections.abc import Iterable
from itertools import chain
from typing import Final

from zxcvbn import zxcvbn

from core.errors import Invalid
from core.text.readings import readings

LEAST_FOR_APPLICANTS: Final = 8
LEAST_FOR_STAFF: Final = 12
MOST: Final = 128
FIELD: Final = "new_password"

# Common passwords in China that lists from elsewhere lack: wishes, numbers that sound like words, the field.
_HABITS: Final = (
    *("woaini", "woaiwo", "iloveyou", "woshishui", "zhongguo", "beijing", "henan", "zhengzhou", "luoyang", "kaifeng"),
    *("nihao", "caonima", "xiaoming", "laopo", "laogong", "baobao", "baobei", "aini1314", "5201314", "1314520"),
    *("520", "521", "1314", "168", "888", "666", "114", "110", "wang", "zhang", "chen", "yang", "zhao", "huang"),
    *("zhou", "xiao", "mima", "mima123", "admin", "guanli", "guanliyuan", "kaowu", "kaoshi", "kaohe", "gongren"),
    *("gongqin", "jineng", "danwei", "shenhe", "baoming", "renshi", "rensheting", "renshe", "qwer", "asdf", "abc"),
)
_EASY: Final = 2
"""Below this score of zxcvbn, fewer than a million guesses would find the password."""
_LOOKED_AT: Final = 24
"""Signs that are checked: further ones make a password no weaker, and checking them could take seconds."""


def check(password: str, *, staff: bool, context: Iterable[str] = ()) -> None:
    """Refuse a password that is too short, too long, or easy to guess; Invalid names the field.

    ``context`` holds what others know of the person: login, name, numbers. No password may be built on it.
    """
    least = LEAST_FOR_STAFF if staff else LEAST_FOR_APPLICANTS
    if len(password) < least:
        _refuse("password_short", f"密码至少{least}个字符，现有{len(password)}个。可以用几个词连成一句好记的话。")
    if len(password) > MOST:
        _refuse("password_long", f"密码最多{MOST}个字符。请缩短。")
    known = [*_HABITS, *chain.from_iterable(_spellings(text) for text in context)]
    if zxcvbn(password[:_LOOKED_AT], user_inputs=known)["score"] < _EASY:
        _refuse(
            "password_easy",
            "这个密码很容易被猜到：常用密码、连续或重复的字符、姓名、生日、证件号码和手机号码都不能用作密码。"
            "请换一个，例如几个互不相干的词。",
        )


def _spellings(text: str) -> Iterable[str]:
    """A name as it is written, in pinyin, and by the initials of its pinyin; a number by its pieces as well."""
    yield text.lower()
    for syllables in readings(text):
        yield from ("".join(syllables), "".join(syllable[:1] for syllable in syllables))
    if text[:17].isdecimal() and len(text) > 10:
        yield from (text[-4:], text[-6:], text[-8:], text[6:14], text[8:14])


def _refuse(code: str, message: str) -> None:
    raise Invalid(code, message, at=FIELD)
