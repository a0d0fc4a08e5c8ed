"""The papers that a draft asks for, as its unit sees them: it may upload them on the person's behalf."""

from collections.abc import Sequence

from core.applications import forms
from core.applications.models import Application
from core.db.session import UnitSession
from core.platform import Platform
from core.plugin_api import MaterialRequirement
from core.reviews import submission


def papers_of_draft(
    session: UnitSession, platform: Platform, application: Application
) -> Sequence[MaterialRequirement]:
    """The papers that the rules and the office ask of the present form; nothing is written."""
    rules = platform.rules[application.year]
    form = forms.supposed(submission.read_form(session, application, platform.offices))
    return submission.judge(session, application, form, offices=platform.offices, rules=rules).requirements
