"""Pure: names of people: the one form in which they are stored, and the one in which two of them are compared.

A name is written in Chinese characters, parted by ``·`` where a people's names have parts, or in Latin letters, as on
the identity card or the permit of a foreigner. What is stored differs from what was typed in these ways, and no other:

- marks that nobody sees are gone: zero-width and directional marks, soft hyphens, variation selectors;
- blanks at the ends and between Chinese characters are gone, any others are one blank each;
- every sign like a dot between Chinese characters is ``·`` (U+00B7, GB 18030 0xA1A4), without blanks around it;
- radicals (U+2E80-2FD5, as PDFs hold them) and compatibility ideographs are the characters that they stand for;
- full-width and other compatibility forms of letters are plain letters, quotes and dashes between them ``'`` and ``-``;
- the text is in Unicode's form NFC.

Anything else is kept, such as the extensions G to J, which this interpreter may not know yet, or refused by its place:
digits, pictures, control and private-use characters, other signs. Only invented names (测试…, 模拟…) may end in digits.

Sources: Unicode 14.0, Equivalent_Unified_Ideograph and NFKC; GB 18030-2022, mandatory since 1 August 2023.
"""

import re
import unicodedata
from itertools import pairwise
from types import MappingProxyType
from typing import Final

from core.errors import Invalid

MOST_SIGNS: Final = 100
"""The longest name, in characters; names of some peoples are long."""
DOT: Final = "·"

_RADICALS: Final = (
    "⺁厂⺂乛⺃乚⺄乙⺅亻⺆冂⺇𠘨⺈刀⺉刂⺊卜⺋㔾⺌小⺍小⺎兀⺏尣⺐尢⺑𡯂⺒巳⺓幺⺔彑⺕彐⺖忄⺗心⺘扌⺙攵⺛旡⺜日⺝月⺞歺⺟母⺠民⺡氵⺢氺⺣灬⺤爫⺥爫"
    "⺦丬⺧牛⺨犭⺩王⺪𤴔⺫目⺬示⺭礻⺮𥫗⺯糹⺰纟⺱罓⺲罒⺳㓁⺴冗⺵𦉫⺶羊⺷𦍌⺸𦍋⺹耂⺺肀⺻聿⺼肉⺽𦥑⺾艹⺿艹⻀艹⻁虎⻂衤⻃覀⻄西⻅见⻆角⻇𧢲⻈讠"
    "⻉贝⻊𧾷⻋车⻌辶⻍辶⻎辶⻏邑⻐钅⻑長⻒镸⻓长⻔门⻕𨸏⻖阝⻗雨⻘青⻙韦⻚页⻛风⻜飞⻝食⻞𩙿⻟飠⻠饣⻡𩠐⻢马⻣骨⻤鬼⻥鱼⻦鸟⻧卤⻨麦⻩黄⻪黾"
    "⻫斉⻬齐⻭歯⻮齿⻯竜⻰龙⻱龜⻲亀⻳龟"
)
"""Radicals of U+2E80-2EF3, each before its character; NFKC knows two of them, and all of U+2F00-2FD5."""
_UNIFIED: Final = MappingProxyType(dict(zip(_RADICALS[::2], _RADICALS[1::2], strict=True)))

GB18030_2022: Final = MappingProxyType(
    dict(
        zip(
            map(ord, "\ue81e\ue826\ue82b\ue82c\ue832\ue843\ue854\ue864\ue816\ue817\ue818\ue831\ue83b\ue855"),
            "\u9fb4\u9fb5\u9fb6\u9fb7\u9fb8\u9fb9\u9fba\u9fbb\U00020087\U00020089\U000200cc\U000215d7\U0002298f\U000241fe",
            strict=True,
        )
    )
)
"""Private-use characters to which the edition of 2000 (and Python) decodes, and their characters in that of 2022."""

_BLANKS: Final = "\t\n\v\f\r\x1c\x1d\x1e\x1f\x85\u2800\u3164\uffa0\u115f\u1160"
"""Blanks besides those of category Z: controls that part words, and letters without a shape."""
_UNSEEN: Final = re.compile("[\u034f\u180b-\u180f\ufe00-\ufe0f\U000e0100-\U000e01ef]")
_LETTER_DOTS: Final = "·•‧・･∙⋅●⦁ꞏ᛫⸱⸳ᐧ\uf0b7"
_DOTS: Final = f"{_LETTER_DOTS}.．。｡﹒․"
_QUOTES: Final = dict.fromkeys(map(ord, "’‘ʼʻ`´＇′"), "'") | dict.fromkeys(map(ord, "‐‑‒–—－﹣−"), "-")
_HAN: Final = "\u3005\u3007\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
"""Chinese characters, with both planes of ideographs as a whole: they grow with every edition of Unicode."""
_HAN_OR_PRIVATE: Final = f"{_HAN}\ue000-\uf0b6\uf0b8-\uf8ff\U000f0000-\U0010ffff"
_IS_HAN: Final = re.compile(f"[{_HAN}]")
_BETWEEN_HAN: Final = re.compile(f"(?<=[{_HAN_OR_PRIVATE}]) ?[{re.escape(_DOTS)}] ?(?=[{_HAN_OR_PRIVATE}])")
_PARTED: Final = re.compile(f"(?<=\\w) ?[{re.escape(_LETTER_DOTS)}] ?(?=\\w)")
_BLANK_IN_HAN: Final = re.compile(f"(?<=[{_HAN_OR_PRIVATE}]) (?=[{_HAN_OR_PRIVATE}])")
_INVENTED: Final = re.compile(r"((?:测试|模拟).*?)[0-9]+")
_BESIDE_LATIN: Final = frozenset("-'., ")
_KINDS: Final = MappingProxyType(
    {
        "N": "是数字，姓名中不能有数字。请对照身份证改正。",
        "S": "是表情或图形符号，不能用在姓名中。请对照身份证改正。",
        "P": "是标点，不能用在姓名中；曾用名、备注请写在别处。请对照身份证改正。",
    }
)
_NO_LETTER: Final = "不是汉字，也不是拉丁字母。请填写身份证件上的汉字姓名，或护照上的拉丁字母姓名。"
_SKIPPED: Final = str.maketrans("", "", f"{DOT} .,-'")
_LOWER: Final = str.maketrans("ABCDEFGHIJKLMNOPQRSTUVWXYZ", "abcdefghijklmnopqrstuvwxyz")


