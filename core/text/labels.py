"""Values with a Chinese name."""

from enum import StrEnum
from typing import Self


class Labelled(StrEnum):
    """A value and the name that people read, as in ``DRAFT = "draft", "草稿"``."""

    label: str

    def __new__(cls, value: str, label: str = "") -> Self:
        """A member; the label is no part of the value."""
        member = str.__new__(cls, value)
        member._value_, member.label = value, label
        return member
