"""Pure: the texts of SMS and e-mail: every text, its placeholders, and how it is filled in.

Each office may replace a text in ``[messages.templates]``; an unknown placeholder is refused when the files are read,
so that no message fails for its wording when it is due.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from string import Formatter

CODE = "code"
"""The text with a one-time code, also for an address without an account."""

NOTICE = "notice"
"""The text of every notice whose kind has no text of its own."""

OBJECTION_ANSWERED = "objection_answered"
"""The answer to an objection, for the objector's own number."""

OF_EVERY_TEXT = frozenset({"office", "signature"})
"""The placeholders of every text: the office's name, and the name under which its messages are sent."""


@dataclass(frozen=True, slots=True)
class Template:
    """One text as it is built in: short for SMS, with a subject for e-mail; ``urgent`` ones know no quiet hours."""

    placeholders: frozenset[str]
    sms: str
    subject: str
    email: str
    urgent: bool = False


_OF_NOTICES = Template(
    frozenset({"title", "body"}), sms="【{signature}】{title}。{body}", subject="{title}", email="{body}\n\n{signature}"
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
    "draft_waits",
    "reminder.owed",
    "reminder.registration",
    "reminder.correction",
    "reminder.deferral",
    "ban_imposed",
    "ban_lifted",
)

TEMPLATES: Mapping[str, Template] = {
    CODE: Template(
        frozenset({"code", "minutes", "purpose"}),
        sms="【{signature}】验证码{code}，用于{purpose}，{minutes}分钟内有效，请勿告知他人。",
        subject="{signature}验证码",
        email="您的验证码是{code}，用于{purpose}，{minutes}分钟内有效，请勿告知他人。\n\n{signature}",
        urgent=True,
    ),
    OBJECTION_ANSWERED: Template(
        frozenset({"receipt", "verdict", "reason"}),
        sms="【{signature}】您提出的公示异议（编号{receipt}）经核查：{verdict}。理由：{reason}",
        subject="公示异议答复",
        email="您提出的公示异议（编号{receipt}）经核查：{verdict}。理由：{reason}\n\n{signature}",
    ),
    **dict.fromkeys(_KINDS, _OF_NOTICES),
}
"""Every text that an office can replace, by its name: the kind of a notice, or its purpose."""


def template_of(kind: str) -> Template:
    """The built-in text of this name, or ``NOTICE`` for a kind without a text of its own."""
    return TEMPLATES.get(kind, TEMPLATES[NOTICE])


def unknown_placeholders(text: str, template: Template) -> list[str]:
    """The placeholders in ``text`` that ``template`` does not have, sorted; ValueError for unmatched braces."""
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