def stored(name: str, *, field: str = "name", label: str = "姓名") -> str:
    """The form of a person's name that is stored.

    Raises Invalid at ``field`` for none, a longer one than ``MOST_SIGNS``, and a sign that is in no name; the message
    says which sign, at which place (blanks are not counted), and what to do.
    """
    written = readable(name[: 2 * MOST_SIGNS])
    if not written:
        raise Invalid("name_missing", f"请填写{label}。", at=field)
    if len(written) > MOST_SIGNS or len(name) > 2 * MOST_SIGNS:
        raise Invalid("name_invalid", f"{label}应不超过{MOST_SIGNS}个字。请对照身份证填写。", at=field)
    invented = _INVENTED.fullmatch(written)
    signs = invented[1] if invented else written
    place = 0
    for before, sign in pairwise(f" {signs}"):
        place += sign != " "
        if fault := _fault(sign, before):
            raise Invalid("name_sign", f"{label}第{place}个字{fault}", at=field)
    for before, sign in pairwise(f"{DOT}{written}{DOT}"):
        if sign == before == DOT:
            raise Invalid("name_sign", f"{label}中的间隔号“·”应在两个字之间，且只有一个。请对照身份证改正。", at=field)
    return written


def readable(name: str) -> str:
    """The stored form as far as there is one, for a search or a message: never refused, and nothing is cut."""
    return _PARTED.sub(DOT, _BETWEEN_HAN.sub(DOT, body(name).translate(_QUOTES)))


def compared(name: str) -> str:
    """The form by which two names are the same: the stored one without dots, blanks, hyphens and capital letters.

    ``claim_person`` in the database does the same to the stored name.
    """
    return readable(name).translate(_SKIPPED).translate(_LOWER)


def same(name: str, other: str) -> bool:
    """Whether two texts are one name."""
    return compared(name) == compared(other)


def body(name: str) -> str:
    """The stored form of a body's name, such as a unit's: as of a person's, but any sign that is seen may stand in it.

    Its dots, quotes and dashes are kept as they are written. Raises nothing: an empty one is the caller's to refuse.
    """
    signs = "".join(_sign(sign) for sign in _UNSEEN.sub("", name))
    return _BLANK_IN_HAN.sub("", re.sub(" +", " ", unicodedata.normalize("NFC", signs)).strip())


def seen(text: str) -> str:
    """A text out of a file without the marks that nobody sees, and without blanks at its ends.

    Characters that the interpreter does not know, and those of private use, stay: to cut them would change a name.
    """
    return "".join(sign for sign in text if unicodedata.category(sign) not in {"Cc", "Cf", "Cs"}).strip()


def _sign(sign: str) -> str:
    """One sign as it is stored; empty for one that nobody sees."""
    category = unicodedata.category(sign)
    if category[0] == "Z" or sign in _BLANKS:
        return " "
    if category == "Cf":
        return ""
    if sign in _UNIFIED:
        return _UNIFIED[sign]
    # Radicals are symbols to Unicode; what else has a compatibility form, such as ① or ㈱, is no letter.
    return unicodedata.normalize("NFKC", sign) if category[0] in "LM" or category == "Nd" or _is_radical(sign) else sign


def _is_radical(sign: str) -> bool:
    return "\u2e80" <= sign <= "\u2fd5"


def _fault(sign: str, before: str) -> str:
    """What is wrong with a sign of a name, in Chinese; empty where it is in its place."""
    if _IS_HAN.match(sign) or sign == DOT or _is_latin(sign):
        return ""
    # A blank is left only where one of its sides is no Chinese character.
    if sign == " " or (sign in _BESIDE_LATIN and (before in _BESIDE_LATIN or _is_latin(before))):
        return ""
    category, code = unicodedata.category(sign), f"U+{ord(sign):04X}"
    if category == "Co":
        return f"是造字区字符（{code}），在其他电脑上看不到，也打印不出。{_remedy(sign)}"
    if category in {"Cc", "Cs"}:
        return f"是控制字符（{code}），看不见。请删去姓名，重新输入。"
    return f"“{sign}”（{code}）{_KINDS.get(category[0], _NO_LETTER)}"


def _is_latin(sign: str) -> bool:
    """A letter as it stands in a passport, or an accent on one."""
    return "\u0300" <= sign <= "\u036f" or (sign.isalpha() and unicodedata.name(sign, "").startswith("LATIN "))


def _remedy(sign: str) -> str:
    """What to type for a private-use character; old input methods put 80 characters there (GBK, 0xFE50-FEA0)."""
    known = GB18030_2022.get(ord(sign), "")
    if not known and "\ue815" <= sign <= "\ue864":
        low = 0x50 + ord(sign) - 0xE815
        found = bytes((0xFE, low + (low >= 0x7F))).decode("gb18030")
        known = _sign(GB18030_2022.get(ord(found), found))
    if known and unicodedata.category(known) != "Co":
        return f"可能是“{known}”（U+{ord(known):04X}）：请复制这个字代替，并对照身份证核对。"
    return "请用支持 GB 18030-2022 的输入法重新输入该字，并对照身份证核对。"
