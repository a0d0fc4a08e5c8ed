"""The ways in which a journey is made from its start to its end."""

import pytest

from tests.browser.chromium import DESKTOP, PHONE
from tests.browser.old_browser import OLD

_USUAL = {"phone": (PHONE, True, OLD), "desktop": (DESKTOP, True, OLD), "without scripts": (PHONE, False, OLD)}
_ALL = {**_USUAL, "old desktop": (DESKTOP, True, True)}

WAYS = pytest.mark.parametrize(("viewport", "javascript"), [way[:2] for way in _USUAL.values()], ids=_USUAL)
"""On a phone, on a desktop, and on a phone without scripts."""

WAYS_AND_OLD = pytest.mark.parametrize(("viewport", "javascript", "old"), _ALL.values(), ids=_ALL)
"""The same, and on a desktop with a browser of 2020 as offices have it; for the journeys that use most of a page."""
