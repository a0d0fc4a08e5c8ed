"""Sends SMS through a gateway that takes JSON over HTTP and an idempotency key; its secret is in no TOML."""

import json
import os
from typing import Any
from urllib.error import HTTPError
from urllib.request import HTTPRedirectHandler, Request, build_opener

from pydantic import BaseModel, HttpUrl, field_validator

from core.plugin_api import Channel, Delivered, Delivery, Gateway, NoticeView, hookimpl

gateway = Gateway(Channel.SMS, idempotent=True)


class Settings(BaseModel, frozen=True):
    """The address of the gateway, and the environment variable with its secret."""

    url: HttpUrl
    secret_in: str = "SMS_GATEWAY_SECRET"  # noqa: S105 - the name of a variable

    @field_validator("url")
    @classmethod
    def _refuse_what_others_could_read(cls, url: HttpUrl) -> HttpUrl:
        if url.scheme != "https" and url.host not in {"127.0.0.1", "localhost"}:
            raise ValueError("numbers, texts and the secret would go out in the clear: write https://")
        return url


class _NoRedirects(HTTPRedirectHandler):
    """Refuses the redirects of a gateway: the secret is for its address alone."""

    def redirect_request(self, *_: Any, **__: Any) -> None:
        """Follow nothing."""


_gateway = build_opener(_NoRedirects)


@hookimpl
def notice_due(notice: NoticeView, *, settings: Settings) -> Delivery:
    """One POST; without an answer nobody knows whether it was taken, and core asks again under the same key."""
    secret = os.environ[settings.secret_in]
    body = json.dumps({"to": notice.address, "text": notice.text}).encode()
    headers = {"Idempotency-Key": notice.message_id, "Authorization": f"Bearer {secret}"}
    headers["Content-Type"] = "application/json"
    try:
        with _gateway.open(Request(str(settings.url), body, headers), timeout=10):  # noqa: S310 - an HttpUrl
            return Delivery(Delivered.SENT)
    except HTTPError as error:
        again = error.code >= 500 or error.code in {408, 409, 425, 429}
        return Delivery(Delivered.LATER if again else Delivered.REFUSED, f"HTTP {error.code}")
    except OSError as error:
        return Delivery(Delivered.UNKNOWN, type(error).__name__)
