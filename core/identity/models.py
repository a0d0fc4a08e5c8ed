"""People, accounts, the roles they hold, and what they sign in with: passwords, second factors, sessions, tokens."""

import uuid
from datetime import date, datetime

from sqlalchemy import ARRAY, CheckConstraint, ForeignKey, Index, LargeBinary, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from core.audit.service import RecordSubject
from core.db.base import Base, KeyedRow, OfficeRow, only_one
from core.db.sealed import LookupHash, Sealed


class Person(KeyedRow):
    """A natural person, once in the whole province: found by a keyed hash of the identity number, never by the number.

    ``id_number`` and ``phone`` are AES-256-GCM, bound to this table, column and row; ``id_tail`` keeps the last four
    characters for look-up at the desk.
    """

    __tablename__ = "persons"

    id_hash: Mapped[bytes] = mapped_column(LookupHash(of="id_number"), unique=True)
    id_number: Mapped[bytes] = mapped_column(Sealed)
    id_tail: Mapped[str]
    name: Mapped[str]
    birth_date: Mapped[date]
    sex: Mapped[str]
    phone: Mapped[bytes | None] = mapped_column(Sealed)
    created_at: Mapped[datetime]


class Contact(Base):
    """The contact settings of a person: an e-mail address, once confirmed, and the preferred channel.

    Both addresses are AES-256-GCM, bound to this row, whose id is the person's; only a keyed hash of the code is kept.
    """

    __tablename__ = "contacts"
    __table_args__ = (CheckConstraint("prefers IN ('sms', 'email')", name="way_is_known"),)

    id: Mapped[uuid.UUID] = mapped_column(ForeignKey("persons.id"), primary_key=True)
    email: Mapped[bytes | None] = mapped_column(Sealed)
    prefers: Mapped[str]
    pending_email: Mapped[bytes | None] = mapped_column(Sealed)
    code_hash: Mapped[bytes | None]
    code_expires_at: Mapped[datetime | None]
    tries_left: Mapped[int] = mapped_column(default=0)


class IdentityCorrection(OfficeRow):
    """A correction of a person's name or identity number (更正姓名、身份证号), with its reason and both values.

    ``was`` and ``becomes`` are the name and number before and after, as JSON, AES-256-GCM, bound to this row. One
    officer examines it and a second decides; ``at_once`` marks a unit's own slip about a person whom nobody else knew
    yet. ``office_id`` is the office that counts the person's newest case, whose tickets and certificates follow.
    """

    __tablename__ = "identity_corrections"
    __table_args__ = (
        CheckConstraint("kind IN ('slip', 'changed', 'number')", name="kind_is_known"),
        CheckConstraint("state IN ('asked', 'examined', 'granted', 'refused')", name="state_is_known"),
        CheckConstraint("btrim(reason) <> ''", name="has_a_reason"),
        CheckConstraint("num_nulls(examined_at, examined_by) IN (0, 2)", name="examination_is_signed"),
        CheckConstraint("num_nulls(decided_at, decided_by) IN (0, 2)", name="decision_is_signed"),
        CheckConstraint("(state IN ('granted', 'refused')) = (decided_at IS NOT NULL)", name="decided_when_settled"),
        CheckConstraint(
            "state IN ('asked', 'examined') OR at_once OR (examined_by IS NOT NULL AND decided_by <> examined_by)",
            name="two_people",
        ),
        CheckConstraint("NOT at_once OR state = 'granted'", name="at_once_is_settled"),
        CheckConstraint("state <> 'refused' OR btrim(remark) <> ''", name="refused_for_a_reason"),
        only_one("uq_identity_corrections_one_open", "person_id", where="state IN ('asked', 'examined')"),
        Index("ix_identity_corrections_office_id", "office_id", "state", "asked_at"),
    )

    person_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("persons.id"), index=True)
    unit_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("units.id"), index=True)
    application_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("applications.id"), index=True)
    kind: Mapped[str]
    was: Mapped[bytes] = mapped_column(Sealed)
    becomes: Mapped[bytes] = mapped_column(Sealed)
    reason: Mapped[str]
    evidence: Mapped[str] = mapped_column(default="")
    state: Mapped[str]
    at_once: Mapped[bool] = mapped_column(default=False)
    asked_at: Mapped[datetime]
    asked_by: Mapped[uuid.UUID]
    asked_on_behalf: Mapped[uuid.UUID | None]
    asked_by_name: Mapped[str]
    asked_office_id: Mapped[str | None] = mapped_column(ForeignKey("offices.id"))
    examined_at: Mapped[datetime | None]
    examined_by: Mapped[uuid.UUID | None]
    examined_on_behalf: Mapped[uuid.UUID | None]
    examined_by_name: Mapped[str] = mapped_column(default="")
    examination: Mapped[str] = mapped_column(default="")
    decided_at: Mapped[datetime | None]
    decided_by: Mapped[uuid.UUID | None]
    decided_by_name: Mapped[str] = mapped_column(default="")
    remark: Mapped[str] = mapped_column(default="")
    carried_out_at: Mapped[datetime | None]

    @property
    def recorded(self) -> RecordSubject:
        """The subject of its entries on the record: the case where there is one. No personal value is told."""
        told = {"correction": str(self.id), "kind": self.kind}
        if self.application_id is None:
            return RecordSubject(self.office_id, "person", self.person_id, told)
        return RecordSubject(self.office_id, "application", self.application_id, told)


