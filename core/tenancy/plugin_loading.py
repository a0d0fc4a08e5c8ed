"""From a name in an office's TOML to an examined plugin, or to the mistakes that must be corrected first.

Everything that can be known before a plugin runs is checked here: an unknown name, a module that cannot be imported, a
misspelt hook, a wrong signature, an unknown need, settings that the plugin's model refuses. Nothing is registered here,
so a refused plugin leaves no trace.
"""

import difflib
import importlib
import importlib.util
import inspect
import pkgutil
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from importlib.metadata import Distribution, EntryPoint, entry_points, version
from types import ModuleType
from typing import Any, cast

from packaging.requirements import Requirement
from pydantic import BaseModel, ValidationError

from core.hooks.calls import Plugin, Run, described
from core.hooks.specs import HOOKS, Hook
from core.plugin_api import Channel, Gateway, Need, hookimpl
from core.tenancy.checks import Mistake

ENTRY_POINTS = "kaowu.plugins"
"""The group of entry points in which other distributions offer their plugins."""

_MARK = f"{hookimpl.project_name}_impl"
_REFUSED_OPTIONS: Mapping[str, str] = {
    "wrapper": "a plugin answers for itself and cannot wrap the answers of others",
    "hookwrapper": "a plugin answers for itself and cannot wrap the answers of others",
    "tryfirst": "the order is the order of the offices and no plugin can change it",
    "trylast": "the order is the order of the offices and no plugin can change it",
    "specname": "a hook has one name",
    "optionalhook": "a hook that core does not have would never be called",
}


class PluginRefusedError(Exception):
    """A plugin that cannot run, with all its mistakes."""

    def __init__(self, *problems: Mistake) -> None:
        super().__init__("; ".join(problem.message for problem in problems))
        self.problems = problems


@dataclass(frozen=True, slots=True)
class FoundModule:
    """A plugin's module and the distribution that it comes from; ``origin`` names distribution and version."""

    module: str
    origin: str
    distribution: Distribution | None = None


def load_plugin(name: str, *, package: str, import_budget: float) -> Plugin:
    """Find, import and examine the plugin. Raises PluginRefusedError with all mistakes, and no other error."""
    try:
        return _examined(name, package, import_budget)
    except PluginRefusedError:
        raise
    except Exception as error:
        # An object that a module defines may raise as soon as it is inspected.
        raise PluginRefusedError(_broken(name, "cannot be examined", error)) from error


def _examined(name: str, package: str, import_budget: float) -> Plugin:
    found = _find(name, package)
    _check_version(name, found)
    module = _import(name, found, import_budget)
    problems = list(_problems(name, module))
    if problems:
        raise PluginRefusedError(*problems)
    return Plugin(
        name=name,
        origin=found.origin,
        needs=frozenset(Need(need) for need in getattr(module, "needs", ())),
        functions=_marked(module),
        settings_model=getattr(module, "Settings", None),
        self_check=getattr(module, "check", None),
        gateway=getattr(module, "gateway", None),
    )


def read_settings(plugin: Plugin, table: Mapping[str, Any] | None, *, budget: float) -> BaseModel | None:
    """The plugin's settings from ``[plugin.<name>]``; raises PluginRefusedError naming each wrong key.

    ``budget`` is the time in seconds that the plugin's own model may take to read them.
    """
    key, model = ("plugin", plugin.name), plugin.settings_model
    if model is None:
        if table:
            raise PluginRefusedError(Mistake(key, "has settings, but the plugin takes none", "Delete the table"))
        return None
    run = Run(lambda: model.model_validate(dict(table or {}), extra="forbid"), name=f"settings of {plugin.name}")
    if not run.finishes_within(budget):
        text = f"{plugin.name!r} takes longer than {budget:g} s to read its settings"
        raise PluginRefusedError(Mistake(("plugins", plugin.name), text, "Mend the plugin"))
    if isinstance(run.error, ValidationError):
        known = list(model.model_fields)
        raise PluginRefusedError(*(_setting_problem(key, dict(error), known) for error in run.error.errors()))
    if run.error is not None:
        raise PluginRefusedError(_broken(plugin.name, "cannot read its settings", run.error)) from run.error
    return cast(BaseModel, run.value)


