"""Pure: the kinds and states of a correction of a name or identity number, and the checks of what is asked for.

A person, their unit or an officer asks; one officer examines, a second decides. A unit's own slip about a person whom
nobody else knows yet is put right at once. The notice has no rule for it: why two people,
``docs/decisions/0034`` says.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType

from core.errors import Conflict, Invalid


class Kind(StrEnum):
    """The kinds of correction: a wrong spelling, a change of name (户籍更名), a wrong identity number."""

    SLIP = "slip"
    CHANGED = "changed"
    NUMBER = "number"


class State(StrEnum):
    """The states of a correction."""

    ASKED = "asked"
    EXAMINED = "examined"
    GRANTED = "granted"
    REFUSED = "refused"


KIND_LABELS: Mapping[Kind, str] = MappingProxyType(
    {Kind.SLIP: "姓名录入有误", Kind.CHANGED: "户籍更名", Kind.NUMBER: "身份证号录入有误"}
)
STATE_LABELS: Mapping[State, str] = MappingProxyType(
    {State.ASKED: "等待核对", State.EXAMINED: "已核对，等待决定", State.GRANTED: "已更正", State.REFUSED: "不予更正"}
)
OPEN = frozenset({State.ASKED, State.EXAMINED})


@dataclass(frozen=True, slots=True)
class Identity:
    """A person's name and identity number, before or after; the representation shows neither."""

    name: str = field(repr=False)
    id_number: str = field(repr=False)


def kind_of(text: str) -> Kind:
    """The kind by its code; Invalid for any other text."""
    if text not in frozenset(Kind):
        message = "请选择更正的内容：姓名录入有误、户籍更名，或身份证号录入有误。"
        raise Invalid("correction_kind_missing", message, fields={"kind": message})
    return Kind(text)


def check_differs(was: Identity, becomes: Identity) -> None:
    """Invalid where nothing would change."""
    if was == becomes:
        message = "与目前登记的内容相同，无需更正。请核对后填写正确的姓名或身份证号。"
        raise Invalid("nothing_to_correct", message, fields={"value": message})


def check_step(present: str, needed: State) -> None:
    """Conflict where the correction does not stand where the step begins."""
    if present != needed:
        label = STATE_LABELS[State(present)]
        raise Conflict("correction_elsewhere", f"这项更正目前为“{label}”，不能进行此项操作。请刷新页面查看。")