class Account(KeyedRow):
    """An account that can sign in. ``issued_by_office_id`` is None for applicants, who register themselves."""

    __tablename__ = "accounts"

    login: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    person_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("persons.id"))
    issued_by_office_id: Mapped[str | None] = mapped_column(ForeignKey("offices.id"), index=True)
    created_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]


class RoleGrant(KeyedRow):
    """A role held in an office or a unit, from a moment until another; half-open."""

    __tablename__ = "role_grants"
    __table_args__ = (
        CheckConstraint("num_nonnulls(office_id, unit_id) <= 1", name="held_in_one_place"),
        Index("ix_role_grants_account_id", "account_id"),
    )

    account_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("accounts.id"))
    role: Mapped[str]
    office_id: Mapped[str | None] = mapped_column(ForeignKey("offices.id"))
    unit_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("units.id"))
    granted_by_office_id: Mapped[str | None] = mapped_column(ForeignKey("offices.id"))
    valid_from: Mapped[datetime]
    valid_until: Mapped[datetime | None]


class ActingGrant(KeyedRow):
    """A deputy for a colleague on leave: in that colleague's role, with these ``permissions``, half-open.

    It ends with its last day, when it is taken back, or with the colleague's own role. The names are those of the day,
    for lists.
    """

    __tablename__ = "acting_grants"
    __table_args__ = (
        CheckConstraint("valid_from < valid_until", name="dates_are_in_order"),
        CheckConstraint("cardinality(permissions) > 0", name="permits_something"),
        CheckConstraint("(ended_at IS NULL) = (ended_by IS NULL)", name="ended_by_somebody"),
    )

    grant_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("role_grants.id"), index=True)
    absent_name: Mapped[str]
    deputy_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("accounts.id"), index=True)
    deputy_name: Mapped[str]
    permissions: Mapped[list[str]]
    reason: Mapped[str]
    valid_from: Mapped[datetime]
    valid_until: Mapped[datetime]
    made_by: Mapped[uuid.UUID]
    made_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    ended_by: Mapped[uuid.UUID | None]


class ApiToken(KeyedRow):
    """A bearer token, kept as its SHA-256; the token itself is shown once.

    ``permissions`` lists what it may change: None for all that its account may, an empty list for a read-only token.
    """

    __tablename__ = "api_tokens"

    token_hash: Mapped[bytes] = mapped_column(unique=True)
    account_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("accounts.id"), index=True)
    permissions: Mapped[list[str] | None]
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]


