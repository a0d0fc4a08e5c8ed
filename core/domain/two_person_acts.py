"""Pure: every act that one party begins and another decides, and who is told of the answer. Read before adding one.

An act whose second half is negative is told, with its reason or the way to it, to those who wait for it: the person,
the unit, or the office that asked. A table with a column ``decided_by`` or ``answered_by`` belongs to one of these acts
(``tests/test_two_person_acts.py``).
"""

from dataclasses import dataclass
from enum import StrEnum


class Told(StrEnum):
    """Who is told of an answer: an objector by telephone, everybody else by a notice."""

    PERSON = "person"
    UNIT = "unit"
    OFFICE = "office"
    OBJECTOR = "objector"


@dataclass(frozen=True, slots=True)
class Answer:
    """One way in which the second party decides: the event of the record, the kind of notice, and who gets it.

    Without ``told`` those concerned see the answer where they asked, and wait for nothing. A reason that speaks of an
    accusation is no text for a message: it stands on the page to which the notice leads (``reason_on_page``).
    """

    event: str
    kind: str = ""
    told: frozenset[Told] = frozenset()
    reason_on_page: bool = False


@dataclass(frozen=True, slots=True)
class TwoPersonAct:
    """An act in two halves: ``asked`` is the event of the first; the row of ``table`` waits for the second."""

    table: str
    asked: str
    agreed: tuple[Answer, ...]
    refused: tuple[Answer, ...]


def _answer(event: str, kind: str, *told: Told) -> Answer:
    return Answer(event, kind, frozenset(told))


def _of_a_case(event: str, kind: str, *told: Told) -> Answer:
    return Answer(event, kind, frozenset(told), reason_on_page=True)


_PERSON, _UNIT, _OFFICE, _OBJECTOR = Told.PERSON, Told.UNIT, Told.OFFICE, Told.OBJECTOR