def available(package: str) -> dict[str, str]:
    """Every plugin that an office could list, with its origin; a module in ``package`` hides an entry point."""
    offered = {point.name: _origin(point.dist) for point in entry_points(group=ENTRY_POINTS)}
    spec = importlib.util.find_spec(package)
    folders = spec.submodule_search_locations or [] if spec else []
    files = {name for folder in folders for name in _modules_in(folder)}
    return dict(sorted((offered | dict.fromkeys(files, _our_origin())).items()))


def _find(name: str, package: str) -> FoundModule:
    if importlib.util.find_spec(f"{package}.{name}") is not None:
        return FoundModule(f"{package}.{name}", _our_origin())
    points = list(entry_points(group=ENTRY_POINTS, name=name))
    if not points:
        near = difflib.get_close_matches(name, available(package), n=1)
        meant = f"Is {near[0]!r} meant?" if near else f"Write {package}/{name}.py, or install what offers it"
        text = f"{name!r} is neither in {package}/ nor among the entry points of the group {ENTRY_POINTS}"
        raise PluginRefusedError(Mistake(("plugins", name), text, meant))
    if len(points) > 1:
        both = " and ".join(sorted(_origin(point.dist) for point in points))
        text = f"{name!r} is offered by {both}"
        raise PluginRefusedError(Mistake(("plugins", name), text, "Uninstall all of them but one"))
    return FoundModule(_module_of(points[0]), _origin(points[0].dist), points[0].dist)


def _module_of(point: EntryPoint) -> str:
    if point.attr:
        text = f"{point.name!r} of {_origin(point.dist)} leads to {point.value}, inside a module"
        raise PluginRefusedError(Mistake(("plugins", point.name), text, "Let the entry point name the module alone"))
    return point.module


def _check_version(name: str, found: FoundModule) -> None:
    """Refuse a distribution that requires another version of kaowu; pip can be told not to check this."""
    running = version("kaowu")
    for wanted in map(Requirement, (found.distribution.requires or []) if found.distribution else []):
        if wanted.name == "kaowu" and not wanted.specifier.contains(running, prereleases=True):
            text = f"{name!r} needs kaowu {wanted.specifier}, but this is kaowu {running}"
            raise PluginRefusedError(Mistake(("plugins", name), text, f"Install another version of {found.origin}"))


def _import(name: str, found: FoundModule, budget: float) -> ModuleType:
    run = Run(lambda: importlib.import_module(found.module), name=f"import {found.module}")
    if not run.finishes_within(budget):
        text = f"importing {name!r} takes longer than {budget:g} s"
        raise PluginRefusedError(Mistake(("plugins", name), text, "Let the module do nothing but define"))
    if not isinstance(run.value, ModuleType):
        why = described(run.error) if run.error else "is no module"
        raise PluginRefusedError(Mistake(("plugins", name), f"{name!r} cannot be imported: {why}", "Mend the plugin"))
    return run.value


def _broken(name: str, failure: str, error: BaseException) -> Mistake:
    return Mistake(("plugins", name), f"{name!r} {failure}: {described(error)}", "Mend the plugin")


def _marked(module: ModuleType) -> dict[str, Callable[..., object]]:
    return {name: value for name, value in vars(module).items() if isinstance(getattr(value, _MARK, None), dict)}


def _problems(name: str, module: ModuleType) -> Iterator[Mistake]:
    """All mistakes of an imported module."""
    functions = _marked(module)
    for message, remedy in _faults_of(module, functions):
        yield Mistake(("plugins", name), f"{name!r} {message}", remedy)


def _faults_of(module: ModuleType, functions: Mapping[str, Callable[..., object]]) -> Iterator[tuple[str, str]]:
    if not functions:
        yield "implements no hook", "Mark its functions with @hookimpl; docs/hooks.md lists the hooks"
    for hook, function in functions.items():
        if hook in HOOKS:
            yield from _hook_faults(HOOKS[hook], function, module)
        else:
            near = difflib.get_close_matches(hook, HOOKS, n=1)
            yield f"implements {hook}, which is no hook", f"Is {near[0]} meant?" if near else "See docs/hooks.md"
    for hook in HOOKS:
        if hook not in functions and inspect.isfunction(getattr(module, hook, None)):
            yield f"defines {hook} without @hookimpl, so it would never be called", "Mark it, or give it another name"
    yield from _needs_faults(getattr(module, "needs", ()))
    yield from _gateway_faults(getattr(module, "gateway", None), sends="notice_due" in functions)
    model = getattr(module, "Settings", None)
    if model is not None and not (inspect.isclass(model) and issubclass(model, BaseModel)):
        yield "has Settings that are no pydantic model", "Derive the class from pydantic.BaseModel"
    if hasattr(module, "check"):
        yield from _check_faults(module.check)


