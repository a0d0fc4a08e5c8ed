"""Every page, and who looks at it. One line here has a page tried on a phone and on a desktop, by axe-core, for its
size, its console and its requests, and photographed by ``make screenshots``; a page that is missing fails a test.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Shown:
    """A page as somebody sees it.

    ``who`` is a key of ``Town.people``; None is nobody. ``{…}`` in the address is filled from ``Town.places``.
    ``heavy`` pages hold charts and may be larger than the others.
    """

    name: str
    address: str
    who: str | None = None
    status: int = 200
    heavy: bool = False


PAGES = (
    Shown("front", "/"),
    Shown("calendars", "/calendar"),
    Shown("calendars-of-a-city", "/calendar?city=linshui/qinghe"),
    Shown("calendar-of-a-county", "/calendar/linshui/qinghe/heyuan"),
    Shown("help", "/help"),
    Shown("privacy", "/privacy"),
    Shown("not-found", "/nowhere", status=404),
    Shown("front-signed-in", "/", "newcomer"),
    Shown("eligibility", "/eligibility"),
    Shown(
        "eligibility-answered",
        "/eligibility?staff_category=regular&first_job_year=2005&education=2&current_grade=4&current_grade_year=2015",
        "newcomer",
    ),
    Shown("register", "/register"),
    Shown("register-code", "/register/{code}"),
    Shown("reset", "/reset"),
    Shown("reset-code", "/reset/{code}"),
    Shown("sign-in", "/sign-in?to=/my"),
    Shown("sign-in-code", "/sign-in/code", "half_signed_in"),
    Shown("account", "/account", "newcomer"),
    Shown("account-of-staff", "/account", "city"),
    Shown("password", "/account/password", "newcomer"),
    Shown("second-factor", "/account/second-factor", "newcomer"),
    Shown("notices-none", "/notices", "newcomer"),
    Shown("notices", "/notices", "returned"),
    Shown("my-none", "/my", "newcomer"),
    Shown("start", "/my/start?unit=测试单位", "newcomer"),
    Shown("start-unknown-unit", "/my/start?unit=没有的单位", "newcomer"),
    Shown("draft", "/my/applications/{draft}", "drafter"),
    Shown("form-person", "/my/applications/{draft}/form/person", "drafter"),
    Shown("form-held", "/my/applications/{draft}/form/held", "drafter"),
    Shown("form-wish", "/my/applications/{draft}/form/wish", "drafter"),
    Shown("form-record", "/my/applications/{draft}/form/record", "drafter"),
    Shown("papers", "/my/applications/{draft}/papers", "drafter"),
    Shown("check", "/my/applications/{draft}/check", "drafter"),
    Shown("waiting", "/my/applications/{waiting}", "waiting"),
    Shown("deferred", "/my", "deferred_too"),
    Shown("returned", "/my/applications/{returned}", "returned"),
    Shown("returned-form", "/my/applications/{returned}/form/person", "returned"),
    Shown("returned-locked", "/my/applications/{returned}/form/wish", "returned"),
    Shown("returned-papers", "/my/applications/{returned}/papers", "returned"),
    Shown("not-mine", "/my/applications/{draft}", "newcomer", status=404),
    Shown("desk", "/desk", "city"),
    Shown("desk-nothing-found", "/desk?state=onsite_confirmation&q=没有的人", "city"),
    Shown("desk-of-a-county", "/desk", "county"),
    Shown("case", "/desk/cases/{at_office}", "city"),
    Shown("case-again", "/desk/cases/{corrected}", "city"),
    Shown("people", "/unit", "manager_of_all"),
    Shown("people-waiting", "/unit?state=waiting", "manager_of_all"),
    Shown("people-none", "/unit", "manager"),
    Shown("unit-case", "/unit/cases/{at_unit}", "manager_of_all"),
    Shown("unit-case-to-defer", "/unit/cases/{to_defer}", "manager_of_all"),
    Shown("new-person", "/unit/people/new", "manager"),
    Shown("new-person-form", "/unit/people/{begun}/form/person", "manager_of_all"),
    Shown("unit-case-draft", "/unit/cases/{begun}", "manager_of_all"),
    Shown("invite", "/unit/invite", "manager"),
    Shown("import", "/unit/import", "manager"),
    Shown("rosters", "/unit/rosters", "manager_on_site"),
    Shown("rosters-none", "/unit/rosters", "manager"),
    Shown("batch", "/unit/batches/{batch}", "manager_on_site"),
    Shown("units", "/unit/units", "manager_of_all"),
    Shown("manager-form", "/unit/manager", "manager_of_all"),
    Shown("unit-case-not-mine", "/unit/cases/{at_unit}", "manager", status=404),
    Shown("case-not-mine", "/desk/cases/{at_office}", "county", status=404),
    Shown("season", "/season", "city"),
    Shown("season-of-a-county", "/season", "county"),
    Shown("filings", "/filings", "supervisor"),
    Shown("filings-of-a-county", "/filings", "county"),
    Shown("filing-to-receive", "/filings/{filing}", "center"),
    Shown("filing-returned", "/filings/{filing_returned}", "city"),
    Shown("board", "/board", "center", heavy=True),
    Shown("board-by-returns", "/board?by=returns", "auditor", heavy=True),
    Shown("board-office", "/board/offices/linshui/qinghe", "center"),
    Shown("board-filings", "/board/filings", "center"),
    Shown("board-filings-returned", "/board/filings?status=returned", "auditor"),
    Shown("season-calendar", "/season/calendar", "city"),
    Shown("season-calendar-of-a-county", "/season/calendar", "county"),
    Shown("season-calendar-of-the-province", "/season/calendar", "center"),
    Shown("late", "/season/late", "supervisor"),
    Shown("delegations", "/delegations", "supervisor"),
    Shown("delegations-of-a-county", "/delegations", "county"),
    Shown("delegation-new", "/delegations/new", "supervisor"),
    Shown("delegation", "/delegations/{delegation}", "supervisor"),
    Shown("delegation-received", "/delegations/{delegation}", "county"),
    Shown("sample-to-draw", "/delegations/{delegation}/sample", "supervisor"),
    Shown("sample", "/samples/{sample}", "supervisor"),
    Shown("supervised-cases", "/supervision/cases", "center"),
    Shown("supervised-cases-none", "/supervision/cases?q=没有的人", "auditor"),
    Shown("supervised-case", "/supervision/cases/{decided}", "supervisor"),
    Shown("story", "/cases/{decided}/story", "auditor"),
    Shown("story-of-an-officer", "/cases/{at_office}/story", "city"),
    Shown("offices", "/offices", "operator"),
    Shown("offices-as-of", "/offices?as_of=2024-03-01", "supervisor"),
    Shown("office", "/offices/linshui/qinghe", "center"),
    Shown("office-as-of", "/offices/linshui/qinghe/heyuan?as_of=2024-03-01&table=review", "county"),
    Shown("record", "/record", "auditor"),
    Shown("record-narrowed", "/record?kind=filing.returned&office=linshui/qinghe&since=2024-03-01", "center"),
    Shown("record-seals", "/record/seals", "auditor"),
    Shown("record-entry", "/record/{entry}", "auditor"),
    Shown("operations", "/operations", "operator"),
    Shown("outbox", "/operations/outbox", "operator"),
    Shown("staff", "/staff", "center"),
    Shown("staff-account", "/staff/{colleague}", "center"),
    Shown("acting", "/acting", "supervisor"),
    Shown("acting-in-a-unit", "/acting", "manager"),
)
