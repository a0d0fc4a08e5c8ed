"""Editions of a form: every save names the edition that it saw, so that older answers never replace newer ones.

The version of an application counts its moves, and a draft is saved many times between two of them. An edition names
both: the version, and the answers that the save would replace.
"""

import hashlib
import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from core.applications import form_steps, forms
from core.applications.models import Application
from core.errors import Conflict, Invalid

STALE = "form_changed"
"""The code of the refusal of a save that saw an older edition."""


@dataclass(frozen=True, slots=True)
class Difference:
    """An answer that has changed since the page was opened: its label, the newer answer, and the typed one."""

    label: str
    newer: str
    typed: str


@dataclass(frozen=True, slots=True)
class Newer:
    """The answer to a page that saw an older edition: the present edition, and the differences."""

    edition: str
    differences: tuple[Difference, ...]


def edition_of(application: Application, items: Collection[str] | None = None) -> str:
    """The present edition of the form, or of some of its answers; it changes with each of them and with each move."""
    form = application.form
    answers = form if items is None else {name: form.get(name) for name in items}
    written = json.dumps(answers, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return f"{application.version}-{hashlib.sha256(written.encode()).hexdigest()[:16]}"


def stale() -> Conflict:
    """The refusal of a save that saw an older edition and would change something."""
    return Conflict(
        STALE,
        "申报表已在别的窗口、别的设备上或由单位改过，这里不是最新内容，本次没有保存。请核对较新的内容后再保存或提交。",
    )


def newer(application: Application, given: Mapping[str, Any], known: Mapping[str, Any]) -> Newer:
    """The present edition of a page's answers, beside the typed ones; ``known`` are the choices of the form."""
    found = []
    for item, value in given.items():
        now, typed = application.form.get(item), value
        try:
            typed = forms.read_draft({item: value}).model_dump(mode="json", exclude_none=True).get(item)
            said = form_steps.written(item, typed, known)
        except Invalid:
            said = str(value)
        if (typed or None) != (now or None):
            found.append(Difference(form_steps.ITEM_LABELS[item], form_steps.written(item, now, known), said))
    return Newer(edition_of(application, given), tuple(found))
