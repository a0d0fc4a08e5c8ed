"""What refers to what in ``core``: its top-level names, and the names that each of them uses, read from the source."""

import ast
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from core.settings import ROOT

Name = str
"""A top-level name of a module, such as ``core.sanctions.service.lift_ban``."""


@dataclass(slots=True)
class Module:
    """A file: the definitions at its top, and what the names mean that it imports."""

    name: str
    nodes: dict[str, list[ast.stmt]] = field(default_factory=dict)
    imported: dict[str, str] = field(default_factory=dict)


def read(source: str, name: str) -> Module:
    """The module in ``source``. A name that is defined by several statements has the parts of all of them."""
    module = Module(name)
    tree = ast.parse(source)
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom):
            module.imported |= {item.asname or item.name: f"{node.module}.{item.name}" for item in node.names}
    for statement in tree.body:
        for defined in _defined(statement):
            module.nodes.setdefault(defined, []).append(statement)
    return module


def modules(folder: str) -> dict[str, Module]:
    """Every module below a folder of the project, by its dotted name."""
    found = {}
    for path in sorted((ROOT / folder).rglob("*.py")):
        name = _dotted(path)
        found[name] = read(path.read_text("utf-8"), name)
    return found


def references(known: Mapping[str, Module], of: Collection[str] = ()) -> dict[Name, frozenset[Name]]:
    """The names of ``known`` modules that each top-level name uses: called, passed on, or kept in a table.

    Asked of the modules named in ``of`` alone, or of all.
    """
    return {
        f"{module.name}.{defined}": frozenset(
            used for part in parts for node in ast.walk(part) if (used := _meant(node, module, known))
        )
        - {f"{module.name}.{defined}"}
        for module in (known[name] for name in of or known)
        for defined, parts in module.nodes.items()
    }


def reached(graph: Mapping[Name, Collection[Name]], begin: Collection[Name]) -> set[Name]:
    """Every name that is used from ``begin`` on, over any number of steps; ``begin`` with them."""
    found: set[Name] = set()
    waiting = list(begin)
    while waiting:
        name = waiting.pop()
        if name not in found:
            found.add(name)
            waiting.extend(graph.get(name, ()))
    return found


def _defined(statement: ast.stmt) -> Iterator[str]:
    if isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        yield statement.name
    elif isinstance(statement, ast.Assign):
        yield from (target.id for target in statement.targets if isinstance(target, ast.Name))
    elif isinstance(statement, ast.AnnAssign) and isinstance(statement.target, ast.Name):
        yield statement.target.id


def _meant(node: ast.AST, module: Module, known: Mapping[str, Module]) -> Name | None:
    """The top-level name that a name in the source stands for; None for anything that is none of ours."""
    if isinstance(node, ast.Name):
        if node.id in module.nodes:
            return f"{module.name}.{node.id}"
        return _existing(module.imported.get(node.id, ""), known)
    if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
        return _existing(f"{module.imported.get(node.value.id, '')}.{node.attr}", known)
    return None


def _existing(name: str, known: Mapping[str, Module]) -> Name | None:
    place, _, last = name.rpartition(".")
    return name if place in known and last in known[place].nodes else None


def _dotted(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
