"""Notices and the outbox over JSON."""

from core.api.messages import messages

ROUTERS = [messages.router, messages.outbox_router]
