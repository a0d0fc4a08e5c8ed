"""The files of `kaowu plugins new`: the smallest plugin that is in order, alone or in a distribution of its own."""

import re
from importlib.metadata import version
from pathlib import Path
from string import Template

import click

PLUGIN_NAME = re.compile(r"[a-z][a-z0-9_]*")

_MODULE = Template('''"""Say here in one sentence what $name is for, and on which paper it rests."""

from core.plugin_api import ApplicationView, Finding, Severity, hookimpl

# What the hooks read of an application beyond grade, path and trade; docs/hooks.md lists the needs.
needs = {"staff_category"}


@hookimpl
def eligibility_findings(application: ApplicationView) -> list[Finding]:
    """Say here whom this concerns, and why."""
    if application.is_regular_staff:
        return []
    return [Finding("$name.example", "文件名称和条款", Severity.NOTES, "写明有什么要求、应当怎么办。")]
''')

_PROJECT = Template("""[build-system]
requires = ["setuptools>=80"]
build-backend = "setuptools.build_meta"

[project]
name = "kaowu-$dashed"
version = "0.1.0"
description = "A plugin for Kaowu"
requires-python = ">=3.11"
# The versions of Kaowu that it was tried with: another one refuses to run it.
dependencies = ["kaowu>=$running,<$next"]

# The name by which an office lists it, and the module behind it.
[project.entry-points."kaowu.plugins"]
$name = "kaowu_$name"

[tool.setuptools]
py-modules = ["kaowu_$name"]
""")


def write_module(name: str, folder: Path) -> Path:
    """Write the plugin into a folder that is there; refuses to replace a file."""
    return _write(folder / f"{name}.py", _MODULE.substitute(name=name))


def write_distribution(name: str, folder: Path) -> list[Path]:
    """Write a project whose entry point is the plugin, in a new folder ``kaowu-<name>``."""
    running = version("kaowu")
    major, minor, *_ = running.split(".")
    project = folder / f"kaowu-{name.replace('_', '-')}"
    project.mkdir(parents=True, exist_ok=True)
    dashed = name.replace("_", "-")
    toml = _PROJECT.substitute(name=name, dashed=dashed, running=running, next=f"{major}.{int(minor) + 1}")
    return [
        _write(project / "pyproject.toml", toml),
        _write(project / f"kaowu_{name}.py", _MODULE.substitute(name=name)),
    ]


def _write(path: Path, text: str) -> Path:
    if path.exists():
        raise click.ClickException(f"{path} is there already. Choose another name, or delete it.")
    path.write_text(text, "utf-8")
    return path
