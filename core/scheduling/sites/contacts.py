"""The people of a site with their telephones (考点主考、技术、医务、安保), for the handbook of an exam day."""

import re
from collections.abc import Sequence
from typing import Final
from uuid import UUID

from core.audit import service as audit
from core.db.session import OfficeSession
from core.errors import Invalid
from core.scheduling.access import must_schedule
from core.scheduling.models.sites import ExamSite
from core.scheduling.sites.service import own_site
from core.seasons.queries import check_not_ended
from core.text.names import readable

MOST: Final = 20
_PARTS: Final = re.compile(r"[\s，,、;；\t]+")
_PHONE: Final = re.compile(r"\+?[0-9][0-9()（）转-]{2,24}")


def read_contacts(written: str) -> list[tuple[str, str, str]]:
    """Duty, name and telephone of each line; Invalid, naming the line, for one that lacks a part."""
    found: list[tuple[str, str, str]] = []
    for number, line in enumerate(written.splitlines(), start=1):
        parts = [part for part in _PARTS.split(line.strip()) if part]
        if not parts:
            continue
        if len(parts) < 3 or not _PHONE.fullmatch(parts[-1]):
            message = f"第{number}行不完整：请依次填写职责、姓名、电话，用逗号或空格隔开，每人一行。"
            raise Invalid("contact_unclear", message, at="contacts")
        found.append((parts[0], readable("".join(parts[1:-1])), parts[-1]))
    if len(found) > MOST:
        raise Invalid("contacts_too_many", f"最多填写{MOST}名联系人，请删减。", at="contacts")
    return found


def written_contacts(site: ExamSite) -> str:
    """The contacts as they are entered, a line each."""
    return "\n".join("，".join(map(str, contact)) for contact in site.contacts)


def state_contacts(session: OfficeSession, site_id: UUID, contacts: Sequence[tuple[str, str, str]]) -> ExamSite:
    """Let these people be the contacts of a site; the former ones are replaced."""
    must_schedule(session)
    site = own_site(session, site_id, locked=True)
    check_not_ended(session, site.year)
    site.contacts = [list(contact) for contact in contacts]
    session.flush()
    audit.record_on(session, site, "site.contacts_stated", people=len(contacts))
    return site
