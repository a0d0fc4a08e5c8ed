"""Pure: identity numbers of citizens and permit holders: text becomes a checked number with birth date and sex.

python-stdnum does the arithmetic. Its own ``validate`` cannot be used as it stands: it accepts a birth date in the
future, refuses the residence permits for Hong Kong, Macao and Taiwan, refuses those born before their county took its
present code (410105 and 1970, although numbers were first given out in the 1980s), and raises KeyError for a county
that it does not know. So the county is not looked up at all: the province must exist, and the check digit catches
typing errors.

Beside the citizen's number (GB 11643-1999) these are read:

- residence permits for Hong Kong, Macao and Taiwan residents: 810000, 820000 or 830000 instead of a county, otherwise
  built like a citizen's number. Source: 港澳台居民居住证申领发放办法 (国办发〔2018〕81号) §4.
- the foreign permanent resident ID card issued since 2023-12-01: 9, two digits of the province that accepted the
  application, three of the nationality (GB/T 2659, numeric), birth date, three in order, and the same check digit.
  Source: 国家移民管理局, announcement of 2023-09-15, and 新版外国人永久居留身份证机读信息规则 (2023) §2, §3.
- the card issued before, valid until it expires: three letters of the nationality, four digits of the place, a birth
  date of six digits, one in order, one to check. How its last digit is worked out was not published; it is not
  checked. The number does not tell the sex.
"""

import re
import unicodedata
from dataclasses import dataclass, field
from datetime import date
from typing import Final, NoReturn

from stdnum import numdb
from stdnum.cn import ric
from stdnum.exceptions import ValidationError

from core.clock import system_clock
from core.errors import Invalid
from core.plugin_api import Sex
from core.text import dates

FIELD: Final = "id_number"
YOUNGEST: Final = 14
OLDEST: Final = 120

_PERMIT_PREFIXES: Final = ("81", "82", "83")
_FOREIGN: Final = "9"
_EARLIER_FOREIGN: Final = re.compile(r"[A-Z]{3}(\d{4})(\d{2})(\d{2})(\d{2})\d{2}", re.ASCII)
# GB/T 2260 numbers cities 01-20 and 51-70, prefectures 21-50 and county-level cities under the province 90. The rest
# of Henan's range names no place, so a simulated person can never carry a real person's number.
_SIMULATED_AREAS: Final = (*range(417100, 419000), *range(419100, 419900))
_NUMBERS_PER_AREA: Final = 500


@dataclass(frozen=True, slots=True)
class IdentityNumber:
    """A number that passed every check. Its representation never shows the number, so that no log can."""

    value: str = field(repr=False)
    birth_date: date = field(repr=False)
    sex: Sex | None = field(repr=False)
    """None where the number does not tell it."""

    def __str__(self) -> str:
        """The masked number."""
        return mask(self.value)


def parse(text: str, *, today: date | None = None) -> IdentityNumber:
    """Check a number as it was typed or pasted; full-width digits, blanks and a small x are corrected.

    ``today`` defaults to the present day in Shanghai. Raises Invalid with one code for each check that can fail:
    ``identity_number_`` + ``missing``, ``old``, ``length``, ``characters``, ``area``, ``birth_date``, ``future``,
    ``age`` or ``checksum``.
    """
    value = _normalised(text)
    if earlier := _EARLIER_FOREIGN.fullmatch(value):
        return _earlier_foreign(value, earlier, today or system_clock().date())
    _check_shape(value)
    _check_area(value)
    birth_date = _birth_date(value)
    _check_age(birth_date, today or system_clock().date())
    if ric.calc_check_digit(value) != value[-1]:
        _refuse("checksum", "身份证号码的校验位不符，说明至少有一位填错。请对照证件逐位核对。")
    return IdentityNumber(value, birth_date, Sex.MALE if int(value[16]) % 2 else Sex.FEMALE)


def _earlier_foreign(value: str, parts: re.Match[str], today: date) -> IdentityNumber:
    """A foreigner's number of fifteen characters; of both centuries the later one in which its holder may work."""
    _check_province(parts[1], parts[1])
    born = []
    for century in (2000, 1900):
        try:
            born.append(date(century + int(parts[2]), int(parts[3]), int(parts[4])))
        except ValueError:
            continue
    if not born:
        _refuse("birth_date", f"证件号码第8至13位“{value[7:13]}”不是有效的出生日期。请对照证件核对。")
    birth_date = next((day for day in born if _age(day, today) >= YOUNGEST), born[-1])
    _check_age(birth_date, today)
    return IdentityNumber(value, birth_date, None)


