"""Files of a page's form: found by their field, and closed whatever the answer."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, cast

from litestar.datastructures import FormMultiDict, UploadFile
from litestar.enums import ScopeType
from litestar.middleware import ASGIMiddleware
from litestar.types import ASGIApp, Empty, Receive, Scope, Send
from litestar.utils.scope.state import ScopeState

from core.errors import Invalid


class FormFiles(ASGIMiddleware):
    """Closes the files of a page's form, whatever the answer.

    Litestar does so after an answer, and leaves them to the garbage collector after a refusal.
    """

    scopes = (ScopeType.HTTP,)

    async def handle(self, scope: Scope, receive: Receive, send: Send, next_app: ASGIApp) -> None:
        """Pass the request on."""
        try:
            await next_app(scope, receive, send)
        finally:
            form = ScopeState.from_scope(scope).form
            if form is not Empty:
                await FormMultiDict.from_form_data(cast("dict[str, Any]", form)).close()


@contextmanager
def chosen_file(data: Mapping[str, Any], name: str = "file") -> Iterator[UploadFile]:
    """The file that a page's form sent under ``name``, closed afterwards. Raises Invalid where none was chosen."""
    sent = data.get(name)
    if not isinstance(sent, UploadFile):
        raise _nothing_chosen(name)
    with sent.file:
        if not sent.filename:
            raise _nothing_chosen(name)
        yield sent


def _nothing_chosen(name: str) -> Invalid:
    return Invalid("document_empty", "请先选择文件，或用手机拍照。", at=name)
