"""Characters that no font has: named before anything is issued, and on no paper; a folder of fonts brings them."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from core.errors import Conflict
from core.printing import fonts
from core.printing.pdf import pdf
from tests.printing.test_pdf import ROSTER
from tests.printing.tiny_font import write_font
from tests.reading import pages_of

RARE = "\U0002ebf0"
"""Of CJK extension I: no free font has it yet."""


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    """A folder with a font that has the rare character; no longer used afterwards."""
    write_font(tmp_path / "tiny.ttf", RARE)
    yield tmp_path
    fonts.use(None)


def _roster(name: str) -> dict[str, Any]:
    return {**ROSTER, "rows": [["1", name]]}


@pytest.mark.parametrize("name", ["测试甲", "测试𠮷㐱䶮\u9fb4", "测试·阿依古丽", "José Nguyễn", "O'Test-Ting, J."])
def test_usual_and_rare_names_of_the_shipped_font_are_printable(name: str) -> None:
    assert fonts.unprintable(name) == ""


@pytest.mark.parametrize("sign", [RARE, "\U00030000", "\U000323af", "\ue863", "ཀ"])
def test_a_character_without_a_shape_is_named_and_printed_on_no_paper(sign: str) -> None:
    assert fonts.unprintable(f"测{sign}试{sign}") == sign
    with pytest.raises(Conflict) as refusal:
        pdf("roster", _roster(f"测{sign}试"))
    assert refusal.value.code == "paper_unprintable"


def test_everybody_concerned_is_named_with_the_character_and_the_remedy() -> None:
    papers = {"测试甲（LS-1）": ("测试甲", "测试单位"), f"测{RARE}（LS-2）": (f"测{RARE}", "测试单位")}
    assert [str(found) for found in fonts.unprintable_of(papers)] == [f"测{RARE}（LS-2）：“{RARE}”（U+2EBF0）"]
    with pytest.raises(Conflict) as refusal:
        fonts.check_printable(papers, what="发证")
    for said in (f"测{RARE}（LS-2）", "U+2EBF0", "没有发证", "KAOWU_FONTS_DIR"):
        assert said in refusal.value.detail
    assert "LS-1" not in refusal.value.detail


def test_a_folder_of_fonts_brings_what_the_shipped_font_lacks(folder: Path) -> None:
    assert fonts.unprintable(RARE) == RARE
    fonts.use(folder)
    assert fonts.unprintable(f"测{RARE}") == ""
    [page] = pages_of(pdf("roster", _roster(f"测{RARE}")))
    assert f"测{RARE}" in page
