"""Reminding an office of the filings that it still owes the provincial center."""

from core.clock import SHANGHAI
from core.db.session import SystemSession
from core.messages.deadlines import in_words, reminder_due
from core.messages.service import Recipient, notify
from core.oversight.filings_due import DutyStatus, duties
from core.oversight.queries import filed_versions, standard_dues
from core.plugin_api import OfficeLevel
from core.tenancy.offices import Offices

_DONE = frozenset({DutyStatus.FILED, DutyStatus.RECEIVED})


def remind_office(session: SystemSession, *, year: int, offices: Offices) -> None:
    """Remind a city of filings that are due soon. Source: 2024 notice §3(3) and last paragraph of §3.

    PluginError where its plugins fail.
    """
    office = offices.catalogue.get(session.office_id)
    if office.level is not OfficeLevel.CITY:
        return
    view = office.view(session.now.astimezone(SHANGHAI).date())
    season = offices.catalogue.season_view(office.code, year)
    owed = offices.hooks(office.code).filings_due(season, view, standard=standard_dues(office, year))
    filed = filed_versions(session, year, office_id=office.code)
    for duty in duties(office.code, owed, filed, at=session.now):
        reached = reminder_due(duty.due, session.now, office.config.messages.reminder_days)
        if reached is not None and duty.status not in _DONE:
            notify(
                session,
                Recipient(office_id=office.code),
                event_key=f"reminder.filing:{office.code}:{year}:{duty.kind}:{duty.due.isoformat()}:{reached}",
                office_id=office.code,
                kind="reminder.filing",
                title=f"{duty.title}即将到期",
                body=f"{duty.title}须于{in_words(duty.due)}前报省中心，目前尚未完成。请及时报送。依据：{duty.source}。",
            )
