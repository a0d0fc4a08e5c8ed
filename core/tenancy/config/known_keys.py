"""The keys of configuration, read from the models: for suggestions to operators, and to hold the documents to them."""

import difflib
from collections.abc import Iterator
from types import NoneType, UnionType
from typing import Annotated, Any, Union, get_args, get_origin

from core.plugin_api import FilingKind, OfficeLevel, WindowKind
from core.tenancy.config.office import SETTABLE_BY, OfficeConfig, TemplateName
from core.tenancy.config.types import GradeNumber, PluginName, Table, Year

Key = tuple[str, ...]
"""The names from the top of a file down to a value, such as ``("review", "route")``."""

_PLACEHOLDERS = (
    (Year, "<year>"),
    (GradeNumber, "<grade>"),
    (WindowKind, "<kind>"),
    (FilingKind, "<filing>"),
    (PluginName, "<plugin>"),
    (TemplateName, "<text>"),
    (str, "<setting>"),
)


def all_keys(annotation: Any = OfficeConfig, path: Key = ()) -> Iterator[Key]:
    """Every key with a value; the name of a table for a year or a grade stands as ``<year>`` or ``<grade>``."""
    entries = _entries(annotation)
    if not entries:
        yield path
    for name, inner in entries.items():
        yield from all_keys(inner, (*path, name))


def suggestion(path: Key) -> str:
    """The known key nearest to ``path``, or an empty text."""
    annotation: Any = OfficeConfig
    for step in path[:-1]:
        entries = _entries(annotation)
        placeholder = next((inner for name, inner in entries.items() if name.startswith("<")), None)
        annotation = entries.get(step, placeholder)
    near = difflib.get_close_matches(path[-1], _entries(annotation), n=1)
    return near[0] if near else ""


def levels_that_may_set(path: Key) -> frozenset[OfficeLevel]:
    """The levels whose files may hold ``path``."""
    for length in range(len(path), 0, -1):
        levels = SETTABLE_BY.get(".".join(path[:length]))
        if levels is not None:
            return levels
    return frozenset(OfficeLevel)


def _entries(annotation: Any) -> dict[str, Any]:
    """The keys of the table that ``annotation`` describes, each with its own annotation; empty for a plain value."""
    bare = _bare(annotation)
    if isinstance(bare, type) and issubclass(bare, Table):
        return {field.alias or name: field.annotation for name, field in bare.model_fields.items()}
    if get_origin(bare) is dict:
        key, inner = get_args(bare)
        return {next(name for kind, name in _PLACEHOLDERS if kind == key): inner}
    return {}


def _bare(annotation: Any) -> Any:
    """The annotation without ``Annotated``, ``| None`` and the tuple around a list of tables."""
    origin = get_origin(annotation)
    if origin is Annotated or origin is tuple:
        return _bare(get_args(annotation)[0])
    if origin in {Union, UnionType}:
        return _bare(next(arg for arg in get_args(annotation) if arg is not NoneType))
    return annotation
