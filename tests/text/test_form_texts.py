"""Texts that people write: trimmed, of limited length, and never of signs that nobody sees."""

import pytest

from core.errors import Invalid
from core.text.form_texts import LONGEST, checked_text, required_text


@pytest.mark.parametrize("unseen", ["", "  \n", "\u200b", " \ufeff\u2060 \u200d"])
def test_a_text_that_nobody_sees_is_none(unseen: str) -> None:
    assert checked_text(unseen) == ""
    with pytest.raises(Invalid, match="请写明理由"):
        required_text(unseen, "请写明理由。")


def test_a_text_is_trimmed_and_keeps_what_stands_inside() -> None:
    assert checked_text(" 第一行\n\u200b第二行 ") == "第一行\n\u200b第二行"


def test_a_text_has_a_limit_which_it_may_reach() -> None:
    assert checked_text("长" * LONGEST + "\n") == "长" * LONGEST
    with pytest.raises(Invalid) as refused:
        checked_text("长" * (LONGEST + 1), field="words")
    assert set(refused.value.fields) == {"words"}
