"""The register of bans, asked by an identity number in full: for supervisors, with a reason, and on the record."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import bindparam, text
from sqlalchemy.types import LargeBinary

from core.audit import service as audit
from core.clock import SHANGHAI
from core.db.session import OfficeSession, ProvinceSession
from core.domain import identity_number
from core.errors import Invalid
from core.identity.reveals import Ground
from core.security.keys import KeyProvider

GROUNDS: Final = (Ground.COMPARE, Ground.COMPLAINT, Ground.AUTHORITY)
"""Why somebody is looked up: the reasons of the list that fit. A text of one's own could name people on the record."""

_BANS = text("SELECT name, begins, ends, lifted_at, office_id FROM bans_of_number(:hash)").bindparams(
    bindparam("hash", type_=LargeBinary)
)


@dataclass(frozen=True, slots=True)
class KnownBan:
    """A ban of any office, as far as a supervisor of another one is told of it: when it holds, and who decided."""

    name: str
    begins: datetime
    ends: datetime
    lifted_at: datetime | None
    office_id: str


def look_up(
    session: OfficeSession | ProvinceSession, id_number: str, *, ground: str, keys: KeyProvider
) -> tuple[KnownBan, ...]:
    """The bans of the person with this number, of every office, the one that ends last first; none for an unknown one.

    Raises Invalid without a reason of the list, and as ``identity_number.parse`` does.
    """
    if ground not in {known.value for known in GROUNDS}:
        raise Invalid("ban_search_ground", "请选择查询的理由，查询将记入办理记录。", at="ground")
    number = identity_number.parse(id_number, today=session.now.astimezone(SHANGHAI).date())
    rows = session.execute(_BANS, {"hash": keys.lookup_hash(number.value)}).all()
    audit.record(
        session,
        "ban.looked_up",
        office_id=session.office_id,
        subject_type="office",
        subject_id=session.office_id,
        payload={"ground": ground, "tail": number.value[-4:], "found": len(rows)},
    )
    return tuple(KnownBan(*row) for row in rows)
