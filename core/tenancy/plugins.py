"""Every office's own plugin manager, filled from the province down, so that the most local plugin is asked first.

Registration is all or nothing: an office with a mistake in a plugin or its settings gets no manager and stays closed,
with the offices below it, which run the same plugins. No other office is affected.
"""

import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import pluggy

from core.errors import PluginNotAskedError
from core.hooks.calls import GuardedPlugin, Plugin, Surroundings
from core.hooks.office_hooks import OfficeHooks
from core.hooks.specs import GROUPS
from core.plugin_api import OfficeCode, OfficeLevel, SelfCheck, WindowKind
from core.tenancy.catalogue import Catalogue
from core.tenancy.checks import Mistake
from core.tenancy.config.sources import Fault
from core.tenancy.office import OpenOffice
from core.tenancy.plugin_loading import PluginRefusedError, load_plugin, read_settings


@dataclass(frozen=True, slots=True)
class _Closed:
    """A closed office in place of its hooks: its faults, its own or those of an office above."""

    office: OfficeCode
    plugins: tuple[str, ...]
    faults: tuple[Fault, ...]


class OfficeHooksRegistry:
    """The hooks of every office, built when they are first asked for and kept; safe to use from many threads."""

    def __init__(self, catalogue: Catalogue, *, surroundings: Surroundings, package: str, import_budget: float) -> None:
        self._catalogue = catalogue
        self._around = surroundings
        self._package = package
        self._import_budget = import_budget
        self._lock = threading.RLock()
        self._plugins: dict[str, Plugin | PluginRefusedError] = {}
        self._offices: dict[OfficeCode, OfficeHooks | _Closed] = {}
        self._guarded: dict[OfficeCode, list[GuardedPlugin]] = {}

    def for_office(self, code: OfficeCode) -> OfficeHooks:
        """The office's hooks; PluginNotAskedError where its plugins, or those of an office above, are faulty."""
        built = self._offices.get(code) or self._built(code)
        if isinstance(built, OfficeHooks):
            return built
        raise PluginNotAskedError(code, ", ".join(built.plugins), "registration", "\n".join(map(str, built.faults)))

    @property
    def faults(self) -> tuple[Fault, ...]:
        """All faults for operators, each once, under the office whose file or plugin causes it."""
        found = dict.fromkeys(fault for closed in self._all_closed() for fault in closed.faults)
        return tuple(found)

    @property
    def closed(self) -> Mapping[OfficeCode, tuple[Fault, ...]]:
        """The faults of every office that its plugins keep closed, the offices below included."""
        return {closed.office: closed.faults for closed in self._all_closed()}

    def self_checks(self, code: OfficeCode) -> dict[str, tuple[SelfCheck, ...]]:
        """The self-checks of each plugin of the office; a plugin whose check fails is broken."""
        self.for_office(code)
        return {guarded.plugin.name: guarded.self_check() for guarded in self._guarded[code]}

    def _all_closed(self) -> Iterator[_Closed]:
        for office in self._catalogue.offices():
            built = self._built(office.code)
            if isinstance(built, _Closed):
                yield built

    def _built(self, code: OfficeCode) -> OfficeHooks | _Closed:
        with self._lock:
            if code not in self._offices:
                self._offices[code] = self._build(self._catalogue.get(code))
            return self._offices[code]

    def _build(self, office: OpenOffice) -> OfficeHooks | _Closed:
        above = self._built(office.parent) if office.parent else None
        if isinstance(above, _Closed):
            return _Closed(office.code, above.plugins, above.faults)
        plugins: list[GuardedPlugin] = []
        problems = list(_settings_without_plugin(office))
        for name in office.config.plugins:
            try:
                plugins.append(self._guard(office, name))
            except PluginRefusedError as refused:
                problems += refused.problems
        if problems:
            names = tuple(dict.fromkeys(problem.key[1] for problem in problems))
            return _Closed(office.code, names, tuple(_fault(office, problem) for problem in problems))
        self._guarded[office.code] = plugins
        return OfficeHooks(
            office.code,
            _manager(plugins),
            plugins=plugins,
            route=office.config.review.route,
            required_stages=office.config.review.required_stages,
            own_dates=self._own_dates(office),
        )

    def _guard(self, office: OpenOffice, name: str) -> GuardedPlugin:
        plugin = self._plugin(name)
        if isinstance(plugin, PluginRefusedError):
            raise plugin
        settings = read_settings(plugin, office.config.plugin.get(name), budget=self._import_budget)
        return GuardedPlugin(office.code, plugin, settings=settings, surroundings=self._around)

    def _own_dates(self, office: OpenOffice) -> tuple[WindowKind, ...]:
        """The kinds of dates that the office sets: a county those that its city allows, every other office all."""
        if office.level is not OfficeLevel.COUNTY or office.parent is None:
            return tuple(WindowKind)
        return self._catalogue.get(office.parent).config.policy.county_dates

    def _plugin(self, name: str) -> Plugin | PluginRefusedError:
        """The plugin, examined once however many offices list it."""
        if name not in self._plugins:
            try:
                self._plugins[name] = load_plugin(name, package=self._package, import_budget=self._import_budget)
            except PluginRefusedError as refused:
                self._plugins[name] = refused
        return self._plugins[name]


def build_hooks(
    catalogue: Catalogue,
    *,
    surroundings: Surroundings | None = None,
    package: str = "plugins",
    import_budget: float = 10.0,
) -> OfficeHooksRegistry:
    """The hooks of every office of ``catalogue``, with plugins looked up in ``package``, then among entry points.

    ``import_budget`` is the time in seconds that the import of one plugin may take.
    """
    return OfficeHooksRegistry(
        catalogue, surroundings=surroundings or Surroundings(), package=package, import_budget=import_budget
    )


def _manager(plugins: list[GuardedPlugin]) -> pluggy.PluginManager:
    manager = pluggy.PluginManager("kaowu")
    for group in GROUPS.values():
        manager.add_hookspecs(group)
    for guarded in plugins:
        manager.register(guarded, guarded.plugin.name)
    manager.check_pending()
    return manager


def _settings_without_plugin(office: OpenOffice) -> Iterator[Mistake]:
    for name in office.config.plugin:
        if name not in office.config.plugins:
            remedy = f"Add {name!r} to plugins, or delete the table"
            yield Mistake(("plugin", name), "has settings, but the office does not run this plugin", remedy)


def _fault(office: OpenOffice, problem: Mistake) -> Fault:
    """The mistake at its file and line; a missing setting is reported where its plugin is listed."""
    listed = ("plugins", problem.key[1])
    key = problem.key if office.merged.origin(problem.key) else listed
    source = office.merged.origin(key) or office.sources[-1]
    shown = "plugins" if problem.key == listed else ".".join(problem.key)
    return Fault(office.code, source.file, source.line_of(key), shown, problem.message, problem.remedy)
