"""`kaowu plugins` and `kaowu hooks`: which plugins there are, whether they are in order, and who answers what."""

import sys
from pathlib import Path

import click
from rich.markup import escape
from rich.table import Table

from core.cli.console import table_console
from core.cli.offices.plugin_scaffold import PLUGIN_NAME, write_distribution, write_module
from core.hooks.calls import Plugin
from core.hooks.specs import HOOKS
from core.plugin_api import OfficeCode, SelfCheckLevel
from core.settings import ROOT, Settings
from core.tenancy.catalogue import Catalogue, load_catalogue
from core.tenancy.plugin_loading import PluginRefusedError, available, load_plugin
from core.tenancy.plugins import OfficeHooksRegistry, build_hooks

PACKAGE = "plugins"
IMPORT_BUDGET = 10.0


@click.group()
def plugins() -> None:
    """What offices add to the platform in code."""


@plugins.command("list")
def list_plugins() -> None:
    """List the plugins that could run, and the offices that list them. What no office lists is not imported."""
    listed = _listed_by(load_catalogue(Settings.load().tenants_dir))
    table = Table("Plugin", "From", "Hooks", "Needs", "Listed by")
    for name, origin in available(PACKAGE).items():
        plugin = _loaded(name) if name in listed else None
        hooks = ", ".join(plugin.functions) if plugin else "-"
        needs = ", ".join(sorted(plugin.needs)) if plugin else ""
        table.add_row(name, origin, hooks, needs or "-", ", ".join(listed.get(name, ())) or "nobody: does not run")
    table_console().print(table)


@plugins.command()
@click.argument("name", required=False)
def check(name: str | None) -> None:
    """Check the plugins of every office, their settings and their self-checks; or only NAME, listed or not.

    Any fault, and any self-check that says broken, ends with exit code 1.
    """
    if name is not None:
        _check_one(name)
        return
    catalogue = load_catalogue(Settings.load().tenants_dir)
    registry = build_hooks(catalogue, package=PACKAGE, import_budget=IMPORT_BUDGET)
    for fault in registry.faults:
        click.echo(f"fault: {fault}", err=True)
    broken = _self_checks(catalogue, registry)
    running = len(catalogue.offices()) - len(registry.closed)
    click.echo(f"{running} offices run their plugins, {len(registry.closed)} closed by theirs.")
    if registry.faults or broken:
        sys.exit(1)


@plugins.command()
@click.argument("name")
@click.option("--distribution", is_flag=True, help="As a distribution of its own, in a new folder here.")
@click.option("--into", type=click.Path(path_type=Path, file_okay=False), help="The folder to write into.")
def new(name: str, into: Path | None, *, distribution: bool) -> None:
    """Write a plugin NAME to begin with: into plugins/, or as a distribution of its own."""
    if not PLUGIN_NAME.fullmatch(name):
        raise click.ClickException(f"{name!r} cannot be a plugin's name. Use small letters, digits and _ only.")
    if distribution:
        written = write_distribution(name, into or Path.cwd())
    else:
        written = [write_module(name, into or ROOT / PACKAGE)]
    for path in written:
        click.echo(f"wrote {path}")
    if distribution:
        click.echo(f"Install it: python -m pip install --no-deps {written[0].parent}")
    click.echo(f"See whether it is in order: kaowu plugins check {name}")
    click.echo(f'Let an office run it: plugins = ["{name}"] in its TOML file')


@click.command()
@click.argument("office", required=False)
def hooks(office: str | None) -> None:
    """List the hooks; or, with OFFICE (such as henan/luoyang), who answers each there and in which order."""
    console = table_console()
    if office is None:
        overview = Table("Hook", "Kind", "What it asks")
        for hook in HOOKS.values():
            overview.add_row(hook.signature, hook.kind, _plain(hook.doc.splitlines()[0]))
        console.print(overview)
        return
    catalogue = load_catalogue(Settings.load().tenants_dir)
    found = catalogue.get(OfficeCode(office))
    order = build_hooks(catalogue, package=PACKAGE, import_budget=IMPORT_BUDGET).for_office(found.code).who_answers()
    table = Table("Hook", "Kind", "Asked in this order", title=f"{found.name} ({found.code})")
    for hook in HOOKS.values():
        names = [f"{name} ({_file_of(catalogue, found.code, name)})" for name in order[hook.name]]
        table.add_row(hook.signature, hook.kind, "\n".join([*names, _default(hook.doc)]))
    console.print(table)


def _check_one(name: str) -> None:
    try:
        plugin = load_plugin(name, package=PACKAGE, import_budget=IMPORT_BUDGET)
    except PluginRefusedError as refused:
        for problem in refused.problems:
            click.echo(f"fault: {problem.message}. {problem.remedy}", err=True)
        sys.exit(1)
    click.echo(f"{name} ({plugin.origin}) is in order.")
    click.echo(f"hooks: {', '.join(plugin.functions)}")
    click.echo(f"needs: {', '.join(sorted(plugin.needs)) or 'none'}")
    if plugin.settings_model is not None:
        click.echo(f"settings: {', '.join(plugin.settings_model.model_fields)}")


def _self_checks(catalogue: Catalogue, registry: OfficeHooksRegistry) -> bool:
    """Print what plugins say of their own set-up; True where a plugin is broken."""
    broken = False
    for office in catalogue.offices():
        if office.code in registry.closed:
            continue
        for name, results in registry.self_checks(office.code).items():
            for result in results:
                broken = broken or result.level is SelfCheckLevel.BROKEN
                details = "".join(f" ({key}: {value})" for key, value in result.details.items())
                click.echo(f"{result.level.value}: {office.code}: {name}: {result.text}{details}", err=True)
    return broken


def _loaded(name: str) -> Plugin | None:
    try:
        return load_plugin(name, package=PACKAGE, import_budget=IMPORT_BUDGET)
    except PluginRefusedError:
        return None


def _listed_by(catalogue: Catalogue) -> dict[str, list[str]]:
    """The offices whose own file names each plugin, those above first."""
    listed: dict[str, list[str]] = {}
    for office in catalogue.offices():
        for name in office.sources[-1].table.get("plugins", ()):
            listed.setdefault(name, []).append(office.code)
    return listed


def _file_of(catalogue: Catalogue, office: OfficeCode, plugin: str) -> str:
    source = catalogue.get(office).merged.origin(("plugins", plugin))
    return source.file if source else "unlisted"


def _default(doc: str) -> str:
    """The default that a hook's docstring names."""
    line = next(line for line in doc.splitlines() if line.startswith("Default: "))
    return f"default: {_plain(line.removeprefix('Default: '))}"


def _plain(line: str) -> str:
    """A line without the marks of docstrings, and with brackets that the table does not take for its own."""
    return escape(line.replace("``", ""))
