"""Pure: the readings of names in pinyin, without tones: of surnames with their own, and of characters with several.

Sources: 通用规范汉字字典 and 现代汉语词典, 7th edition, for surnames (作姓氏时读) and characters of given names.
"""

from collections.abc import Iterator, Mapping
from functools import lru_cache
from itertools import islice, product
from types import MappingProxyType
from typing import Final

from core.text.names import DOT, readable

MOST_READINGS: Final = 16
"""Of one name. Nobody has so many; a text that is no name may."""


def _table(lines: str) -> Mapping[str, tuple[str, ...]]:
    entries = (entry.split() for entry in lines.replace("\n", ";").split(";"))
    return MappingProxyType({entry[0]: tuple(entry[1:]) for entry in entries if entry})


_SURNAMES: Final = _table("""
曾 zeng;单 shan;仇 qiu;解 xie;查 zha;区 ou;朴 piao;种 chong;盖 ge;缪 miao;任 ren;华 hua;乐 yue le;员 yun;贠 yun;召 shao
黑 he;洗 xian;冼 xian;覃 qin tan;谌 chen shen;翟 zhai di;折 she;祭 zhai;隗 wei kui;乜 nie;尉 wei yu;郇 xun huan;秘 bi
繁 po;纪 ji;柏 bai;牟 mu mou;能 nai;葛 ge;过 guo;句 gou;阚 kan;郗 xi chi;郄 qie xi;佴 nai;行 xing hang;燕 yan;要 yao
臧 zang;藏 zang;占 zhan;长 chang zhang;朝 chao;都 du;干 gan;宓 mi fu;令 ling;蔚 yu wei;强 qiang jiang;圈 juan;炔 gui
莘 shen xin;盛 sheng cheng;食 si;冯 feng;贾 jia;嵇 ji;亓 qi;系 xi;咸 xian;鲜 xian;仉 zhang;訾 zi;阙 que;钭 tou;么 yao
沈 shen;粘 nian;厍 she;佘 she;费 fei bi;贲 ben;缑 gou;参 shen;车 che;适 kuo;石 shi;宿 su;汤 tang;万 wan;叶 ye;应 ying
殷 yin;相 xiang;晟 cheng sheng;撒 sa;那 na;宁 ning;薄 bo;卜 bu;重 chong;褚 chu;哈 ha;呙 guo;逄 pang;眭 sui;昝 zan
更 geng;教 jiao;矫 jiao;会 gui;稽 ji;塔 ta;脱 tuo;庹 tuo;於 yu;筠 jun yun;俞 yu;甄 zhen;祝 zhu;驺 zou
尉迟 yu-chi;万俟 mo-qi;长孙 zhang-sun;澹台 tan-tai;单于 chan-yu;令狐 ling-hu;子车 zi-ju;鲜于 xian-yu;皇甫 huang-fu
濮阳 pu-yang;相里 xiang-li;叶赫 ye-he;拓跋 tuo-ba;宰父 zai-fu;夹谷 jia-gu;乐正 yue-zheng;亓官 qi-guan;闾丘 lv-qiu
""")
"""How a surname is read; the reading that its character has elsewhere is admitted after these."""
_SEVERAL: Final = _table("""
乐 le yue;长 chang zhang;重 zhong chong;行 xing hang;盛 sheng cheng;晟 sheng cheng;茜 qian xi;朝 chao zhao;藏 cang zang
传 chuan zhuan;调 tiao diao;弹 tan dan;校 xiao jiao;会 hui kuai;降 jiang xiang;解 jie xie;奇 qi ji;强 qiang jiang
扎 zha za;泊 bo po;朴 pu piao;佛 fo fu;参 can shen;莘 shen xin;栖 qi xi;圩 wei xu;嘏 gu jia;瑱 zhen tian;颉 xie jie
恪 ke que;厦 sha xia;谷 gu yu;宿 su xiu;荨 qian xun;车 che ju;裳 chang shang;澄 cheng deng;乘 cheng sheng;禅 chan shan
靓 liang jing;见 jian xian;炅 jiong gui;术 shu zhu;屏 ping bing;伽 jia qie;蔓 man wan;率 shuai lv;卡 ka qia;尉 wei yu
蔚 wei yu;俞 yu shu;省 sheng xing;识 shi zhi;峙 zhi shi;柏 bai bo;便 bian pian;莞 guan wan;纶 lun guan;还 huan hai
叶 ye xie;筠 yun jun;浚 jun xun;杉 shan sha;似 si shi;说 shuo yue;陶 tao yao;拓 tuo ta;娜 na nuo;弄 nong long
脉 mai mo;万 wan mo;鹄 hu gu;纤 xian qian;单 dan shan;曾 zeng ceng;查 cha zha;区 qu ou;合 he ge;翟 zhai di;女 nv
洗 xi xian;铣 xi xian;殖 zhi shi;氏 shi zhi;沈 shen chen;湛 zhan chen;瞿 qu ju;契 qi xie;隗 wei kui;祭 ji zhai
""")
"""Characters of given names with several readings today that begin differently."""


@lru_cache(maxsize=4096)
def readings(name: str) -> tuple[tuple[str, ...], ...]:
    """The admissible readings of a name, each as its syllables in lower case, the likeliest first.

    A character without a known reading stands for itself, and so does a Latin word. At most ``MOST_READINGS``.
    """
    words = readable(name).replace(DOT, "").lower().split()
    alternatives = [choice for word in words for choice in _of_word(word)]
    combined = (tuple(part for piece in chosen for part in piece) for chosen in product(*alternatives))
    return tuple(islice(dict.fromkeys(islice(combined, 4 * MOST_READINGS)), MOST_READINGS))


def _of_word(word: str) -> Iterator[tuple[tuple[str, ...], ...]]:
    """The choices for each piece of a word: its surname, and each character after it."""
    if all(sign < "\u2e80" for sign in word):
        yield ((word,),)
        return
    # Its dictionary takes a tenth of the start of a command.
    from pypinyin import lazy_pinyin

    surname = word[:2] if word[:2] in _SURNAMES else word[:1]
    if surname in _SURNAMES:
        usual = tuple(lazy_pinyin(sign)[0] for sign in surname)
        yield tuple(dict.fromkeys([*(tuple(said.split("-")) for said in _SURNAMES[surname]), usual]))
        word = word[len(surname) :]
    # The dictionary knows words, such as 长乐: its reading comes first, and is one of those that the table has.
    for sign, said in zip(word, lazy_pinyin(word, errors=list), strict=True):  # type: ignore[arg-type]
        yield tuple((syllable,) for syllable in dict.fromkeys([said, *_SEVERAL.get(sign, ())]))
