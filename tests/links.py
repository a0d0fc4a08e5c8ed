"""A browser without scripts that follows links and sends forms, over HTTP within this process.

It knows of a page only what its reader sees: what is named on it, the texts of links and buttons, the labels of fields.
It is a hundred times faster than a window of Chromium, and made for long ways through many pages.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from html.parser import HTMLParser
from typing import Any, TypeAlias
from urllib.parse import urlencode, urljoin, urlsplit

from litestar import Litestar
from litestar.testing import TestClient

from core.simulate.scans import scan
from core.web.authentication.cookies import SESSION

Filled: TypeAlias = Mapping[str, "str | bytes"]
"""Words of a label, or a field's name → what is written there or chosen; of a file its content, of a tick anything."""

_File: TypeAlias = tuple[str, tuple[str, bytes, str]]
_VOID = frozenset({"area", "base", "br", "col", "hr", "img", "input", "link", "meta", "source", "track", "wbr"})
_MOST_REDIRECTS = 5
_NO_FILE = ("", b"", "application/octet-stream")
_WORDS = "经核查，情况属实（测试）"
_NUMBER = "80"


@dataclass(eq=False)
class Element:
    """A part of a page."""

    tag: str
    attributes: Mapping[str, str] = field(default_factory=dict)
    parent: Element | None = None
    children: list[Element | str] = field(default_factory=list)

    def __getitem__(self, name: str) -> str:
        return self.attributes.get(name, "")

    @cached_property
    def below(self) -> Sequence[Element]:
        """Every element below this one, in the order of the page."""
        found: list[Element] = []
        for child in self.children:
            if isinstance(child, Element):
                found += (child, *child.below)
        return found

    @property
    def text(self) -> str:
        """What is read there, without line breaks."""
        return re.sub(r"\s+", " ", self._raw()).strip()

    def all(self, *tags: str) -> list[Element]:
        """The elements of these kinds below this one."""
        return [element for element in self.below if element.tag in tags]

    def within(self, tag: str) -> Element | None:
        """The nearest element of a kind around this one."""
        around = self.parent
        while around is not None and around.tag != tag:
            around = around.parent
        return around

    def _raw(self) -> str:
        return "".join(child if isinstance(child, str) else child._raw() for child in self.children)


