"""The settings of the machine: database, keys, files, and the address to listen on.

Every setting is an environment variable with the prefix ``KAOWU_``. The settings of offices are in the TOML files under
``tenants/``. A ``Settings()`` is built once, at each composition root, and handed on.
"""

import difflib
import os
from collections.abc import Iterable
from ipaddress import IPv4Network, IPv6Network
from pathlib import Path
from typing import Annotated, Any, Final, Literal, Self
from urllib.parse import parse_qs, urlsplit

from pydantic import AfterValidator, BeforeValidator, Field, SecretStr, ValidationError, model_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from core.errors import ConfigurationError
from core.logs import Level

PREFIX = "KAOWU_"
ROOT = Path(__file__).resolve().parent.parent

_HERE: Final = frozenset({"", "127.0.0.1", "::1", "localhost"})
_VOUCHED_FOR: Final = frozenset({"verify-full", "verify-ca"})

Folder = Annotated[Path, AfterValidator(lambda path: path.expanduser().resolve())]


def _database_url(url: SecretStr | None) -> SecretStr | None:
    """Accept an address in libpq's form, and name the driver. Over a network the server must prove its identity."""
    if url is None:
        return None
    scheme, separator, rest = url.get_secret_value().partition("://")
    if not separator or scheme not in {"postgresql", "postgres", "postgresql+psycopg"}:
        raise ValueError("write the address as postgresql://USER:PASSWORD@HOST:PORT/DATABASE")
    address = urlsplit(url.get_secret_value())
    said = parse_qs(address.query)
    host = said.get("host", [address.hostname or ""])[-1]
    if host not in _HERE and not host.startswith("/") and not _VOUCHED_FOR.issuperset(said.get("sslmode", [""])):
        raise ValueError("the database is on another machine: add ?sslmode=verify-full&sslrootcert=... to its address")
    return SecretStr(f"postgresql+psycopg://{rest}")


def _listed(value: object) -> object:
    """The list of an environment variable's values, which commas separate."""
    return [part.strip() for part in value.split(",") if part.strip()] if isinstance(value, str) else value


def _endpoint(address: str | None) -> str | None:
    """Accept the address of a store over TLS or on this machine."""
    if address is not None:
        parts = urlsplit(address)
        if parts.scheme != "https" and (parts.scheme != "http" or parts.hostname not in _HERE):
            raise ValueError("the store is on another machine: write its address as https://HOST")
    return address


Networks = Annotated[tuple[IPv4Network | IPv6Network, ...], NoDecode, BeforeValidator(_listed)]
DatabaseUrl = Annotated[SecretStr | None, AfterValidator(_database_url)]