def _hook_faults(hook: Hook, function: Callable[..., object], module: ModuleType) -> Iterator[tuple[str, str]]:
    for option, why in _REFUSED_OPTIONS.items():
        if getattr(function, _MARK).get(option):
            yield f"marks {hook.name} with {option}: {why}", f"Write @hookimpl without {option}"
    if not inspect.isfunction(function):
        yield f"marks {hook.name}, which is no function", "Define it with def"
        return
    if inspect.iscoroutinefunction(function) or inspect.isgeneratorfunction(function):
        kind = "coroutine" if inspect.iscoroutinefunction(function) else "generator"
        yield f"defines {hook.name} as a {kind}, but a hook returns its answer", "Use def and return"
    for parameter in inspect.signature(function).parameters.values():
        yield from _parameter_faults(hook, parameter, has_settings=hasattr(module, "Settings"))


def _parameter_faults(hook: Hook, parameter: inspect.Parameter, *, has_settings: bool) -> Iterator[tuple[str, str]]:
    remedy = f"The hook is {hook.signature}; leave out what is not used, and add `*, settings` for settings"
    if parameter.name == "settings" and parameter.kind is inspect.Parameter.KEYWORD_ONLY:
        if not has_settings:
            yield f"lets {hook.name} ask for settings, but defines no Settings", "Define class Settings(BaseModel)"
    elif parameter.name not in hook.arguments:
        yield f"lets {hook.name} ask for {parameter.name!r}, which the hook does not give", remedy
    elif parameter.kind is not inspect.Parameter.POSITIONAL_OR_KEYWORD or parameter.default is not parameter.empty:
        yield f"gives {parameter.name} of {hook.name} a default or a kind of its own", remedy


def _needs_faults(needs: object) -> Iterator[tuple[str, str]]:
    if not isinstance(needs, set | frozenset | tuple | list):
        yield f"declares needs as {type(needs).__name__}", 'Write a set of names, such as needs = {"birth"}'
        return
    known = [need.value for need in Need]
    for need in needs:
        if need not in known:
            near = difflib.get_close_matches(str(need), known, n=1)
            meant = f"Is {near[0]!r} meant?" if near else f"There are: {', '.join(known)}"
            yield f"declares the need {need!r}, which does not exist", meant


def _gateway_faults(gateway: object, *, sends: bool) -> Iterator[tuple[str, str]]:
    remedy = "Write gateway = Gateway(Channel.SMS), from core.plugin_api"
    if gateway is None and sends:
        yield "implements notice_due without saying for which channel", remedy
    elif gateway is not None and not sends:
        yield "declares a gateway, but does not implement notice_due", "Implement it, or delete the declaration"
    elif gateway is not None and not (isinstance(gateway, Gateway) and gateway.channel is not Channel.IN_APP):
        yield "declares a gateway that is none for SMS or e-mail", remedy


def _check_faults(check: object) -> Iterator[tuple[str, str]]:
    if not inspect.isfunction(check) or set(inspect.signature(check).parameters) - {"settings"}:
        yield "has a check that is no function of settings", "Write def check(settings) -> list[SelfCheck]"


def _setting_problem(key: tuple[str, ...], error: Mapping[str, Any], known: list[str]) -> Mistake:
    place = (*key, *map(str, error["loc"]))
    if error["type"] == "missing":
        return Mistake(place, "is missing, and the plugin needs it", f"Set it under [{'.'.join(key)}]")
    if error["type"] == "extra_forbidden":
        near = difflib.get_close_matches(place[-1], known, n=1)
        listed = f"The settings are: {', '.join(known) or 'none'}"
        return Mistake(place, "unknown setting", f"Is {near[0]!r} meant?" if near else listed)
    said = error["msg"][:1].lower() + error["msg"][1:]
    return Mistake(place, f"{error['input']!r} does not do: {said}", "Correct the value")


def _modules_in(folder: str) -> Iterator[str]:
    return (module.name for module in pkgutil.iter_modules([folder]))


def _our_origin() -> str:
    return f"kaowu {version('kaowu')}"


def _origin(distribution: Distribution | None) -> str:
    return f"{distribution.name} {distribution.version}" if distribution else "an unnamed distribution"
