"""The step before an act that reaches what people hold: the officer reads what it will cause, then confirms or not."""

from collections.abc import Callable
from typing import Any

from litestar import Response

from core.audit.dependents import rehearse
from core.db.session import ScopedSession
from core.web.page import form_fields as fields
from core.web.page.rendering import AnyRequest, render


def to_confirm(
    request: AnyRequest,
    session: ScopedSession,
    data: dict[str, Any],
    *,
    act: Callable[[], object],
    title: str,
    about: str,
    back: str,
) -> Response[str] | None:
    """The page that says what an act will cause and sends the same form again; None where the officer has confirmed.

    ``about`` names the thing that it is done to. None as well where the act reaches nothing. A refusal of the act is
    raised here already.
    """
    if fields.text(data, "confirmed") == "true":
        return None
    foreseen = rehearse(session, act)
    if not foreseen.sentence:
        return None
    sent = [
        (name, str(value))
        for name, given in data.items()
        if name not in {"_csrf", "confirmed"}
        for value in (given if isinstance(given, list) else [given])
    ]
    return render(
        request,
        session,
        "scheduling/confirm.html",
        title=title,
        about=about,
        sentence=foreseen.sentence,
        sent=sent,
        back=back,
    )