class _Reader(HTMLParser):
    """Makes the tree of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.root = self.at = Element("document")

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        made = Element(tag, {name: value or "" for name, value in attrs}, self.at)
        self.at.children.append(made)
        if tag not in _VOID:
            self.at = made

    def handle_endtag(self, tag: str) -> None:
        around: Element | None = self.at
        while around is not None and around.tag != tag:
            around = around.parent
        if around is not None and around.parent is not None:
            self.at = around.parent

    def handle_data(self, data: str) -> None:
        self.at.children.append(data)


def read(content: str) -> Element:
    """The tree of a page."""
    reader = _Reader()
    reader.feed(content)
    return reader.root


class LinkBrowser:
    """Somebody who is signed in and reads one page after another. A page that cannot be shown fails."""

    def __init__(self, client: TestClient[Litestar], token: str) -> None:
        self._client = client
        self._cookies = {SESSION: token}
        self.address = ""
        self.page = Element("document")
        self.status = 0
        self.content = b""
        """The last answer, which may have been a file."""

    @property
    def main(self) -> Element:
        """The content of the page, without its header and menu."""
        return next(iter(self.page.all("main")), self.page)

    def open(self, address: str) -> None:
        """Begin at an address."""
        self._ask("GET", urljoin(self.address, address))

    def follow(self, link: Element) -> None:
        """Click a link."""
        self.open(link["href"])

    def links(self, text: str) -> list[Element]:
        """The links of the content with these words in their text."""
        return [link for link in self.main.all("a") if text in link.text and link["href"]]

    def line(self, address: str) -> Element:
        """The line of the menu that leads to an address."""
        menus = [menu for menu in self.page.all("nav") if "menu-side" in menu["class"]]
        return next(link for menu in menus for link in menu.all("a") if link["href"].partition("&year")[0] == address)

    def buttons(self, text: str) -> list[Element]:
        """The buttons of the content with this text that send a form and can be pressed."""
        found = [
            button for button in self.main.all("button") if button.text == text and "disabled" not in button.attributes
        ]
        return [button for button in found if _form_of(self.page, button) is not None]

    def press(self, button: Element, filled: Filled) -> None:
        """Send the form of a button: filled in by the words of labels, and where a field is required by itself."""
        form = _form_of(self.page, button)
        assert form is not None
        fields, files = _Form(self.page, form, filled).answers()
        if button["name"]:
            fields.append((button["name"], button["value"]))
        way = button["formaction"] or form["action"] or self.address
        address = urljoin(self.address, way)
        if (form["method"] or "get").lower() == "get":
            self._ask("GET", address.partition("?")[0] + "?" + urlencode(fields))
            return
        if form["enctype"] == "multipart/form-data":
            self._ask("POST", address, files=[*((name, (None, value.encode())) for name, value in fields), *files])
            return
        body = urlencode(fields).encode()
        self._ask("POST", address, content=body, headers={"Content-Type": "application/x-www-form-urlencoded"})

    def refusal(self) -> str:
        """What the page says is wrong; empty where nothing is."""
        return " ".join(part.text for part in self.main.below if "error-summary" in part["class"].split())

    def _ask(self, method: str, address: str, *, headers: Mapping[str, str] | None = None, **sent: Any) -> None:
        for _ in range(_MOST_REDIRECTS):
            whole = urlsplit(address)
            path = whole.path + (f"?{whole.query}" if whole.query else "")
            cookies = "; ".join(f"{name}={value}" for name, value in self._cookies.items())
            own = {**(headers or {}), "Cookie": cookies, "Accept": "text/html"}
            answer = self._client.request(method, path, follow_redirects=False, headers=own, **sent)
            self._cookies |= dict(answer.cookies)
            self._client.cookies.clear()
            if not answer.is_redirect:
                break
            method, address, headers, sent = "GET", urljoin(path, answer.headers["location"]), None, {}
        self.status, self.content = answer.status_code, answer.content
        if "html" in answer.headers["content-type"]:
            # A file is taken away; the page stays as it is.
            self.address, self.page = path, read(answer.text)
        assert self.status < 500, (method, path, self.main.text)


def _form_of(page: Element, part: Element) -> Element | None:
    if part["form"]:
        return next((form for form in page.all("form") if form["id"] == part["form"]), None)
    return part.within("form")


class _Form:
    """A form as its reader fills it in."""

    def __init__(self, page: Element, form: Element, filled: Filled) -> None:
        self._filled = filled
        parts = page.all("input", "select", "textarea")
        self._parts = [
            part
            for part in parts
            if part["name"] and "disabled" not in part.attributes and _form_of(page, part) is form
        ]
        self._labels = {label["for"]: label.text for label in page.all("label") if label["for"]}

    def answers(self) -> tuple[list[tuple[str, str]], list[_File]]:
        """The fields and the files that are sent."""
        fields: list[tuple[str, str]] = []
        files: list[_File] = []
        for part in self._parts:
            name, kind = part["name"], part["type"] if part.tag == "input" else part.tag
            if kind == "file":
                files.append((name, self._file(part)))
            elif kind == "select":
                fields.append((name, self._option(part)))
            elif kind == "radio":
                if part is self._one_of([other for other in self._parts if other["name"] == name]):
                    fields.append((name, part["value"]))
            elif kind == "checkbox":
                if self._wanted(part) is not None or {"checked", "required"} & set(part.attributes):
                    fields.append((name, part["value"] or "on"))
            elif kind not in {"submit", "button", "reset", "image"}:
                fields.append((name, self._text(part)))
        return fields, files

    def _wanted(self, part: Element) -> str | bytes | None:
        label = self._label(part)
        return next((value for words, value in self._filled.items() if words == part["name"] or words in label), None)

    def _label(self, part: Element) -> str:
        around = part.within("label")
        if around is not None:
            return around.text
        return self._labels.get(part["id"], part["aria-label"])

    def _file(self, part: Element) -> tuple[str, bytes, str]:
        wanted = self._wanted(part)
        if isinstance(wanted, bytes):
            return ("table.csv", wanted, "text/csv")
        required = wanted is not None or "required" in part.attributes
        return ("scan.png", scan(part["name"]), "image/png") if required else _NO_FILE

    def _option(self, part: Element) -> str:
        options = part.all("option")
        wanted = self._wanted(part)
        selected = [option for option in options if "selected" in option.attributes]
        if wanted is not None:
            selected = [option for option in options if str(wanted) in option.text]
        elif "required" in part.attributes and not any(option["value"] for option in selected):
            selected = [option for option in options if option["value"]]
        return (selected or options)[0]["value"]

    def _one_of(self, choices: Sequence[Element]) -> Element | None:
        for words in self._filled:
            found = [choice for choice in choices if words in self._label(choice)]
            if found:
                return found[0]
        checked = [choice for choice in choices if "checked" in choice.attributes]
        required = [choice for choice in choices if "required" in choice.attributes]
        return next(iter(checked or required), None)

    def _text(self, part: Element) -> str:
        wanted, stands = self._wanted(part), part._raw() if part.tag == "textarea" else part["value"]
        if wanted is not None or stands or "required" not in part.attributes:
            return stands if wanted is None else str(wanted)
        return _NUMBER if part["inputmode"] in {"decimal", "numeric"} else _WORDS