class Password(KeyedRow):
    """A password as its Argon2id hash. Rows never change: the newest password of an account holds.

    An ``initial`` password was given by an office and is good only for choosing another.
    """

    __tablename__ = "passwords"

    account_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("accounts.id"), index=True)
    hash: Mapped[str]
    initial: Mapped[bool]
    set_at: Mapped[datetime]


class SecondFactor(KeyedRow):
    """An account's authenticator app (TOTP). It counts from ``confirmed_at`` on, when its first code was entered.

    ``secret`` is AES-256-GCM, bound to this row; ``last_step`` is the newest time step that a code was accepted for;
    ``recovery_codes`` holds digests, each of which goes when it is used.
    """

    __tablename__ = "second_factors"

    account_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("accounts.id"), unique=True)
    secret: Mapped[bytes] = mapped_column(Sealed)
    created_at: Mapped[datetime]
    confirmed_at: Mapped[datetime | None]
    last_step: Mapped[int | None]
    recovery_codes: Mapped[list[bytes]] = mapped_column(ARRAY(LargeBinary))


class FactorRemoval(OfficeRow):
    """A proposal to take an account's second factor away: one officer proposes, a second one decides.

    ``office_id`` is the office that issued the account; ``for_superior`` says that nobody else there may decide, so
    that the office above is asked. It ends by the second officer, by the proposer, by the owner who signs in with the
    factor (``withdrawn``, decided by the owner), or at ``expires_at``.
    """

    __tablename__ = "factor_removals"
    __table_args__ = (
        CheckConstraint("ground IN ('phone_lost', 'phone_changed', 'app_fails', 'other')", name="ground_is_known"),
        CheckConstraint("state IN ('proposed', 'granted', 'refused', 'withdrawn', 'expired')", name="state_is_known"),
        CheckConstraint("btrim(reason) <> ''", name="has_a_reason"),
        CheckConstraint("num_nulls(decided_at, decided_by) IN (0, 2)", name="decision_is_signed"),
        CheckConstraint("(state IN ('proposed', 'expired')) = (decided_at IS NULL)", name="decided_when_settled"),
        CheckConstraint("proposed_by <> account_id", name="not_for_oneself"),
        CheckConstraint(
            "state NOT IN ('granted', 'refused')"
            " OR (decided_by <> proposed_by AND decided_by <> account_id AND decided_at < expires_at)",
            name="two_people",
        ),
        CheckConstraint("state <> 'refused' OR btrim(remark) <> ''", name="refused_for_a_reason"),
        only_one("uq_factor_removals_one_open", "account_id", where="state = 'proposed'"),
        Index("ix_factor_removals_account_id", "account_id", "decided_at"),
        Index("ix_factor_removals_office_id", "office_id", "state", "proposed_at"),
    )

    account_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("accounts.id"))
    account_name: Mapped[str]
    unit_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("units.id"), index=True)
    told_office_id: Mapped[str | None] = mapped_column(ForeignKey("offices.id"))
    for_superior: Mapped[bool]
    ground: Mapped[str]
    reason: Mapped[str]
    state: Mapped[str]
    proposed_at: Mapped[datetime]
    proposed_by: Mapped[uuid.UUID]
    proposed_on_behalf: Mapped[uuid.UUID | None]
    proposed_by_name: Mapped[str]
    expires_at: Mapped[datetime]
    decided_at: Mapped[datetime | None]
    decided_by: Mapped[uuid.UUID | None]
    decided_by_name: Mapped[str] = mapped_column(default="")
    remark: Mapped[str] = mapped_column(default="")

    @property
    def recorded(self) -> RecordSubject:
        """The subject of its entries on the record: the account."""
        told = {"removal": str(self.id), "ground": self.ground}
        return RecordSubject(self.office_id, "account", self.account_id, told)


