"""The offices at work: their configuration and their plugins, as services take them."""

from dataclasses import dataclass

from core.db.session import ScopedSession
from core.errors import PluginError
from core.hooks.office_hooks import OfficeHooks
from core.plugin_api import OfficeCode, OfficeLevel, WindowKind
from core.tenancy.catalogue import Catalogue
from core.tenancy.config.office import OfficeConfig
from core.tenancy.failures import record_failure
from core.tenancy.plugins import OfficeHooksRegistry


@dataclass(frozen=True)
class Offices:
    """The configuration and the hooks of all offices, for services."""

    catalogue: Catalogue
    registry: OfficeHooksRegistry

    def config(self, code: str) -> OfficeConfig:
        """The effective configuration of an office, its file laid over those above it."""
        return self.catalogue.get(OfficeCode(code)).config

    def dates_left_to(self, code: str) -> frozenset[WindowKind]:
        """The kinds of dates that an office sets itself: a county those that its city leaves to it, others all."""
        office = self.catalogue.get(OfficeCode(code))
        if office.level is not OfficeLevel.COUNTY or office.parent is None:
            return frozenset(WindowKind)
        return frozenset(self.config(office.parent).policy.county_dates)

    def hooks(self, code: str) -> OfficeHooks:
        """The plugins of an office; PluginNotAskedError where a fault keeps it closed."""
        return self.registry.for_office(OfficeCode(code))

    def record_failure(self, session: ScopedSession, error: PluginError) -> None:
        """Keep a plugin's failure, in a transaction of its own after the rollback."""
        record_failure(session, error)
