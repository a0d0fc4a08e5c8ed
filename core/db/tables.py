"""Every table of every capability, found by the names of the files that hold them.

A foreign key names a table of another capability. SQLAlchemy finds that table only once its module has been imported.
No program may depend on its own imports for this: every session with a scope imports all of them first.
"""

from functools import cache
from importlib import import_module

from sqlalchemy import MetaData

from core.db.base import Base
from core.settings import ROOT


def model_modules() -> list[str]:
    """The modules that define tables: the ``models`` of each capability, a file or a folder of files."""
    files = sorted([*(ROOT / "core").glob("*/models.py"), *(ROOT / "core").glob("*/models/*.py")])
    return [".".join(path.relative_to(ROOT).with_suffix("").parts) for path in files]


@cache
def all_tables() -> MetaData:
    """Every table of every capability, its module imported."""
    for module in model_modules():
        import_module(module)
    return Base.metadata
