"""The families of refusal, free of any web framework: six that are the asker's to mend, and one that is ours.

A message is read by the person who was refused: it says, in Chinese, what is wrong and what to do. ``code`` is for
programs and tests; it never changes once published.
"""

from __future__ import annotations


class KaowuError(Exception):
    """A refusal that has an explanation for the person who asked."""

    def __init__(self, code: str, detail: str, *, fields: dict[str, str] | None = None) -> None:
        super().__init__(detail)
        self.code = code
        self.detail = detail
        self.fields = fields or {}


class NotFound(KaowuError):
    """The thing does not exist, or is not the asker's to know about (404)."""


class Unauthenticated(KaowuError):
    """Nobody is known by what was presented: no token, or one that does not hold (any more) (401)."""


class Forbidden(KaowuError):
    """The asker is known, but may not do this (403)."""


class Conflict(KaowuError):
    """Somebody else was faster, or the thing is no longer in a state that allows this (409)."""


class TooMany(KaowuError):
    """Too often in too short a time; ``retry_after`` says in how many seconds it may be tried again (429)."""

    def __init__(self, code: str, detail: str, *, retry_after: int) -> None:
        super().__init__(code, detail)
        self.retry_after = retry_after


class Invalid(KaowuError):
    """What was sent cannot be accepted as it is; ``fields`` maps a form field to what is wrong with it (422)."""


class Unavailable(KaowuError):
    """The office cannot answer just now, through no fault of the asker; nothing was saved (503)."""


class PluginError(Unavailable):
    """A plugin of ``office`` failed, was late, or answered what the province does not allow.

    ``reason`` is English and for operators; ``detail`` is what the person reads. ``hook`` is ``registration`` where
    the plugin, or one that its office takes over from the level above, could not even be registered.
    """

    def __init__(self, office: str, plugin: str, hook: str, reason: str) -> None:
        super().__init__(
            "plugin_error",
            f"本机构的业务规则程序（{plugin}）暂时不能给出结果，本次操作没有保存。请稍后再试；"
            "如仍不成功，请联系受理机构的工考管理人员，由其在“运行状况”中查看原因。",
        )
        self.office, self.plugin, self.hook, self.reason = office, plugin, hook, reason

    def __str__(self) -> str:
        return f"office {self.office}, plugin {self.plugin}, hook {self.hook}: {self.reason}"


class PluginNotAskedError(PluginError):
    """A plugin was left alone, after too many failures or because its office is closed: it has surely done nothing."""


class ConfigurationError(Exception):
    """An operator's file is wrong. The message is English and names the file, the key and the remedy."""