class Settings(BaseSettings):
    """The settings of this machine. An invalid value or an unknown name refuses the start."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, frozen=True, env_ignore_empty=True, extra="forbid")

    data_dir: Folder = Field(default=ROOT / "var", description="Holds everything that Kaowu writes.")
    tenants_dir: Folder = Field(default=ROOT / "tenants", description="Holds the offices and their TOML files.")
    keys_dir: Folder = Field(
        default_factory=lambda values: values["data_dir"] / "keys",
        description="Holds the keys that encrypt personal data; KAOWU_DATA_DIR/keys unless given.",
    )
    key_provider: str = Field(
        default="local",
        description="Who holds the keys: `local`, an entry point of kaowu.key_providers, or module:function.",
    )
    encryption_keys: SecretStr | None = Field(
        default=None, description="Keys as ID:HEX with commas between, in place of those in KAOWU_KEYS_DIR."
    )
    lookup_key: SecretStr | None = Field(
        default=None, description="The look-up key in hexadecimal; belongs to KAOWU_ENCRYPTION_KEYS."
    )
    heads_dir: Folder = Field(
        default_factory=lambda values: values["data_dir"] / "heads",
        description="Gets each day's signed heads of the record; best a place that only ever takes new files.",
    )
    database_url: DatabaseUrl = Field(
        default=None, description="PostgreSQL as kaowu_app. Not given: the embedded server in KAOWU_DATA_DIR."
    )
    owner_database_url: DatabaseUrl = Field(
        default=None, description="The same database as kaowu_owner; migrations need it beside KAOWU_DATABASE_URL."
    )
    maintenance_database_url: DatabaseUrl = Field(
        default=None, description="The same database as its superuser; only `kaowu backup` needs it, and only there."
    )
    backup_recipient: str | None = Field(
        default=None, description="The public key that backups are encrypted for; `kaowu backup key` makes the pair."
    )
    documents_bucket: str | None = Field(
        default=None,
        description="BUCKET or BUCKET/PREFIX of an S3 store for papers. Not given: KAOWU_DATA_DIR/documents.",
    )
    documents_endpoint: Annotated[str | None, AfterValidator(_endpoint)] = Field(
        default=None, description="The address of an S3 store other than Amazon's, such as https://s3.example.org."
    )
    documents_region: str | None = Field(default=None, description="The region of the S3 store, where it has any.")
    documents_access_key: str | None = Field(default=None, description="Who signs in to the S3 store.")
    documents_secret_key: SecretStr | None = Field(default=None, description="What signs in to the S3 store.")
    fonts_dir: Folder | None = Field(
        default=None, description="Holds further fonts, for characters of names that the shipped one lacks."
    )
    host: str = Field(default="127.0.0.1", description="The address to listen on.")
    port: int = Field(default=8000, ge=1, le=65535, description="The port to listen on.")
    trusted_proxies: Networks = Field(
        default=(), description="Addresses or networks of proxies whose headers are believed, with commas between."
    )
    log_level: Level = Field(default="INFO", description="From which level on `serve` and `worker` log.")
    log_file: Folder | None = Field(
        default=None, description="A file that `serve` and `worker` add their log to, besides standard error."
    )
    simulation: bool = Field(
        default=False, description="Invented people may register: for demonstrations and tests, never for a season."
    )
    password_passes: int = Field(default=2, ge=2, le=20, description="Argon2id: passes over the memory.")
    password_memory_kib: int = Field(
        default=19_456, ge=19_456, le=1_048_576, description="Argon2id: memory for one password, in KiB."
    )
    password_lanes: int = Field(default=1, ge=1, le=16, description="Argon2id: lanes in parallel.")
    session_idle_minutes: int = Field(
        default=30, ge=1, le=1440, description="A browser's session ends after so many minutes without a request."
    )
    session_hours: int = Field(default=12, ge=1, le=168, description="It ends after so many hours in any case.")
    token_days: int = Field(default=90, ge=1, le=3660, description="A program's token ends after so many days.")
    token_longest_days: int = Field(
        default=366, ge=1, le=3660, description="It may be asked for with an end of its own, but no further off."
    )
    sign_ins_per_minute: int = Field(default=60, ge=1, description="From one address; offices often share one.")
    registrations_per_minute: int = Field(default=60, ge=1, description="From one address.")
    verifications_per_minute: int = Field(default=30, ge=1, description="Of certificates, from one address.")
    objections_per_minute: int = Field(default=6, ge=1, description="To published lists, from one address.")
    uploads_per_minute: int = Field(default=60, ge=1, description="By one account.")
    largest_clock_skew: float = Field(
        default=2.0, gt=0, description="Seconds between this clock and the database's, above which /readyz fails."
    )
    monitoring_token: SecretStr | None = Field(
        default=None, min_length=16, description="Who presents it reads /metrics and the reasons of /readyz."
    )
    send_messages: bool = Field(
        default_factory=lambda values: values.get("database_url") is not None,
        description="Whether SMS and e-mail go out. Not with the embedded database unless said: the outbox shows them.",
    )
    smtp_host: str | None = Field(default=None, description="The mail server. Not given: no e-mail goes out.")
    smtp_port: int = Field(default=465, ge=1, le=65535, description="Its port.")
    smtp_security: Literal["tls", "starttls", "none"] = Field(
        default="tls", description="How the line to it is secured; `none` is for a server on this machine."
    )
    smtp_user: str | None = Field(default=None, description="The account at the mail server, if it asks for one.")
    smtp_password: SecretStr | None = Field(default=None, description="The password of that account.")
    smtp_sender: str | None = Field(default=None, description="The address that e-mail comes from.")

    @classmethod
    def load(cls, **given: Any) -> Self:
        """Read the environment; ``given`` goes first. Raises ConfigurationError naming each invalid variable."""
        try:
            return cls(**given)
        except ValidationError as error:
            faults = [f"{_variable(fault['loc'])}: {fault['msg']}" for fault in error.errors(include_input=False)]
            raise ConfigurationError("The settings of this machine are wrong.\n" + "\n".join(faults)) from None

    @model_validator(mode="after")
    def _refuse_unknown_names(self) -> Self:
        known = {f"{PREFIX}{name.upper()}" for name in type(self).model_fields}
        unknown = sorted(name for name in os.environ if name.startswith(PREFIX) and name not in known)
        if unknown:
            raise ValueError(_about_unknown(unknown, known))
        return self

    @model_validator(mode="after")
    def _refuse_half_of_the_keys(self) -> Self:
        if (self.encryption_keys is None) != (self.lookup_key is None):
            raise ValueError("KAOWU_ENCRYPTION_KEYS and KAOWU_LOOKUP_KEY belong together: set both, or neither")
        return self

    @model_validator(mode="after")
    def _refuse_tokens_that_outlast_the_longest(self) -> Self:
        if self.token_days > self.token_longest_days:
            raise ValueError("KAOWU_TOKEN_DAYS is more than KAOWU_TOKEN_LONGEST_DAYS: lower the one or raise the other")
        return self

    @model_validator(mode="after")
    def _refuse_mail_without_sender_or_secrecy(self) -> Self:
        if self.smtp_host is None:
            return self
        if self.smtp_sender is None or "@" not in self.smtp_sender:
            raise ValueError("KAOWU_SMTP_HOST is set without an address in KAOWU_SMTP_SENDER: set both, or neither")
        if (self.smtp_user is None) != (self.smtp_password is None):
            raise ValueError("KAOWU_SMTP_USER and KAOWU_SMTP_PASSWORD belong together: set both, or neither")
        if self.smtp_security == "none" and self.smtp_host not in _HERE:
            raise ValueError("KAOWU_SMTP_SECURITY=none would send letters and password in the clear: say tls")
        return self

    @model_validator(mode="after")
    def _refuse_an_owner_without_its_database(self) -> Self:
        if self.owner_database_url is not None and self.database_url is None:
            raise ValueError("KAOWU_OWNER_DATABASE_URL is set without KAOWU_DATABASE_URL: set both, or neither")
        return self


def _about_unknown(unknown: Iterable[str], known: Iterable[str]) -> str:
    """Return the message about unknown names, each with the nearest known name."""
    said = []
    for name in unknown:
        near = difflib.get_close_matches(name, known, n=1)
        said.append(f"{name} is no setting" + (f"; is {near[0]} meant?" if near else ""))
    return "; ".join(said) + f". There are: {', '.join(sorted(known))}"


def _variable(location: tuple[int | str, ...]) -> str:
    return f"{PREFIX}{str(location[0]).upper()}" if location else "environment"
