"""The offices at work: their configuration and their plugins, as services take them."""

from __future__ import annotations

from dataclasses import dataclass

from core.hooks import OfficeHooks
from core.plugin_api import OfficeCode
from core.tenancy.catalogue import Catalogue
from core.tenancy.config import OfficeConfig
from core.tenancy.plugins import OfficeHooksRegistry


@dataclass(frozen=True)
class Offices:
    """What every service that asks an office something is given: its TOML and its hooks."""

    catalogue: Catalogue
    registry: OfficeHooksRegistry

    def config(self, code: str) -> OfficeConfig:
        """The effective configuration of an office, its file laid over those above it."""
        return self.catalogue.get(OfficeCode(code)).config

    def hooks(self, code: str) -> OfficeHooks:
        """The plugins of an office; raises where a fault keeps it closed."""
        return self.registry.for_office(OfficeCode(code))
