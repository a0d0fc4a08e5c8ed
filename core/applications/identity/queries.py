"""Reading corrections of names and identity numbers: the person's own, the unit's, and those before an office."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy import Select, select

from core.applications.identity.steps import OPEN, Identity, Kind, State
from core.applications.models import Application
from core.db.retention import ERASED
from core.db.session import OfficeSession, PersonSession, ScopedSession, UnitSession
from core.domain.identity_number import mask
from core.errors import NotFound
from core.identity.models import IdentityCorrection
from core.security.keys import KeyProvider, Place

_GONE: Final = Identity(ERASED, "")
MOST: Final = 200
"""The most corrections that a list shows, the open ones first."""


@dataclass(frozen=True, slots=True)
class CorrectionLine:
    """A correction as its readers see it; the numbers are masked."""

    correction: IdentityCorrection
    old_name: str
    new_name: str
    old_number: str
    new_number: str

    @property
    def kind(self) -> Kind:
        """What is corrected."""
        return Kind(self.correction.kind)


@dataclass(frozen=True, slots=True)
class FormerName:
    """A name that a person had until a moment; ``kind`` tells a change of name from a slip."""

    name: str
    until: datetime
    kind: Kind


def identities(correction: IdentityCorrection, keys: KeyProvider) -> tuple[Identity, Identity]:
    """Name and number before and after; without them once they were erased."""
    if not correction.was:
        return _GONE, _GONE
    was = keys.decrypt(correction.was, Place("identity_corrections", "was", correction.id))
    becomes = keys.decrypt(correction.becomes, Place("identity_corrections", "becomes", correction.id))
    return _read_identity(was), _read_identity(becomes)


def line_of(correction: IdentityCorrection, keys: KeyProvider) -> CorrectionLine:
    """A correction as a list shows it."""
    was, becomes = identities(correction, keys)
    return CorrectionLine(correction, was.name, becomes.name, mask(was.id_number), mask(becomes.id_number))


def correction(session: ScopedSession, correction_id: UUID) -> IdentityCorrection:
    """One correction that the session may see."""
    found = session.get(IdentityCorrection, correction_id)
    if found is None:
        raise NotFound("identity_correction_unknown", "没有找到这项更正，或您无权查看。请返回列表重新选择。")
    return found


def own_corrections(session: PersonSession, keys: KeyProvider) -> list[CorrectionLine]:
    """The person's own corrections, the open one first."""
    return _read(session, _wanted().where(IdentityCorrection.person_id == session.person_id), keys)


def unit_corrections(session: UnitSession, keys: KeyProvider) -> list[CorrectionLine]:
    """The corrections of the unit's people, the open ones first."""
    return _read(session, _wanted().where(IdentityCorrection.unit_id.in_(session.unit_ids)), keys)


def office_corrections(session: OfficeSession, keys: KeyProvider) -> list[CorrectionLine]:
    """The corrections that the office decides or has asked for, the open ones first."""
    before_it = (IdentityCorrection.office_id == session.office_id) & ~IdentityCorrection.at_once
    ours = before_it | (IdentityCorrection.asked_office_id == session.office_id)
    return _read(session, _wanted().where(ours), keys)


def former_names(session: ScopedSession, case: Application, keys: KeyProvider) -> list[FormerName]:
    """The names that the person of a case had before, the latest first, as far as the session sees the corrections."""
    wanted = _wanted().where(
        IdentityCorrection.person_id == case.person_id,
        IdentityCorrection.state == State.GRANTED,
        IdentityCorrection.kind != Kind.NUMBER,
    )
    return [
        FormerName(line.old_name, line.correction.decided_at, line.kind)
        for line in _read(session, wanted, keys)
        if line.correction.decided_at is not None
    ]


def _wanted() -> Select[IdentityCorrection]:
    is_open = IdentityCorrection.state.in_([state.value for state in sorted(OPEN)])
    return select(IdentityCorrection).order_by(~is_open, IdentityCorrection.asked_at.desc()).limit(MOST)


def _read(session: ScopedSession, wanted: Select[IdentityCorrection], keys: KeyProvider) -> list[CorrectionLine]:
    found: Sequence[IdentityCorrection] = session.scalars(wanted).all()
    return [line_of(made, keys) for made in found]


def _read_identity(written: bytes) -> Identity:
    read = json.loads(written)
    return Identity(read["name"], read["id_number"])