class BrowserSession(KeyedRow):
    """A session of a browser; only the SHA-256 of the token in its cookie is kept.

    ``awaits`` is the step that comes before anything else (core.identity.sign_in.sessions.Awaited), None when none is
    left; ``grant_id`` is the chosen role, the account's own or a colleague's whose deputy it is.
    """

    __tablename__ = "browser_sessions"

    token_hash: Mapped[bytes] = mapped_column(unique=True)
    account_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("accounts.id"), index=True)
    awaits: Mapped[str | None]
    grant_id: Mapped[uuid.UUID | None]
    created_at: Mapped[datetime]
    seen_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    address: Mapped[str]
    device: Mapped[str]


class FailedAttempts(Base):
    """Failed attempts in a row, under a keyed hash of the name that was tried, or of the address.

    ``account_id`` is set where the name is that of an account, so that its office can unlock it.
    """

    __tablename__ = "failed_attempts"

    subject: Mapped[bytes] = mapped_column(primary_key=True)
    account_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("accounts.id"), index=True)
    count: Mapped[int]
    last_at: Mapped[datetime] = mapped_column(index=True)
    blocked_until: Mapped[datetime | None]


class PhoneCode(KeyedRow):
    """A code that was sent to a mobile number, and the form that waits for it.

    Only a keyed hash of the code is kept. ``sealed`` is the form, AES-256-GCM, bound to this row.
    """

    __tablename__ = "phone_codes"

    purpose: Mapped[str]
    code_hash: Mapped[bytes]
    sealed: Mapped[bytes] = mapped_column(Sealed)
    tries_left: Mapped[int]
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime] = mapped_column(index=True)
    used_at: Mapped[datetime | None]


class IdempotencyKey(KeyedRow):
    """The answer to a write, kept with the write itself, so that a repeated request is done once."""

    __tablename__ = "idempotency_keys"
    __table_args__ = (UniqueConstraint("account_id", "key"),)

    account_id: Mapped[uuid.UUID]
    key: Mapped[str]
    request_digest: Mapped[bytes]
    status: Mapped[int]
    response: Mapped[bytes] = mapped_column(Sealed)
    created_at: Mapped[datetime] = mapped_column(index=True)


class Reveal(KeyedRow):
    """One reveal of a full number: to whom, of which case or form, and why. Insert-only."""

    __tablename__ = "reveals"
    __table_args__ = (
        CheckConstraint("btrim(reason) <> ''", name="has_a_reason"),
        CheckConstraint("field IN ('id_number', 'phone')", name="field_is_known"),
        CheckConstraint(
            "ground IN ('compare', 'call', 'correction', 'exam', 'complaint', 'authority', 'other')",
            name="ground_is_known",
        ),
        Index("ix_reveals_account_id", "account_id", "at"),
        Index("ix_reveals_subject", "subject_type", "subject_id"),
    )

    office_id: Mapped[str] = mapped_column(ForeignKey("offices.id"), index=True)
    account_id: Mapped[uuid.UUID]
    account_name: Mapped[str] = mapped_column(default="")
    subject_type: Mapped[str]
    subject_id: Mapped[uuid.UUID]
    field: Mapped[str]
    ground: Mapped[str] = mapped_column(default="other")
    reason: Mapped[str]
    at: Mapped[datetime]


class Allowance(Base):
    """The used part of the allowance of an address or account; it is whole again at ``whole_at``.

    ``key`` is a keyed hash, so that the table names no address and no account. Unlogged: a crash of the database resets
    every allowance.
    """

    __tablename__ = "allowances"
    __table_args__ = {"prefixes": ["UNLOGGED"]}  # noqa: RUF012 - SQLAlchemy reads it from the class

    key: Mapped[bytes] = mapped_column(primary_key=True)
    whole_at: Mapped[datetime]