TWO_PERSON_ACTS: tuple[TwoPersonAct, ...] = (
    TwoPersonAct(
        "moves",
        "application.submit",
        (
            _answer("application.approve", "application.approve", _PERSON),
            _answer("application.confirm", "application.confirm", _PERSON),
        ),
        (
            _answer("application.return", "application.return", _PERSON),
            _answer("application.reject", "application.reject", _PERSON),
        ),
    ),
    TwoPersonAct(
        "review_appeals",
        "review_appeal.asked",
        (_answer("review_appeal.reopened", "review_appeal_reopened", _PERSON, _OFFICE),),
        (_answer("review_appeal.upheld", "review_appeal_upheld", _PERSON, _OFFICE),),
    ),
    TwoPersonAct("inquiries", "inquiry.asked", (_answer("inquiry.answered", "inquiry_answered", _PERSON),), ()),
    TwoPersonAct(
        "identity_corrections",
        "person.correction_asked",
        (_answer("person.corrected", "identity_granted", _PERSON),),
        (_answer("person.correction_refused", "identity_refused", _PERSON, _OFFICE),),
    ),
    TwoPersonAct(
        "factor_removals",
        "second_factor.removal_proposed",
        (_answer("second_factor.removal_granted", "factor_removed", _OFFICE),),
        (_answer("second_factor.removal_refused", "factor_removal_refused", _OFFICE),),
    ),
    TwoPersonAct(
        "certificate_reissues",
        "certificate.reissue_proposed",
        (_answer("certificate.reissued", "certificate_reissued", _PERSON),),
        (_answer("certificate.reissue_refused", "certificate_reissue_refused", _PERSON, _OFFICE),),
    ),
    TwoPersonAct(
        "strikings",
        "striking.proposed",
        (
            _answer("publication.struck", "publication_struck", _PERSON),
            _answer("publication.restored", "striking_restored", _PERSON),
        ),
        (_answer("striking.refused", "striking_refused", _PERSON),),
    ),
    TwoPersonAct(
        "mark_corrections",
        "mark.correction_asked",
        (_answer("mark.corrected", "mark_corrected", _PERSON, _UNIT),),
        (_answer("mark.correction_refused", "mark_correction_refused", _PERSON, _UNIT, _OFFICE),),
    ),
    TwoPersonAct(
        "mark_imports",
        "marks.proposed",
        (_answer("marks.confirmed", "marks_known", _PERSON),),
        (_answer("marks.withdrawn", "marks_withdrawn", _OFFICE, _PERSON),),
    ),
    TwoPersonAct(
        "panel_rankings",
        "ranking.proposed",
        (_answer("ranking.confirmed", "ranking_confirmed", _OFFICE),),
        (_answer("ranking.returned", "ranking_returned", _OFFICE),),
    ),
    TwoPersonAct(
        "score_checks",
        "score_check.asked",
        (_answer("score_check.upheld", "score_check_upheld", _PERSON, _UNIT),),
        (_answer("score_check.dismissed", "score_check_dismissed", _PERSON, _UNIT),),
    ),
    TwoPersonAct(
        "manager_forms",
        "manager_form.filed",
        (_answer("manager_form.accepted", "manager_form_accepted", _UNIT),),
        (_answer("manager_form.returned", "manager_form_returned", _UNIT),),
    ),
    TwoPersonAct(
        "onsite_batches",
        "onsite_batch.handed_in",
        (_answer("onsite_batch.received", "onsite_batch.received", _UNIT),),
        (_answer("onsite_batch.returned", "onsite_batch.returned", _UNIT),),
    ),
    TwoPersonAct(
        "filings",
        "filing.filed",
        (_answer("filing.received", "filing_received", _OFFICE),),
        (_answer("filing.returned", "filing_returned", _OFFICE),),
    ),
    TwoPersonAct(
        "season_acts",
        "season.close_proposed",
        (_answer("season.closed", "season_phase", _OFFICE),),
        (_answer("season.act_cancelled", "season_act_cancelled", _OFFICE),),
    ),
    TwoPersonAct(
        "emergency_plans",
        "emergency_plan.filed",
        (_answer("emergency_plan.received", "emergency_plan_received", _OFFICE),),
        (_answer("emergency_plan.returned", "emergency_plan_returned", _OFFICE),),
    ),
    TwoPersonAct(
        "patrol_findings",
        "patrol.answered",
        (_answer("patrol.finding_closed", "patrol_finding_settled", _OFFICE),),
        (_answer("patrol.asked_again", "patrol_asked_again", _OFFICE),),
    ),
    # Opener and person see both ends on the page of the case; a notice would be read by colleagues.
    TwoPersonAct(
        "accountability_cases",
        "accountability.opened",
        (Answer("accountability.decided"), Answer("accountability.cleared")),
        (),
    ),
    TwoPersonAct(
        "delegations",
        "delegation.proposed",
        (_answer("delegation.took_effect", "delegation", _OFFICE),),
        (_answer("delegation.cancelled", "delegation", _OFFICE),),
    ),
    TwoPersonAct(
        "sample_items",
        "sample.drawn",
        (Answer("sample.upheld"),),
        (
            _answer("sample.correction_ordered", "supervision", _OFFICE),
            _answer("sample.overturned", "supervision", _OFFICE),
        ),
    ),
    TwoPersonAct(
        "accommodation_requests",
        "accommodation.asked",
        (_answer("accommodation.decided", "accommodation_decided", _PERSON),),
        (_answer("accommodation.decided", "accommodation_decided", _PERSON),),
    ),
    TwoPersonAct(
        "objections",
        "objection.received",
        (_answer("objection.sustained", "objection_answered", _OBJECTOR),),
        (_answer("objection.dismissed", "objection_answered", _OBJECTOR),),
    ),
    TwoPersonAct(
        "sanction_cases",
        "sanction.propose",
        (_answer("sanction.hear", "sanction_hear", _PERSON),),
        (_of_a_case("sanction.drop", "sanction_drop", _OFFICE),),
    ),
    TwoPersonAct(
        "sanction_cases",
        "sanction.hear",
        (_answer("sanction.decide", "sanction_decide", _PERSON),),
        (_of_a_case("sanction.clear", "sanction_clear", _PERSON, _OFFICE),),
    ),
    TwoPersonAct(
        "bans",
        "ban.taken_over",
        (_answer("ban.imposed", "ban_imposed", _PERSON),),
        (_of_a_case("ban.refused", "ban_refused", _OFFICE),),
    ),
    TwoPersonAct(
        "sanction_cases",
        "sanction.appeal",
        (_answer("sanction.overturn", "sanction_overturn", _PERSON, _OFFICE),),
        (_of_a_case("sanction.uphold", "sanction_uphold", _PERSON),),
    ),
)
"""Every act in two halves. Role grants, late entries and publications are acts of one officer, and not here."""
