"""The kinds of refusal, free of any web framework: six that the asker can correct, and one that the operator must.

The refused person reads the message: it says, in Chinese, what is wrong and what to do. ``code`` is for programs and
tests; it never changes once published.
"""


class KaowuError(Exception):
    """A refusal with an explanation for the asker; ``at`` names the one field that all of it is about."""

    def __init__(self, code: str, detail: str, *, fields: dict[str, str] | None = None, at: str = "") -> None:
        super().__init__(detail)
        self.code = code
        self.detail = detail
        self.fields = fields or ({at: detail} if at else {})


class NotFound(KaowuError):
    """The thing does not exist, or the asker may not know of it (404)."""


class Unauthenticated(KaowuError):
    """The request has no token, or one that is not valid (401)."""


class Forbidden(KaowuError):
    """The asker is signed in, but may not do this (403)."""


class Conflict(KaowuError):
    """Another request was faster, or the state of the thing does not allow this (409)."""


class TooMany(KaowuError):
    """Too many requests in too short a time; ``retry_after`` is the wait in seconds until the next try (429)."""

    def __init__(self, code: str, detail: str, *, retry_after: int) -> None:
        super().__init__(code, detail)
        self.retry_after = retry_after


class Invalid(KaowuError):
    """The data of the request is invalid; ``fields`` maps a form field to its message (422)."""


class Unavailable(KaowuError):
    """The office cannot answer now, through no fault of the asker; nothing was saved (503)."""


class PluginError(Unavailable):
    """A plugin of ``office`` failed, was late, or answered what the province does not allow.

    ``reason`` is English and for operators; ``detail`` is for the asker. ``hook`` is ``registration`` where the plugin,
    or one of the level above, could not be registered.
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
    """A plugin was not called, after too many failures or because its office is closed: it has done nothing."""


class ConfigurationError(Exception):
    """An operator's file is faulty. The message is English and names the file, the key and the remedy."""
