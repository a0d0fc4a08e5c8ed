"""Notices and the outbox by pages."""

from core.pages.messages import notices, outbox

PAGES = [*notices.PAGES, *outbox.PAGES]
