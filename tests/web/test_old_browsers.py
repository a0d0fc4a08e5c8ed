"""Browsers of offices (360 and QQ with Chromium 86, Firefox ESR 115): what they lack is not used without a guard."""

import re

import pytest

from core.settings import ROOT
from core.web import limits
from core.web.page.assets import STATIC

_CSS = {
    "a selector of later browsers": r":(has|is|where|state|dir)\(|:user-(in)?valid|:popover-open",
    "a list within :not()": r":not\([^()]*,",
    "a nested rule": r"(?m)^\s*&|[{;]\s*&[\s.:>\[]",
    "a rule of later browsers": r"@(container|layer|scope|property|starting-style|position-try)\b",
    "a unit of later browsers": r"\d(dvh|svh|lvh|dvw|svw|lvw|cqw|cqh|cqi|rlh|lh|cap)\b",
    "a property of later browsers": r"(?<![\w-])(inset(-\w+)*|aspect-ratio|translate|rotate|scale)\s*:",
    "a value of later browsers": r"\b(color-mix|oklch|oklab|light-dark|lab|lch|round|mod|rem)\(|subgrid|:\s*clip\b",
}
"""Those without which a page looks or works wrongly. Where they only make it finer (``text-wrap``) they may stand."""

_JS = {
    "an assigning operator": r"\?\?=|\|\|=|&&=",
    "a function of later browsers": r"\bstructuredClone\(|\.at\(|\bObject\.(hasOwn|groupBy)\b|\bPromise\.withResolvers"
    r"|\.(findLast|findLastIndex|toSorted|toReversed|toSpliced|checkVisibility|showPopover)\("
    r"|\bcrypto\.randomUUID|\bAbortSignal\.(timeout|any)|\bscheduler\.",
    "a dialog that is not asked for first": r"\b\w+\.(showModal|close)\(\)",
    "a private or static part of a class": r"(?m)^\s*(static\s*\{|#\w+\s*[=(;])|\bthis\.#|\bstatic\s+#",
    "an await outside of functions": r"(?m)^await\b",
    "a selector of later browsers": r":(has|is|where)\(",
    "a regular expression of later browsers": r"/[gimsuy]*[dv][gimsuy]*\.(test|exec)\(|\(\?<[=!]",
}


def _without_guarded(style: str) -> str:
    """The style without its comments and its ``@supports`` blocks, which older browsers leave out."""
    style = re.sub(r"/\*.*?\*/", "", style, flags=re.DOTALL)
    while (begin := style.find("@supports")) >= 0:
        end, depth = style.index("{", begin) + 1, 1
        while depth:
            depth += {"{": 1, "}": -1}.get(style[end], 0)
            end += 1
        style = style[:begin] + style[end:]
    return style


def _unguarded(script: str) -> str:
    """The script without its comments, and without what it asks for first."""
    script = re.sub(r"(?m)^\s*//.*$|(?<=[;{}]) //.*$", "", script)
    return re.sub(r"if \(([\w.]+)\) (return )?\1\(\)", "", script)


def _found(text: str, lacking: dict[str, str]) -> list[str]:
    return [f"{name}: {match[0]}" for name, pattern in lacking.items() for match in re.finditer(pattern, text)]


def test_our_styles_use_nothing_that_old_browsers_lack() -> None:
    found = {path.name: _found(_without_guarded(path.read_text()), _CSS) for path in sorted(STATIC.glob("*.css"))}
    assert len(found) > 1
    assert {name: faults for name, faults in found.items() if faults} == {}


def test_our_scripts_use_nothing_that_old_browsers_lack() -> None:
    found = {path.name: _found(_unguarded(path.read_text()), _JS) for path in sorted(STATIC.glob("*.js"))}
    assert len(found) > 6
    assert {name: faults for name, faults in found.items() if faults} == {}


def test_our_pages_hold_no_style_or_script_of_their_own() -> None:
    pages = sorted((ROOT / "core").rglob("*.html"))
    inline = r"<style|\sstyle=|<script(?![^>]*\bsrc=)|\son[a-z]+=\"|\spopover(target)?="
    assert len(pages) > 100
    assert [(page.name, hit) for page in pages for hit in re.findall(inline, page.read_text())] == []


@pytest.mark.parametrize(
    ("text", "lacking"),
    [
        (".a:has(b) { color: red }", _CSS),
        (".a > :is(b, c) { color: red }", _CSS),
        (".a:not(.b, .c) { color: red }", _CSS),
        (".a { & .b { color: red } }", _CSS),
        (".a { height: 100dvh }", _CSS),
        (".a { inset: 0 }", _CSS),
        ("@layer base { a { color: red } }", _CSS),
        ("(kept[name] ??= []).push(1);", _JS),
        ("const copy = structuredClone(kept);", _JS),
        ("const last = list.at(-1);", _JS),
        ("if (Object.hasOwn(a, 'b')) act();", _JS),
        ("  if (!open) dialog.showModal();", _JS),
        ("await begin();", _JS),
        ("const box = row.closest('tr:has(input)');", _JS),
    ],
)
def test_what_old_browsers_lack_is_found(text: str, lacking: dict[str, str]) -> None:
    assert _found(text, lacking) != []


def test_what_is_guarded_is_allowed() -> None:
    assert (
        _found(_without_guarded("@supports selector(:has(*)) { .a:has(b) { color: red } } .a { gap: 1rem }"), _CSS)
        == []
    )
    assert _found(_unguarded("if (dialog.showModal) dialog.showModal(); else open();"), _JS) == []


def test_a_browser_refuses_what_the_server_would_not_read() -> None:
    stated = re.search(r"const largest = ([\d* -]+);", (STATIC / "upload.js").read_text())
    assert stated is not None
    assert eval(stated[1]) == limits.LARGEST_UPLOAD - limits.LARGEST_FORM  # noqa: S307 - our own file
