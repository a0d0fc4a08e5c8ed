"""The texts that leave the house by SMS and e-mail: which there are, what each may mention, and how it is filled in.

Each office may word them its own way in ``[messages.templates]``; a placeholder that a text does not have is refused
when the files are read, so that no message can fail for its wording when it is due.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from string import Formatter
from types import MappingProxyType

CODE = "code"
"""The text with a one-time code, sent to an address that nobody's account need stand behind."""

NOTICE = "notice"
"""The text by which a notice goes out whose kind has no wording of its own."""

OF_EVERY_TEXT = frozenset({"office", "signature"})
"""What every text may mention: the office's name, and the name under which its messages go out."""


@dataclass(frozen=True, slots=True)
class Template:
    """One text as it is built in: short for SMS, with a subject for e-mail; ``urgent`` ones know no quiet hours."""

    placeholders: frozenset[str]
    sms: str
    subject: str
    email: str
    urgent: bool = False


_OF_NOTICES = Template(
    frozenset({"title", "body"}),
    sms="【{signature}】{title}。{body}",
    subject="{title}",
    email="{body}\n\n{signature}",
)
_KINDS = (
    NOTICE,
    "application.approve",
    "application.return",
    "application.reject",
    "application.confirm",
    "application.clear",
    "application.lapse",
    "application.expire",
    "application.reopen",
    "application.disqualify",
    "reminder.registration",
    "reminder.correction",
    "reminder.deferral",
    "ban_imposed",
    "ban_lifted",
)

TEMPLATES: Mapping[str, Template] = MappingProxyType(
    {
        CODE: Template(
            frozenset({"code", "minutes", "purpose"}),
            sms="【{signature}】验证码{code}，用于{purpose}，{minutes}分钟内有效，请勿告知他人。",
            subject="{signature}验证码",
            email="您的验证码是{code}，用于{purpose}，{minutes}分钟内有效，请勿告知他人。\n\n{signature}",
            urgent=True,
        ),
        **dict.fromkeys(_KINDS, _OF_NOTICES),
    }
)
"""Every text that an office can word, by its name: the kind of a notice, or what it is for."""


def template_of(kind: str) -> Template:
    """The built-in text of this name; of a notice whose kind has none of its own, that of every notice."""
    return TEMPLATES.get(kind, TEMPLATES[NOTICE])


def unknown_placeholders(text: str, template: Template) -> list[str]:
    """What ``text`` mentions that ``template`` does not have, in order; ValueError where its braces do not match."""
    named = [name for _, name, _, _ in _parsed(text) if name is not None]
    return sorted(set(named) - template.placeholders - OF_EVERY_TEXT)


def fill(text: str, values: Mapping[str, str]) -> str:
    """The text with its values put in, each as it is: braces in a value mean nothing."""
    return "".join(before + (values[name] if name is not None else "") for before, name, _, _ in _parsed(text))


def _parsed(text: str) -> list[tuple[str, str | None, str | None, str | None]]:
    parts = list(Formatter().parse(text))
    for _, name, form, conversion in parts:
        if name is not None and (form or conversion or not name.isidentifier()):
            raise ValueError(f"{{{name}}} is no plain placeholder such as {{title}}")
    return parts
