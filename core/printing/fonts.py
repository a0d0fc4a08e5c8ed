"""The fonts of papers: the shipped one and those in a folder of the machine; and the characters that none of them has.

Papers are PDF/A-2b (ISO 19005-2), which has no room for a character without a shape: typst then refuses the whole
document. So a box never gets on a paper, and what would be refused can be asked before anything is issued.
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import manimgx_fonts_cjk
import typst

from core.errors import Conflict

STANDARD: Final = "a-2b"
NO_SHAPE: Final = "could not be displayed"
"""What typst says of a character that no font has."""
REMEDY: Final = (
    "请先核对是否录入有误，有误的办理更正；无误的，请系统管理员把含有这些字的字体"
    "放入字体文件夹（KAOWU_FONTS_DIR），重新启动后再办。"
)
_PROBE: Final = (
    b'#set text(font: "Noto Sans CJK SC", lang: "zh", region: "cn")\n#for sign in json("signs.json") [#sign\\ ]'
)
_TOLD: Final = 20
_MANY: Final = 100
"""From this number of pictures in a document on it matters that typst keeps them: 500 tickets are 100 MB."""
_FORGETTING: Final = 5
"""Empty documents, 20 ms each, after a large one; the shapes of fonts, which the next part needs, outlive them."""


@dataclass(frozen=True, slots=True)
class Unprintable:
    """A person, or another subject, in whose texts there are characters that no font has."""

    about: str
    signs: str

    def __str__(self) -> str:
        return f"{self.about}：{'、'.join(f'“{sign}”（U+{ord(sign):04X}）' for sign in self.signs)}"


class _Fonts:
    """What this process prints with; read once, for the fonts are large."""

    def __init__(self) -> None:
        self.folder: Path | None = None
        self.read: typst.Fonts | None = None
        self.printable: dict[str, bool] = {}


_OURS: Final = _Fonts()


def use(folder: Path | None) -> None:
    """Print with the fonts of this folder as well, where the shipped one lacks a character."""
    if folder != _OURS.folder:
        _OURS.folder, _OURS.read, _OURS.printable = folder, None, {}


def fonts() -> typst.Fonts:
    """The fonts, for typst."""
    if _OURS.read is None:
        shipped = Path(manimgx_fonts_cjk.__file__).parent
        folders = [shipped] if _OURS.folder is None else [shipped, _OURS.folder]
        _OURS.read = typst.Fonts(include_system_fonts=False, font_paths=folders)
    return _OURS.read


def compiled(source: Any, *, pictures: int = 0, **more: Any) -> bytes:
    """A PDF by typst, with so many ``pictures`` on it.

    Raises Conflict, code ``paper_unprintable``, where a character on it has no shape.
    """
    try:
        made = typst.compile(source, font_paths=fonts(), pdf_standards=STANDARD, **more)
    except typst.TypstError as error:
        if NO_SHAPE not in str(error):
            raise
        raise Conflict(
            "paper_unprintable", f"这份材料中有现有字体没有的字，打印出来会是方框，因此没有生成。{REMEDY}"
        ) from error
    assert isinstance(made, bytes)  # noqa: S101 - one PDF is one file
    if pictures > _MANY:
        _let_go()
    return made


def _let_go() -> None:
    """Make typst forget the pictures: it keeps everything that its last ten documents used."""
    empty: Any = {"main.typ": b""}
    for _ in range(_FORGETTING):
        typst.compile(empty, font_paths=fonts())


def unprintable(text: str) -> str:
    """The characters of a text that no font has, each once."""
    known = _OURS.printable
    new = "".join(sorted(set(text) - known.keys()))
    if new:
        lacking = set(_without_shape(new))
        known.update((sign, sign not in lacking) for sign in new)
    return "".join(dict.fromkeys(sign for sign in text if not known[sign]))


def unprintable_of(papers: Mapping[str, Iterable[str]]) -> list[Unprintable]:
    """Who has a character that no font has: ``papers`` are the texts that are printed, by name and number."""
    texts = {about: "".join(written) for about, written in papers.items()}
    unprintable("".join(texts.values()))
    return [Unprintable(about, signs) for about, text in texts.items() if (signs := unprintable(text))]


def check_printable(papers: Mapping[str, Iterable[str]], *, what: str) -> None:
    """Conflict, code ``paper_unprintable``, naming everybody with a character that no font has."""
    if found := unprintable_of(papers):
        listed = "；".join(map(str, found[:_TOLD]))
        more = f"等{len(found)}人" if len(found) > _TOLD else ""
        message = f"有现有字体没有的字，打印出来会是方框，因此没有{what}：{listed}{more}。{REMEDY}"
        raise Conflict("paper_unprintable", message)


def _without_shape(signs: str) -> Iterator[str]:
    """Those of the characters that typst refuses, by halves: almost always it refuses none."""
    seen = [sign for sign in signs if not sign.isspace()]
    if not seen:
        return
    try:
        probe: Any = {"main.typ": _PROBE, "signs.json": json.dumps(seen).encode()}
        typst.compile(probe, font_paths=fonts(), pdf_standards=STANDARD)
    except typst.TypstError as error:
        if NO_SHAPE not in str(error):
            raise
        if len(seen) == 1:
            yield seen[0]
            return
        yield from _without_shape("".join(seen[: len(seen) // 2]))
        yield from _without_shape("".join(seen[len(seen) // 2 :]))
