"""Fixtures of the tests of plugins: the invented province, whose offices list plugins of the zoo."""

import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest

from core.hooks.calls import CallLimits, Failure, Surroundings
from core.hooks.office_hooks import OfficeHooks
from core.plugin_api import OfficeCode
from core.tenancy.catalogue import Catalogue, load_catalogue
from core.tenancy.plugins import OfficeHooksRegistry, build_hooks
from tests.plugins.clamd import clamd
from tests.plugins.questions import LINSHUI

__all__ = ["clamd"]

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
NOW = datetime(2024, 3, 21, tzinfo=UTC)
GENEROUS = CallLimits(budget=60.0)
"""Limits that no plugin exceeds on a busy machine; tests about time set their own."""


@dataclass
class Installation:
    """Offices with their plugins, and the reported failures."""

    folder: Path
    catalogue: Catalogue
    registry: OfficeHooksRegistry
    failures: list[Failure]

    def hooks(self, code: OfficeCode) -> OfficeHooks:
        """The hooks of one office."""
        return self.registry.for_office(code)


Install = Callable[..., Installation]


@pytest.fixture
def install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Install:
    """Write ``plugins = [...]`` and more TOML into offices of the invented province, and build their hooks."""
    monkeypatch.syspath_prepend(HERE)
    folder = tmp_path / "offices"
    shutil.copytree(ROOT / "tests" / "offices", folder)

    def installed(
        plugins: Mapping[OfficeCode, list[str]],
        *,
        toml: Mapping[OfficeCode, str] | None = None,
        limits: CallLimits = GENEROUS,
        monotonic: Callable[[], float] | None = None,
        import_budget: float = 60.0,
        package: str = "zoo",
    ) -> Installation:
        for code, names in plugins.items():
            _prepend(folder, code, f"plugins = {names}\n")
        for code, text in (toml or {}).items():
            _append(folder, code, text)
        catalogue, failures = load_catalogue(folder), []
        assert catalogue.faults == ()
        around = Surroundings(limits, on_failure=failures.append, clock=lambda: NOW)
        if monotonic is not None:
            around = Surroundings(limits, on_failure=failures.append, clock=lambda: NOW, monotonic=monotonic)
        registry = build_hooks(catalogue, surroundings=around, package=package, import_budget=import_budget)
        return Installation(folder, catalogue, registry, failures)

    return installed


def _file(folder: Path, code: OfficeCode) -> Path:
    return folder / code / ("province.toml" if code == LINSHUI else "tenant.toml")


def _prepend(folder: Path, code: OfficeCode, text: str) -> None:
    path = _file(folder, code)
    path.write_text(text + path.read_text("utf-8"), "utf-8")


def _append(folder: Path, code: OfficeCode, text: str) -> None:
    path = _file(folder, code)
    path.write_text(f"{path.read_text('utf-8')}\n{text}\n", "utf-8")
