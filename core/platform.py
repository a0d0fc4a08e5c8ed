"""The installed platform: everything that the edges (web, command line, jobs, simulation) put together once.

Services never see it; they are given the piece that they need.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from functools import cached_property

from sqlalchemy import Engine, create_engine

from core.applications.rules.document import RuleDocument, load_rule_document
from core.clock import Clock, system_clock
from core.db import isolation, migrate
from core.db.database import Databases, open_database
from core.demo_clock import Demo, demo_of
from core.documents.receiving import Keeping
from core.documents.storage import DocumentStorage, open_storage
from core.errors import ConfigurationError
from core.identity.service import TokenTerms, token_terms
from core.identity.sign_in.hashing import Hasher
from core.identity.sign_in.service import Door
from core.identity.sign_in.sessions import Lifetimes
from core.keyring import create_first_keys, load_keyring, open_keyring
from core.printing import fonts
from core.reviews.replay import keep_texts
from core.security.keys import KeyKeeper
from core.security.pdf_signatures import PdfSigner
from core.security.signatures import PaperKeys, RecordKeys
from core.settings import Settings
from core.tenancy.catalogue import Catalogue, load_catalogue
from core.tenancy.offices import Offices
from core.tenancy.plugins import build_hooks


@dataclass(frozen=True)
class Platform:
    """The parts, each with one home."""

    settings: Settings
    databases: Databases
    engine: Engine
    offices: Offices
    rules: Mapping[int, RuleDocument]
    keys: KeyKeeper
    record_keys: RecordKeys
    paper_keys: PaperKeys
    documents: DocumentStorage
    clock: Clock
    demo: Demo | None = None
    """What a demonstration has made is served by a clock of its own, and every page says so."""

    @cached_property
    def keeping(self) -> Keeping:
        """Where and how files are kept."""
        return Keeping(self.documents, self.keys, self.offices)

    @cached_property
    def door(self) -> Door:
        """What signing in needs of it."""
        chosen = self.settings
        return Door(
            hasher=Hasher(
                passes=chosen.password_passes, memory_kib=chosen.password_memory_kib, lanes=chosen.password_lanes
            ),
            keys=self.keys,
            offices=self.offices,
            lifetimes=Lifetimes(
                idle=timedelta(minutes=chosen.session_idle_minutes), absolute=timedelta(hours=chosen.session_hours)
            ),
            simulation=chosen.simulation,
        )

    @property
    def pdf_signer(self) -> PdfSigner:
        """What signs electronic certificates."""
        return PdfSigner(self.settings.keys_dir)

    @property
    def token_terms(self) -> TokenTerms:
        """How long bearer tokens hold."""
        return token_terms(self.settings)


@contextmanager
def open_platform(settings: Settings, *, clock: Clock | None = None, durable: bool = True) -> Iterator[Platform]:
    """Have the platform ready meanwhile: keys, offices, plugins, and a migrated database that it may use.

    Unless a clock is given it is the system's, or the one of the demonstration that has made the data.

    Raises ConfigurationError where the province's own file is wrong, the folder of fonts or a key is missing, a key is
    another installation's, or the database role is one that the isolation of offices would not bind. An embedded
    installation makes its first keys itself. Only a simulation is not ``durable``: nobody misses an invented season
    after a power failure.
    """
    if settings.fonts_dir is not None and not settings.fonts_dir.is_dir():
        raise ConfigurationError(f"KAOWU_FONTS_DIR: there is no folder {settings.fonts_dir}. Make it, or name another.")
    fonts.use(settings.fonts_dir)
    demo = demo_of(settings)
    catalogue = load_catalogue(settings.tenants_dir, another=None if demo is None else demo.season)
    if clock is None:
        clock = system_clock if demo is None else demo.clock
    if settings.database_url is not None:
        load_keyring(settings)
    with open_database(settings, durable=durable) as databases:
        if databases.optional_owner_url is not None:
            migrate.upgrade(databases.owner_url)
        engine = create_engine(
            databases.app_url,
            pool_size=16,
            max_overflow=16,
            # Parameters are people's names and numbers: they belong into no error message.
            hide_parameters=True,
        )
        try:
            rules = rule_documents(catalogue, settings)
            with engine.begin() as connection:
                isolation.check_running_role(connection)
                keep_texts(connection, rules.values(), clock())
            if settings.database_url is None:
                create_first_keys(settings, engine, now=clock())
            keyring = open_keyring(settings, engine, now=clock())
            yield Platform(
                settings=settings,
                databases=databases,
                engine=engine,
                offices=Offices(catalogue, build_hooks(catalogue)),
                rules=rules,
                keys=keyring.data,
                record_keys=keyring.record,
                paper_keys=keyring.papers,
                documents=open_storage(settings),
                clock=clock,
                demo=demo,
            )
        finally:
            engine.dispose()


def rule_documents(catalogue: Catalogue, settings: Settings) -> dict[int, RuleDocument]:
    """The rule document of each season, by its name, from ``tenants/<province>/rules/``."""
    folder = settings.tenants_dir / catalogue.province.code / "rules"
    known = {document.name: document for document in map(load_rule_document, sorted(folder.glob("*.toml")))}
    wanted = {year: catalogue.season(year).rule_document for year in catalogue.seasons()}
    missing = sorted(set(wanted.values()) - set(known))
    if missing:
        raise ConfigurationError(
            f"{folder}: no file there is named {missing[0]!r}, which a season of province.toml sets as rule_document. "
            f"There are: {', '.join(known) or 'none'}"
        )
    return {year: known[name] for year, name in wanted.items()}
