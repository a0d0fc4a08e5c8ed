"""Pages for everybody: the front page, help and privacy."""

from core.pages.public import front

PAGES = [*front.PAGES]
