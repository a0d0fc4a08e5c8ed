"""Acts around the exam itself: tickets, arrivals at the door, door lists, incidents."""

from datetime import timedelta
from typing import Any

from core.db.base import new_id
from core.db.session import Role
from core.scheduling.emergencies import service as emergencies
from core.scheduling.emergencies.kinds import EmergencyKind, EntryKind, Severity
from core.scheduling.emergencies.service import EmergencyForm
from core.scheduling.exam_day import door, door_lists, opening, opening_alarms
from core.scheduling.exam_day.door import IncidentForm, IncidentKind
from core.scheduling.exam_day.notes import Note
from core.scheduling.tickets import service as tickets
from tests.histories.acts import World, act

ADMITTED_AT_DOOR = "t.cancelled_at IS NULL AND t.starts_at - interval '3 hours' <= :now AND t.ends_at >= :now"
_SENT_LATE = "t.cancelled_at IS NULL AND t.starts_at <= :now AND t.ends_at >= :now - interval '2 days'"
_OPENED = "t.cancelled_at IS NULL AND t.starts_at - interval '3 hours' <= :now AND t.ends_at > :now"
_REASON = "测试理由"


class ExamDay(World):
    """Tickets, and the day on which they count."""

    @act("plans", "t.state = 'published'")
    def tickets_are_issued(self, plan: Any) -> None:
        with self.scheduler(plan.office_id) as session:
            tickets.issue_tickets(session, plan.id, rules=self.config(plan.office_id).tickets)

    @act("admission_tickets", "t.voided_at IS NULL")
    def ticket_is_voided(self, ticket: Any) -> None:
        with self.scheduler(ticket.office_id) as session:
            tickets.void_ticket(session, ticket.id, reason=_REASON)

    @act("admission_tickets", "t.voided_at IS NULL")
    def candidate_prints_the_ticket(self, ticket: Any) -> None:
        [case] = self.rows_for("applications", "t.id = :case", case=ticket.application_id)
        with self.person(case) as session:
            rules = self.config(ticket.office_id).tickets
            tickets.commit_to_rules(session, case.id, rules=rules, agreed=True)
            tickets.ticket_to_print(session, case.id, rules=rules)

    @act("sittings", ADMITTED_AT_DOOR)
    def candidate_arrives(self, sitting: Any) -> None:
        """Somebody shows a ticket of this exam, in force or not."""
        self._note(sitting, self.now)

    @act("sittings", _SENT_LATE)
    def phone_sends_what_it_kept(self, sitting: Any) -> None:
        """An arrival that was noted in time without a connection, and is sent now."""
        self._note(sitting, min(self.now, sitting.starts_at + timedelta(minutes=self.luck.choice((-30, 0, 30)))))

    def _note(self, sitting: Any, noted_at: Any) -> None:
        ticket = self.any_of(
            "admission_tickets",
            "t.office_id = :office AND EXISTS (SELECT FROM seats s WHERE s.application_id = t.application_id"
            " AND s.sitting_id = :sitting)",
            office=sitting.office_id,
            sitting=sitting.id,
        )
        with self.office(sitting.office_id, Role.EXAMINER) as session:
            [said] = door.note_arrivals(session, [Note(new_id(), ticket.number, sitting.id, noted_at)])
        self.answered = said.outcome

    @act(
        "sittings",
        "t.cancelled_at IS NULL AND t.starts_at <= :now AND NOT EXISTS (SELECT FROM attendances d"
        " WHERE d.sitting_id = t.id AND d.state = 'absent')",
    )
    def door_list_is_closed(self, sitting: Any) -> None:
        with self.office(sitting.office_id, Role.EXAMINER) as session:
            door_lists.close_attendance(session, sitting.id, reason=_REASON)

    @act("offices")
    def worker_closes_door_lists(self, office: Any) -> None:
        for year in self.years:
            with self.system(office.id) as session:
                door_lists.close_overdue(session, year)
                door_lists.remind_of_door_lists(session, year)

    @act("sittings", _OPENED)
    def site_is_opened(self, sitting: Any) -> None:
        """The steps of a site in their order, as far as the day goes; one of them may have a fault."""
        site = self._site_of(sitting)
        with self.office(sitting.office_id, Role.EXAMINER) as session:
            for step in opening.Step:
                fault = step is not opening.Step.OPEN and self.chance(8)
                noted = opening.StepForm(step, in_order=not fault, remark="测试问题" if fault else "")
                opening.note_step(session, sitting.id, site, noted)

    @act("offices")
    def worker_watches_openings(self, office: Any) -> None:
        minutes = self.config(office.id).exam_day.opened_minutes_before
        for year in self.years:
            with self.system(office.id) as session:
                opening_alarms.watch_openings(session, year, minutes_before=minutes)
                emergencies.remind_unreceived(session, year, minutes=10)

    @act("opening_alarms", "t.settled_at IS NULL")
    def alarm_is_settled(self, alarm: Any) -> None:
        with self.office(alarm.office_id, Role.CITY_SUPERVISOR) as session:
            opening_alarms.settle_alarm(session, alarm.id, reason=_REASON)

    def _site_of(self, sitting: Any) -> Any:
        return self.any_of(
            "exam_sites",
            "EXISTS (SELECT FROM sitting_rooms u WHERE u.sitting_id = :sitting AND u.site_id = t.id)",
            sitting=sitting.id,
        ).id

    @act("sittings", "t.starts_at <= :now")
    def incident_is_reported(self, sitting: Any) -> None:
        with self.office(sitting.office_id, Role.EXAMINER) as session:
            form = IncidentForm(IncidentKind.EQUIPMENT, "一台机器死机", self.now, new_id(), sitting.id)
            door.report_incident(session, sitting.year, form)

    @act("sittings", "t.starts_at - interval '3 hours' <= :now")
    def emergency_is_reported(self, sitting: Any) -> None:
        with self.office(sitting.office_id, Role.EXAMINER) as session:
            kind = self.luck.choice(list(EmergencyKind))
            form = EmergencyForm(kind, Severity.COMMON, "测试突发事件", self.now, new_id(), sitting_id=sitting.id)
            emergencies.report_emergency(session, sitting.year, form)

    @act("emergencies", "t.state = 'open'")
    def emergency_is_reported_on(self, emergency: Any) -> None:
        kind = self.luck.choice((EntryKind.UPDATE, EntryKind.FINAL))
        with self.office(emergency.office_id, Role.EXAMINER) as session:
            emergencies.add_report(session, emergency.id, kind, "测试续报", client_id=new_id())

    @act("emergencies", "t.state <> 'closed'")
    def center_receives_and_instructs(self, emergency: Any) -> None:
        with self.province() as session:
            emergencies.acknowledge(session, emergency.id)
            emergencies.instruct(session, emergency.id, "测试指示", new_id())

    @act("emergencies", "t.state = 'concluded'")
    def emergency_is_closed(self, emergency: Any) -> None:
        with self.office(emergency.office_id, Role.CITY_SUPERVISOR) as session:
            emergencies.close_emergency(session, emergency.id, "测试小结", new_id())
