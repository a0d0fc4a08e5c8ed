"""Papers and attachments by pages."""

from core.pages.documents import attachments, papers

PAGES = [*attachments.PAGES, *papers.PAGES]
