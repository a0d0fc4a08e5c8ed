"""`kaowu docs refusals`: each refusal code with its status and its text, read from the source."""

import ast
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from core import errors
from core.errors import KaowuError
from core.settings import ROOT
from core.web.errors import STATUSES

FAMILIES = {
    name: next(status for family, status in STATUSES.items() if issubclass(kind, family))
    for name, kind in vars(errors).items()
    if isinstance(kind, type) and issubclass(kind, KaowuError) and kind is not KaowuError
}
"""The classes of refusals and the status by which each is answered."""


@dataclass(frozen=True, slots=True, order=True)
class Refusal:
    """One code: its status, the text that the asker reads (``{…}`` where a value stands), and its file."""

    code: str
    status: int
    text: str
    file: str


@dataclass(frozen=True, slots=True)
class _Helper:
    """A function that makes the code from a parameter: the family, the code around it, and where both parts come."""

    status: int
    before: str
    after: str
    code_at: int
    text_at: int


def refusals() -> list[Refusal]:
    """Every refusal that the code can raise, by code."""
    trees = {path: ast.parse(path.read_text("utf-8")) for path in sorted((ROOT / "core").rglob("*.py"))}
    helpers = {name: helper for tree in trees.values() for name, helper in _helpers(tree)}
    found: set[Refusal] = set()
    for path, tree in trees.items():
        file = path.relative_to(ROOT).as_posix()
        of_module = _assigned(tree)
        for scope in _scopes(tree):
            texts = {**of_module, **_assigned(scope)}
            for call in _calls(scope):
                found.update(_raised(call, helpers, file, texts))
    return sorted(found)


def _scopes(tree: ast.Module) -> Iterator[ast.stmt]:
    """The statements of a module and of its classes: a function is a scope of its own."""
    for node in tree.body:
        yield from node.body if isinstance(node, ast.ClassDef) else [node]


def _assigned(scope: ast.AST) -> dict[str, ast.expr]:
    """The names that a scope assigns once, with their expressions."""
    pairs = [
        (target.id, node.value)
        for node in ast.walk(scope)
        if isinstance(node, ast.Assign)
        for target in node.targets
        if isinstance(target, ast.Name)
    ]
    counts = Counter(name for name, _ in pairs)
    return {name: value for name, value in pairs if counts[name] == 1}


def _raised(call: ast.Call, helpers: dict[str, _Helper], file: str, texts: dict[str, ast.expr]) -> Iterator[Refusal]:
    name = _name(call.func)
    if name in FAMILIES and len(call.args) >= 2:
        code = _written(call.args[0])
        if code is not None and "{" not in code:
            yield Refusal(code, FAMILIES[name], _text(call.args[1], texts), file)
    elif name in helpers and len(call.args) > max(helpers[name].code_at, 0):
        helper = helpers[name]
        code = _written(call.args[helper.code_at])
        if code is not None and "{" not in code:
            text = _text(call.args[helper.text_at], texts) if len(call.args) > helper.text_at else "…"
            yield Refusal(f"{helper.before}{code}{helper.after}", helper.status, text, file)


def _helpers(tree: ast.AST) -> Iterator[tuple[str, _Helper]]:
    for node in ast.walk(tree):
        if not isinstance(node, ast.FunctionDef):
            continue
        names = [argument.arg for argument in node.args.args]
        for call in _calls(node):
            family = _name(call.func)
            if family not in FAMILIES or len(call.args) < 2:
                continue
            parts = call.args[0].values if isinstance(call.args[0], ast.JoinedStr) else [call.args[0]]
            at = [index for index, part in enumerate(parts) if _parameter(part) in names]
            text = _parameter(call.args[1])
            if len(at) == 1 and all(isinstance(part, ast.Constant) for i, part in enumerate(parts) if i != at[0]):
                before, after = (
                    "".join(str(part.value) for part in some if isinstance(part, ast.Constant))
                    for some in (parts[: at[0]], parts[at[0] + 1 :])
                )
                code_at = names.index(str(_parameter(parts[at[0]])))
                text_at = names.index(text) if text in names else len(names)
                yield node.name, _Helper(FAMILIES[family], before, after, code_at, text_at)


def _parameter(node: ast.expr) -> str | None:
    inner = node.value if isinstance(node, ast.FormattedValue) else node
    return inner.id if isinstance(inner, ast.Name) else None


def _calls(tree: ast.AST) -> Iterator[ast.Call]:
    yield from (node for node in ast.walk(tree) if isinstance(node, ast.Call))


def _name(function: ast.expr) -> str:
    return (
        function.id if isinstance(function, ast.Name) else function.attr if isinstance(function, ast.Attribute) else ""
    )


def _text(node: ast.expr, texts: dict[str, ast.expr]) -> str:
    """The text of an argument, or of the expression that its name stands for."""
    named = texts.get(node.id, node) if isinstance(node, ast.Name) else node
    return _written(named) or "…"


def _written(node: ast.expr) -> str | None:
    """The text of an expression; ``{…}`` where a value stands in it, None where all of it is a value."""
    match node:
        case ast.Constant(value=str(text)):
            return text
        case ast.JoinedStr(values=parts):
            return "".join(str(part.value) if isinstance(part, ast.Constant) else "{…}" for part in parts)
        case ast.BinOp(left=left, op=ast.Add(), right=right):
            return (_written(left) or "{…}") + (_written(right) or "{…}")
        case _:
            return None
