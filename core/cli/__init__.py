"""The `kaowu` command: one module per group of commands, imported only when it is asked for."""

import importlib
import signal
import sys
from types import FrameType
from typing import Any, Never

import click

from core import logs
from core.errors import ConfigurationError, KaowuError

# Each command and the module of this package that defines it under the same name.
_MODULES = {
    "accounts": "accounts",
    "archive": "archive",
    "audit": "audit",
    "backup": "backup",
    "db": "db",
    "delegations": "offices.delegations",
    "demo": "demo",
    "docs": "docs",
    "documents": "documents",
    "filings": "offices.filings",
    "hooks": "offices.plugins",
    "keys": "keys",
    "plugins": "offices.plugins",
    "practice": "practice",
    "retention": "retention",
    "rules": "offices.rules",
    "seasons": "offices.seasons",
    "serve": "serve",
    "simulate": "simulate",
    "tenants": "offices.tenants",
    "trades": "offices.trades",
    "worker": "worker",
}

_NO_SUCH_TABLE = "42P01"


class _Commands(click.Group):
    """Finds commands by name, and tells an operator what to mend instead of showing a traceback."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        return sorted(_MODULES)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002 - likewise
        if cmd_name not in _MODULES:
            return None
        command = getattr(importlib.import_module(f"core.cli.{_MODULES[cmd_name]}"), cmd_name.replace("-", "_"))
        if not isinstance(command, click.Command):
            raise TypeError(f"core.cli.{_MODULES[cmd_name]} defines no command {cmd_name}")
        return command

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except (ConfigurationError, KaowuError) as error:
            raise click.ClickException(str(error)) from error
        except Exception as error:
            # An error that SQLAlchemy wraps; importing it here would make `kaowu --help` slow.
            if getattr(getattr(error, "orig", None), "sqlstate", None) != _NO_SUCH_TABLE:
                raise
            raise click.ClickException(
                "The database has no tables yet, or those of an older version. Bring it to this one: kaowu db migrate"
            ) from error


@click.group(cls=_Commands)
@click.version_option(package_name="kaowu", prog_name="kaowu")
def main() -> None:
    """Kaowu (考务): the yearly grade assessment of technical workers, for a province and its offices."""
    # A process that is told to end still leaves the database in order.
    signal.signal(signal.SIGTERM, _end)
    logs.configure("WARNING")


def _end(_signal: int, _frame: FrameType | None) -> Never:
    sys.exit(128 + signal.SIGTERM)