def mask(value: str) -> str:
    """A number as it may be shown: the first and the last four characters, such as 4103**********123X."""
    return f"{value[:4]}{'*' * (len(value) - 8)}{value[-4:]}" if len(value) > 8 else "*" * len(value)


def simulated(seed_index: int, birth_date: date, sex: Sex) -> str:
    """A number for an invented person, from areas that name no place; it passes ``parse``.

    Two indexes below 1,350,000 never give the same number. Raises ValueError for an index outside.
    """
    area_index, sequence = divmod(seed_index, _NUMBERS_PER_AREA)
    if not 0 <= area_index < len(_SIMULATED_AREAS):
        raise ValueError(f"seed_index must be in 0..{len(_SIMULATED_AREAS) * _NUMBERS_PER_AREA - 1}, not {seed_index}")
    body = f"{_SIMULATED_AREAS[area_index]}{birth_date:%Y%m%d}{2 * sequence + (sex is Sex.MALE):03d}"
    return body + ric.calc_check_digit(body + "0")


def is_simulated(value: str) -> bool:
    """Whether a number belongs to an invented person, so that a real season can refuse it."""
    return value[:6].isdecimal() and int(value[:6]) in _SIMULATED_AREAS


def _normalised(text: str) -> str:
    """Half-width and upper case, without blanks and the invisible marks that come along when pasting."""
    wide = unicodedata.normalize("NFKC", text)
    return "".join(sign for sign in wide if not sign.isspace() and unicodedata.category(sign) != "Cf").upper()


def _check_shape(value: str) -> None:
    if not value:
        _refuse("missing", "请填写身份证号码。")
    if len(value) == 15 and value.isascii() and value.isdecimal():
        _refuse("old", "这是15位的旧身份证号码。请填写现用居民身份证上的18位公民身份号码。")
    if len(value) != 18:
        other = "旧版外国人永久居留身份证为3个字母加12位数字，共15位。" if value[:3].isalpha() else ""
        text = f"身份证号码应为18位，您填写了{len(value)}位。{other}请对照证件补全或删去多余的字符。"
        _refuse("length", text)
    if not (value.isascii() and value[:17].isdecimal() and (value[17].isdecimal() or value[17] == "X")):
        _refuse("characters", "身份证号码前17位应为数字，最后一位应为数字或字母X。请对照证件改正。")


def _check_area(value: str) -> None:
    """Refuse a province that does not exist; 81, 82 and 83 stand for the residence permits, 9 for foreigners."""
    if value.startswith(_FOREIGN):
        _check_province(value[1:3], value[:6])
    elif not value.startswith(_PERMIT_PREFIXES):
        _check_province(value[:6], value[:6])


def _check_province(area: str, shown: str) -> None:
    """Refuse an area whose first two digits are of no province."""
    _, province = numdb.get("cn/loc").info(f"{area:0<6}")[0]
    if not province:
        _refuse("area", f"身份证号码开头的地区代码{shown}不存在。请对照证件核对开头几位。")


def _birth_date(value: str) -> date:
    try:
        return ric.get_birth_date(value)
    except ValidationError:
        _refuse("birth_date", f"身份证号码第7至14位“{value[6:14]}”不是有效的出生日期。请对照证件核对。")


def _check_age(birth_date: date, today: date) -> None:
    if birth_date > today:
        _refuse("future", f"身份证号码中的出生日期{dates.day(birth_date)}晚于今天。请核对第7至14位。")
    age = _age(birth_date, today)
    if not YOUNGEST <= age <= OLDEST:
        _refuse(
            "age", f"按身份证号码计算年龄为{age}周岁，不在{YOUNGEST}至{OLDEST}周岁之间。请核对第7至14位的出生日期。"
        )


def _age(birth_date: date, today: date) -> int:
    return today.year - birth_date.year - ((today.month, today.day) < (birth_date.month, birth_date.day))


def _refuse(check: str, message: str) -> NoReturn:
    raise Invalid(f"identity_number_{check}", message, at=FIELD)
