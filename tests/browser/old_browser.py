"""A browser as offices have it (Chromium 86 in 360 and QQ on Windows 7): today's one, with its later parts taken away.

Every style and script that a page loads is served as such a browser reads it: what it does not know is spelled wrong,
so that a rule is dropped whole and a script with a later operator does not run. Other grammar (private methods) and
selectors in scripts cannot be taken away; ``tests/web/test_old_browsers.py`` reads for them.
"""

import os
import re

from playwright.sync_api import BrowserContext, Route

OLD = os.environ.get("OLD_BROWSER") == "true"
"""Whether all windows of this run are old."""

_TAKEN_AWAY = """
// The browser's own pages, such as its reader of PDFs, are those of today.
if (location.protocol.startsWith("http")) {
delete globalThis.structuredClone;
for (const name of ["showModal", "show", "close", "open"]) delete globalThis.HTMLDialogElement.prototype[name];
delete globalThis.HTMLDialogElement;
for (const kind of [Array, String, Object.getPrototypeOf(Int8Array)]) delete kind.prototype.at;
for (const name of ["findLast", "findLastIndex", "toSorted", "toReversed"]) delete Array.prototype[name];
delete Object.hasOwn;
delete Object.groupBy;
delete Promise.withResolvers;
delete globalThis.Crypto.prototype.randomUUID;
delete Element.prototype.checkVisibility;
delete HTMLElement.prototype.showPopover;
delete globalThis.BarcodeDetector;
if (globalThis.SubtleCrypto) {
const known = SubtleCrypto.prototype.importKey;
SubtleCrypto.prototype.importKey = function (format, key, algorithm, ...more) {
if ((algorithm.name || algorithm) === "Ed25519") return Promise.reject(new DOMException("", "NotSupportedError"));
return known.call(this, format, key, algorithm, ...more);
};
}
}
"""
_DIALOG = "dialog{display:inline;position:static;margin:0;padding:0;border:0;width:auto;height:auto;color:inherit;}"
"""What an element is that nobody knows; it stands before all other styles."""
_STYLE = (
    (r":(?=(?:has|is|where)\()", ":unknown-"),
    (r":not\((?=[^()]*,)", ":unknown-not("),
    (r"\b(?=(?:color-mix|oklch|oklab|light-dark)\()", "unknown-"),
    (
        r"(?<![\w-])(?=(?:inset(?:-[\w-]+)?|aspect-ratio|translate|rotate|scale|(?:margin|padding)-(?:inline|block))\s*:)",
        "unknown-",
    ),
)
_SCRIPT = ((r"(\?\?|\|\||&&)=(?!=)", r"\1 ="),)
_READ: dict[str, tuple[dict[str, str], str]] = {}
"""What was read before: the address of a style or script names its content."""


def make_old(context: BrowserContext) -> None:
    """Take from every page of ``context`` what a browser of 2020 lacks."""
    context.add_init_script(_TAKEN_AWAY)
    context.route(re.compile(r"/static/[\w-]+\.(css|js)\b"), _as_an_old_browser_reads_it)


def _as_an_old_browser_reads_it(route: Route) -> None:
    named = route.request.url.partition("/static/")[2]
    if named not in _READ:
        answer = route.fetch()
        assert answer.ok
        # The text is unpacked by now.
        headers = {name: value for name, value in answer.headers.items() if name != "content-encoding"}
        _READ[named] = headers, (old_script if ".js?" in named else old_style)(answer.text())
    headers, body = _READ[named]
    route.fulfill(headers=headers, body=body)


def old_style(text: str) -> str:
    """A style sheet in which everything later than 2020 is unknown."""
    for known, unknown in _STYLE:
        text = re.sub(known, unknown, text)
    return _DIALOG + text


def old_script(text: str) -> str:
    """A script in which a later operator is a fault of grammar."""
    for known, unknown in _SCRIPT:
        text = re.sub(known, unknown, text)
    return text
