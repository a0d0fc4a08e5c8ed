"""A browser as offices have it (Chromium 86 in 360 and QQ on Windows 7): today's one, with its later parts taken away.

What is grammar (``??=``, private methods) cannot be taken away; ``tests/web/test_old_browsers.py`` reads for it.
"""

from playwright.sync_api import BrowserContext, Route

_TAKEN_AWAY = """
// The browser's own pages, such as its reader of PDFs, are those of today.
if (location.protocol.startsWith("http")) {
delete globalThis.structuredClone;
delete globalThis.HTMLDialogElement.prototype.showModal;
delete globalThis.HTMLDialogElement.prototype.show;
delete globalThis.HTMLDialogElement.prototype.close;
delete globalThis.HTMLDialogElement.prototype.open;
for (const kind of [Array, String, Object.getPrototypeOf(Int8Array)]) delete kind.prototype.at;
for (const name of ["findLast", "findLastIndex", "toSorted", "toReversed"]) delete Array.prototype[name];
delete Object.hasOwn;
delete Object.groupBy;
delete Promise.withResolvers;
delete globalThis.Crypto.prototype.randomUUID;
delete Element.prototype.checkVisibility;
delete HTMLElement.prototype.showPopover;
}
"""
_NOT_KNOWN = (":has(", ":is(", ":where(")


def make_old(context: BrowserContext) -> None:
    """Take from every page of ``context`` what a browser of 2020 lacks."""
    context.add_init_script(_TAKEN_AWAY)
    context.route("**/static/kaowu.css*", _without_later_selectors)
    context.route("**/static/photo.css*", _without_later_selectors)


def _without_later_selectors(route: Route) -> None:
    answer = route.fetch()
    text = answer.text()
    for selector in _NOT_KNOWN:
        text = text.replace(selector, f":unknown-{selector[1:]}")
    # The text is unpacked by now.
    headers = {name: value for name, value in answer.headers.items() if name != "content-encoding"}
    route.fulfill(status=answer.status, headers=headers, body=text)
