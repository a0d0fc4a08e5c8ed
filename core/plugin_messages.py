"""The part of ``core.plugin_api`` that gateways need: a message on its way out."""

from __future__ import annotations

from enum import StrEnum


class Channel(StrEnum):
    """By which ways people are told; in-app always."""

    IN_APP = "in_app"
    SMS = "sms"
    EMAIL = "email"
