"""Papers and attachments over JSON."""

from core.api.documents import attachments, papers

ROUTERS = [attachments.router, papers.router]
