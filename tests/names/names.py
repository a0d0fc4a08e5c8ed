"""Names as people type them and as tables bring them, each with its stored form or what is said where it is refused."""

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True)
class Name:
    """One name. ``stored`` is empty where it is refused, and then ``said`` stands in the refusal.

    ``printable`` says whether the shipped font has all of it.
    """

    typed: str
    stored: str = ""
    said: str = ""
    printable: bool = True


def _as(*pairs: tuple[str, str], printable: bool = True) -> list[Name]:
    return [Name(typed, stored, printable=printable) for typed, stored in pairs]


NAMES: Final = [
    *[
        Name(name, name)
        for name in ("测甲", "测试甲", "测试甲乙", "欧阳测试", "尉迟测试", "单测试", "曾测试", "仇测", "测〇")
    ],
    # Blanks, and marks that nobody sees.
    *_as(
        ("测 甲", "测甲"),
        ("测\u3000\u3000试", "测试"),
        ("  测试丙\u00a0", "测试丙"),
        ("测\u200b试丁", "测试丁"),
        ("\ufeff测试戊", "测试戊"),
        ("\u202a测试己\u202c", "测试己"),
        ("测试\u00ad庚", "测试庚"),
        ("测试\ufe00辛", "测试辛"),
        ("测试\U000e0100壬", "测试壬"),
    ),
    # Every dot between the parts of Uyghur, Kazakh, Mongolian and Tibetan names.
    *_as(
        ("测试·阿不都", "测试·阿不都"),
        ("测试•阿布都", "测试·阿布都"),
        ("测试・买买提", "测试·买买提"),
        ("测试‧木合塔尔", "测试·木合塔尔"),
        ("测试･古丽", "测试·古丽"),
        ("测试．热依木", "测试·热依木"),
        ("测试.卡德尔", "测试·卡德尔"),
        ("测试。努尔", "测试·努尔"),
        ("测试 · 巴特尔", "测试·巴特尔"),
        ("测试\u3000•\u3000其其格", "测试·其其格"),
        ("测试∙孛儿只斤", "测试·孛儿只斤"),
        ("测试⋅扎西多吉", "测试·扎西多吉"),
        ("测试●德吉卓玛", "测试·德吉卓玛"),
        ("测试\uf0b7旦增", "测试·旦增"),
        ("孛儿只斤·测试·乌兰", "孛儿只斤·测试·乌兰"),
        ("测试次仁旺姆", "测试次仁旺姆"),
        (
            "测试买买提明·阿卜杜热合曼·阿卜杜外力·吐尔逊·艾合买提江·玉苏甫",
            "测试买买提明·阿卜杜热合曼·阿卜杜外力·吐尔逊·艾合买提江·玉苏甫",
        ),
    ),
    # Radicals as PDFs hold them, and compatibility ideographs.
    *_as(
        ("⻢测试", "马测试"),
        ("⻩测⻓", "黄测长"),
        ("⽂测⽟", "文测玉"),
        ("测⺠⻰", "测民龙"),
        ("测\uf9dc", "测隆"),
        ("测\U0002f81a", "测冬"),
    ),
    # Rare characters: of the usual plane, and of the extensions A, B and E.
    *[Name(name, name) for name in ("测䶮", "测㛃", "测𠮷", "测𬭼", "测𬍛", "测𫖯", "测\u9fb4", "测镕")],
    # Of the extensions F to I: kept, and printed only with further fonts.
    *[
        Name(name, name, printable=False)
        for name in ("测\U0002cf00", "测\U00030008", "测\U000323af", "测\U0002ebf0·试", "测\U00033479")
    ],
    # Latin letters, as on the permits of foreigners.
    *_as(
        ("Test Ting", "Test Ting"),
        ("ＴＥＳＴ　Ｔｏｎｇ", "TEST Tong"),
        ("O’Test-Ting", "O'Test-Ting"),
        ("T. S. Tester", "T. S. Tester"),
        ("Jose\u0301 Test", "José Test"),
        ("Tester, Anna", "Tester, Anna"),
        ("测试 Anna", "测试 Anna"),
    ),
    # What is in no name.
    Name("测甲1", said="第3个字“1”（U+0031）是数字"),
    Name("测２试", said="第2个字“2”（U+0032）是数字"),
    Name("测①", said="第2个字“①”（U+2460）是数字"),
    Name("测试😀", said="第3个字“😀”（U+1F600）是表情或图形符号"),
    Name("测试♥", said="第3个字“♥”（U+2665）是表情或图形符号"),
    Name("测⿰亻试", said="第2个字“⿰”（U+2FF0）是表情或图形符号"),
    Name("测\ue863", said="第2个字是造字区字符（U+E863）"),
    Name("测\U000f0001试", said="第2个字是造字区字符（U+F0001）"),
    Name("测试（女）", said="第3个字“（”（U+FF08）是标点"),
    Name("测试*", said="第3个字“*”（U+002A）是标点"),
    Name("测试、测甲", said="第3个字“、”（U+3001）是标点"),
    Name("测□试", said="第2个字“□”（U+25A1）是表情或图形符号"),
    Name("测?试", said="第2个字“?”（U+003F）是标点"),
    Name("测试·", said="间隔号"),
    Name("·测试", said="间隔号"),
    Name("ཚེ་རིང", said="第1个字“ཚ”（U+0F5A）不是汉字，也不是拉丁字母"),
    Name("ᠪᠠᠲᠤ", said="第1个字“ᠪ”（U+182A）不是汉字，也不是拉丁字母"),
    Name("Тест", said="第1个字“Т”（U+0422）不是汉字，也不是拉丁字母"),
]
