"""The list of a door as its page holds it and as a phone fetches it again: with the officer and a token for forms."""

import json
from typing import Any

from core.db.session import OfficeSession
from core.platform import Platform
from core.scheduling.exam_day.door_device import DoorList
from core.web.authentication.csrf import token_for
from core.web.page.rendering import AnyRequest


def kept_by_phone(request: AnyRequest, session: OfficeSession, platform: Platform, listed: DoorList) -> dict[str, Any]:
    """The list with the keys that verify codes, the officer, and the moment; the token is for this page alone."""
    actor = session.actor
    return {
        **listed.as_kept(),
        "keys": list(platform.paper_keys.public),
        "officer": {"id": str(actor.account_id), "name": actor.name},
        "now": session.now.isoformat(),
        "demo": platform.demo is not None,
        "token": token_for(request),
    }


def as_text(kept: dict[str, Any]) -> str:
    """The list as an attribute of the page."""
    return json.dumps(kept, ensure_ascii=False, separators=(",", ":"))
