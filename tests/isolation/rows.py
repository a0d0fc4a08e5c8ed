"""Rows that belong to each case of the walk: one of every kind that could leak, each with the mark of its case.

They are put in by a superuser with triggers and foreign keys set aside: what is tested is who sees a row, and the
services make no row that would be visible to the wrong one.
"""

import json
from collections.abc import Mapping
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, text

from core.db.base import new_id
from core.security.keys import Place
from tests.cases import CITY, COUNTY, KEYS, PROVINCE, YEAR, Case, at
from tests.isolation.walk import CASES, FORMS, OFFICE_OF, PERSONAL, mark, row_id

_TERMS = ("office_id", "local_office_id", "area_code", "parent_id", "successor_id")
OWNER_OF = {COUNTY: CITY}
"""An office → the office that counts its cases; other offices count their own."""
_FILLED = {
    "uuid": new_id,
    "text": lambda: "测试",
    "bigint": lambda: 1,
    "bigint[]": lambda: [5],
    "numeric": lambda: 1,
    "boolean": lambda: False,
    "timestamp with time zone": lambda: at(3, 25),
    "date": lambda: at(3, 25).date(),
    "bytea": lambda: b"x",
    "jsonb": lambda: "{}",
    "text[]": list,
}
"""The value of a required column without a value of its own."""


def add_rows(connection: Connection, cases: Mapping[str, Case]) -> dict[str, dict[str, UUID]]:
    """Put the rows in and mark everything; what the parts of addresses stand for, case by case."""
    ids = {}
    for name, case in cases.items():
        for table, values in (_of_case(name, case) | ({} if name == "draft" else _of_offices(name, case))).items():
            _insert(connection, table, name, values)
        _mark(connection, name, case)
        ids[name] = _addresses(connection, name, case)
    return ids


def _of_case(name: str, case: Case) -> dict[str, dict[str, Any]]:
    """The rows that belong to a case and are shown with it."""
    marked, of_case = mark(name), {"application_id": case.id}
    to_person = {"person_id": case.person.person_id, "title": marked, "body": marked, "event_key": marked}
    return {
        "deferrals": {**of_case, "state": "open", "commitment": marked},
        "review_items": {**of_case, "stage": "unit_review", "verdict": "correct", "comment": marked},
        "notices": {**of_case, **to_person},
    }


def _roster_rows(case: Case, marked: str) -> str:
    """A line of a roster, as the table keeps it."""
    empty = dict.fromkeys(("number", "identity", "unit", "grade", "trade", "reference", "remark"), "")
    return json.dumps([{**empty, "application_id": str(case.id), "name": marked}])


def _of_offices(name: str, case: Case) -> dict[str, dict[str, Any]]:
    """The rows of offices and units beside a case; a draft has none."""
    office, marked, person = OFFICE_OF[name], mark(name), {"person_id": case.person.person_id}
    owner = OWNER_OF.get(office, office)
    of_case, of_unit = {"application_id": case.id, "office_id": owner}, {"unit_id": case.unit, "office_id": office}
    account, grant = row_id("accounts", name), row_id("role_grants", name)
    names = {"absent_name": marked, "deputy_name": marked, "reason": marked}
    filing = {"kind": "registration_summary", "state": "returned", "version": 10 + CASES.index(name)}
    return _of_exams(name, owner, of_case) | {
        "originals": {**of_case, "office_id": office, "title": marked},
        **_of_results(name, of_case),
        "review_appeals": {
            **of_case,
            "move_id": new_id(),
            "state": "open",
            "decided_by_office_id": office,
            "superior_office_id": PROVINCE if office == owner else owner,
        },
        "inquiries": {**of_case, **person, "year": YEAR, "state": "open", "person_name": marked, "question": marked},
        "bans": {**of_case, **person, "reason": marked, "ends": at(12, 1), "confirmed_at": at(3, 1)},
        "season_acts": {
            "year": YEAR,
            "phase": "closed",
            "effective": at(12, 1),
            "reason": "测试依据",
            "unfinished": "[]",
            "confirmed_at": None,
            "confirmed_by": None,
            "cancelled_at": None,
            "cancelled_by": None,
        },
        "declared_relations": {
            **person,
            "office_id": owner,
            "account_id": account,
            "kind": "kin",
            "about": marked,
            "note": marked,
        },
        "factor_removals": {
            "office_id": owner,
            "account_id": account,
            "account_name": marked,
            "unit_id": None,
            "for_superior": False,
            "ground": "other",
            "reason": marked,
            "state": "proposed",
            "expires_at": at(12, 1),
            "decided_at": None,
            "decided_by": None,
            "remark": marked,
        },
        "late_entries": {**person, "office_id": owner, "year": YEAR, "reason": marked, "closes": at(4, 2)},
        "rosters": {**of_unit, "office_id": owner, "year": YEAR, "kind": "passed", "rows": _roster_rows(case, marked)},
        "onsite_batches": {
            **of_unit,
            "roster_id": row_id("rosters", name),
            "year": YEAR,
            "state": "handed_in",
            "remark": marked,
        },
        "onsite_slots": {
            "office_id": office,
            "year": YEAR,
            "begins": at(5, 6),
            "ends": at(5, 6, 12),
            "place": marked,
            "called": marked,
            "unit_ids": [str(case.unit)],
        },
        "onsite_bookings": {
            **of_unit,
            "year": YEAR,
            "slot_id": row_id("onsite_slots", name),
            "state": "booked",
            "booked_by_name": marked,
        },
        "samples": {"office_id": owner},
        "sample_items": {**of_case, "sample_id": row_id("samples", name), "verdict": "open", "remark": marked},
        "case_assignments": {
            **of_case,
            "office_id": office,
            "account_id": account,
            "account_name": marked,
            "way": "hand",
            "reason": marked,
        },
        "reviewer_duties": {"office_id": office, "account_id": account, "reason": marked},
        "reminders": {**of_case, **person, "year": YEAR, "from_unit_id": case.unit, "sent_by_name": marked},
        "post_statements": {"office_id": owner, "unit_id": case.unit, "year": YEAR, "policy": marked},
        "unit_acts": {
            "office_id": owner,
            "ordered_by_office_id": office,
            "kind": "rename",
            "unit_ids": [str(case.unit)],
            "terms": json.dumps({"names": [marked], **dict.fromkeys(_TERMS)}),
            "valid_from": at(12, 1).date(),
            "state": "planned",
            "instrument": marked,
            "became": [],
            "settled_at": None,
        },
        "unit_differences": {"office_id": office, "first_id": case.unit, "second_id": new_id(), "by_name": marked},
        "manager_forms": {
            **of_unit,
            "name": marked,
            "sex": "female",
            "post": marked,
            "mobile": KEYS.encrypt(marked.encode(), Place("manager_forms", "mobile", row_id("manager_forms", name))),
            "state": "filed",
        },
        "accounts": {"login": marked, "name": marked, "issued_by_office_id": office},
        "role_grants": {"account_id": account, "role": "examiner", "office_id": office, "granted_by_office_id": office},
        "acting_grants": {"grant_id": grant, **names, "permissions": ["examine"], "valid_until": at(6, 1)},
        "browser_sessions": {"account_id": account, "address": marked, "device": marked, "token_hash": marked.encode()},
        "outbox": {
            "office_id": office,
            "person_id": case.person.person_id,
            "notice_id": row_id("notices", name),
            "event_key": marked,
            "kind": "application.approve",
            "state": "failed",
        },
        "identity_corrections": {**of_case, **person, "unit_id": case.unit, **_identities(name)},
        **_of_awards(name, of_case, case.unit),
        "plans": {
            "office_id": owner,
            "year": YEAR,
            "exam": "computer_exam",
            "state": "draft",
            "step": "ready",
            "shortages": "[]",
            "reason": marked,
        },
        "seats": {**of_case, "plan_id": row_id("plans", name), "seat": 1, "by_hand": marked},
        "accommodation_requests": {
            **of_case,
            "year": YEAR,
            "needs": ["assistance"],
            "reason": marked,
            "document_id": new_id(),
            "state": "asked",
        },
        "void_arrivals": {
            "office_id": owner,
            **of_case,
            "number": marked,
            "noted_at": at(3, 24),
            "voided_at": at(3, 25),
        },
        "emergency_plans": {
            "office_id": owner,
            "to_office_id": None if owner == PROVINCE else PROVINCE,
            "year": YEAR,
            "occasion": "exam",
            "version": 1 + CASES.index(name),
            "hotline": marked,
            "contacts": json.dumps([["测试", marked, "000"]]),
            "state": "approved",
            "approved_at": at(3, 25),
        },
        **_of_patrols(name, owner, office),
        "responsible_persons": {"office_id": office, "year": YEAR, "rank": "first", "name": marked},
        "invigilators": {"office_id": owner, "year": YEAR, "number": marked, "name": marked, "avoids": "[]"},
        "filings": {**filing, "office_id": owner, "to_office_id": PROVINCE, "year": YEAR, "remark": marked},
    }


def _of_patrols(name: str, owner: str, office: str) -> dict[str, dict[str, Any]]:
    """A patrol of the owning office at a place of the one in charge, with a finding, and a case against staff."""
    marked = mark(name)
    of_place = {"office_id": owner, "to_office_id": office, "year": YEAR}
    return {
        "accountability_cases": {
            **of_place,
            "number": 10 + CASES.index(name),
            "account_id": row_id("accounts", name),
            "responsible_id": None,
            "name": marked,
            "breach": "policy",
            "facts": marked,
            "origin": "other",
            "state": "hearing",
            "told_at": at(3, 25),
            "hear_until": at(4, 20),
            "decided_at": None,
            "decided_by": None,
            "served_at": None,
            "reported_to_office_id": None,
            "measures": [],
        },
        "accountability_statements": {"case_id": row_id("accountability_cases", name), "text": marked},
        "patrols": {
            "office_id": owner,
            "year": YEAR,
            "number": 10 + CASES.index(name),
            "purpose": marked,
            "state": "planned",
            "ended_at": None,
        },
        "patrol_members": {"office_id": owner, "patrol_id": row_id("patrols", name), "name": marked},
        "patrol_visits": {
            **of_place,
            "patrol_id": row_id("patrols", name),
            "site_id": row_id("exam_sites", name),
            "course_id": None,
            "state": "arrived",
            "arrived_at": at(3, 25),
            "ended_at": None,
            "remarks": marked,
        },
        "patrol_findings": {
            **of_place,
            "visit_id": row_id("patrol_visits", name),
            "kind": "order",
            "severity": "minor",
            "facts": marked,
            "state": "open",
            "closed_at": None,
        },
        "patrol_replies": {
            "finding_id": row_id("patrol_findings", name),
            "by_office_id": office,
            "kind": "answer",
            "text": marked,
        },
    }


def _identities(name: str) -> dict[str, Any]:
    """What a correction of a name says; both identities are sealed."""
    marked, row = mark(name), row_id("identity_corrections", name)
    identity = json.dumps({"name": marked, "id_number": marked}).encode()
    sealed = {
        column: KEYS.encrypt(identity, Place("identity_corrections", column, row)) for column in ("was", "becomes")
    }
    return {**sealed, "kind": "slip", "state": "asked", "reason": marked, "evidence": marked}


def _of_awards(name: str, of_case: Mapping[str, Any], unit: UUID) -> dict[str, dict[str, Any]]:
    """A list before its publication, an objection, a certificate, a package, and a case of sanctions."""
    marked, version = mark(name), 10 + CASES.index(name)
    of_list = {"office_id": of_case["office_id"], "publication_id": row_id("publications", name)}
    contact = f'{{"name": "{marked}", "mobile": "{marked}"}}'.encode()
    sealed = KEYS.encrypt(contact, Place("objections", "contact", row_id("objections", name)))
    listed = {"office_id": of_case["office_id"], "year": YEAR, "version": version, "state": "draft"}
    return {
        "publications": {**listed, "name_shown": "full", "notice_number": marked},
        "publication_entries": {**of_case, **of_list, "struck_reason": marked},
        "objections": {
            **of_list,
            "state": "open",
            "receipt": marked,
            "grounds": marked,
            "contact": sealed,
            "remedy": "",
        },
        "certificates": {
            **of_case,
            **of_list,
            "year": YEAR,
            "number": f"WALK-{version}",
            "verification": marked.encode(),
            "holder_name": marked,
        },
        "certificate_reissues": {
            **of_case,
            "certificate_id": row_id("certificates", name),
            "ground": "lost",
            "reason": marked,
            "state": "asked",
        },
        "strikings": {
            **of_case,
            **of_list,
            "kind": "strike",
            "state": "proposed",
            "reason": marked,
            "proposed_by_name": marked,
            "heard_until": at(4, 20),
        },
        "certificate_batches": {
            "office_id": of_case["office_id"],
            "year": YEAR,
            "serial": version,
            "unit_id": unit,
            "state": "handed_over",
            "handed_at": at(12, 1),
            "handed_by": new_id(),
            "handed_by_name": marked,
            "receiver": marked,
        },
        "certificate_batch_items": {
            "office_id": of_case["office_id"],
            "batch_id": row_id("certificate_batches", name),
            "certificate_id": row_id("certificates", name),
            "state": "received",
            "settled_at": at(12, 2),
            "settled_by": new_id(),
            "receiver": marked,
            "note": marked,
        },
        "archive_packages": {**of_list, "year": YEAR, "state": "waiting"},
        "archive_handovers": {
            "office_id": of_case["office_id"],
            "year": YEAR,
            "serial": version,
            "unit_id": unit,
            "receiving_body": marked,
            "contents": "",
            "state": "returned",
            "handed_at": at(12, 3),
            "handed_by": new_id(),
            "handed_by_name": marked,
            "settled_at": at(12, 4),
            "settled_by": new_id(),
            "settled_by_name": marked,
            "returned_reason": marked,
            "receiver": "",
            "withdrawn_reason": "",
        },
        "archive_handover_items": {
            "office_id": of_case["office_id"],
            "handover_id": row_id("archive_handovers", name),
            "certificate_id": row_id("certificates", name),
            "application_id": row_id("applications", name),
            "matter": "certificate",
        },
        "sanction_cases": {
            **of_case,
            "opened_by_office_id": of_case["office_id"],
            "kind": "violation",
            "facts": marked,
            "state": "hearing",
            "hearing_until": at(4, 20),
        },
        "suspensions": {
            **of_case,
            "case_id": row_id("sanction_cases", name),
            "imposed_by_office_id": of_case["office_id"],
            "reason": marked,
            "lift_reason": "",
            "lifted_at": None,
            "lifted_by": None,
        },
        "sanction_steps": {
            "case_id": row_id("sanction_cases", name),
            "action": "hear",
            "words": marked,
            "actor_name": marked,
        },
        "sanction_papers": {
            "case_id": row_id("sanction_cases", name),
            "office_id": of_case["office_id"],
            "paper": "notice",
            "number": marked,
            "days": 5,
            "way": "",
            "served_at": None,
            "recorded_at": None,
            "recorded_by": None,
        },
        "sanction_evidence": {"case_id": row_id("sanction_cases", name), "title": marked, "sha256": "0" * 64},
        "attachments": {
            **of_case,
            "subject_type": "sanction_case",
            "subject_id": row_id("sanction_cases", name),
            "kind": "evidence",
            "title": marked,
            "file_name": marked,
            "uploaded_name": marked,
            "reason": "",
            "scan_verdict": "not_scanned",
        },
    }


def _of_results(name: str, of_case: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """Marks, outcomes and corrections; the panels of the review with their members' sheets."""
    marked, of_office = mark(name), {"office_id": of_case["office_id"], "year": YEAR}
    of_panel = {"office_id": of_case["office_id"], "panel_id": row_id("evaluation_panels", name)}
    sheet, account = row_id("evaluation_sheets", name), row_id("accounts", name)
    return {
        "mark_imports": {
            **of_office,
            "digest": marked,
            "state": "proposed",
            "remark": marked,
            "figures": "[]",
            "contradictions": f'[{{"application": "{of_case["application_id"]}", "subject": "{marked}", '
            f'"how": "missing", "reason": "{marked}"}}]',
        },
        "marks": {**of_case, **of_office, "mark": 60, "import_id": row_id("mark_imports", name), "status": "scored"},
        "outcomes": {**of_case, **of_office, "reason": marked, "published_at": at(3, 25)},
        "score_checks": {**of_case, "state": "open", "ground": "own_result"},
        "mark_corrections": {**of_case, "state": "asked", "from_status": "absent", "to_status": "void"},
        "evaluation_panels": {**of_office, "name": marked, "state": "forming", "criteria": "[]"},
        "panel_members": {**of_panel, "account_id": account, "name": marked},
        "panel_draws": {**of_panel, "seed": marked},
        "panel_candidates": of_panel,
        "panel_identities": {
            **of_panel,
            "application_id": of_case["application_id"],
            "candidate_id": row_id("panel_candidates", name),
        },
        "evaluation_sheets": {
            **of_panel,
            "candidate_id": row_id("panel_candidates", name),
            "account_id": account,
            "state": "open",
            "remark": marked,
        },
        "panel_rankings": {**of_panel, "state": "proposed", "rows": "[]", "decided_at": None, "decided_by": None},
        "evaluation_scores": {"office_id": of_case["office_id"], "sheet_id": sheet, "criterion": marked, "score": 1},
    }


def _of_exams(name: str, owner: str, of_case: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """The rows for the exam of a case: site, ticket, papers, custody."""
    marked, of_office = mark(name), {"office_id": owner, "year": YEAR}
    site, sitting, course, job = (
        row_id(table, name) for table in ("exam_sites", "sittings", "training_courses", "paper_jobs")
    )
    days = {"opens_on": at(3, 1).date(), "closes_on": at(12, 1).date()}
    times = {"starts_at": at(3, 25), "ends_at": at(3, 25, 11)}
    said = {"kind": "disturbance", "facts": marked, "reported_name": marked, "client_id": new_id()}
    part = KEYS.encrypt(marked.encode(), Place("paper_parts", "content", row_id("paper_parts", name)))
    return {
        "exam_sites": {**of_office, **days, "code": name},
        "exam_rooms": {
            "office_id": owner,
            "site_id": site,
            "name": name,
            "number": 9000 + CASES.index(name),
            "reserve_machines": 0,
        },
        "site_sign_offs": {"office_id": owner, "site_id": site, "item": "power", "signed_name": marked},
        "sittings": {**of_office, **times, "subjects": ["测试"]},
        "training_courses": {**of_office, **times, "mode": "online"},
        "training_enrolments": {**of_case, "course_id": course},
        "admission_tickets": {**of_case, "plan_id": row_id("plans", name), "number": marked},
        "paper_jobs": {**of_office, "kind": "tickets", "state": "ready", "plan_id": row_id("plans", name)},
        "paper_parts": {"office_id": owner, "job_id": job, "content": part},
        "site_openings": {
            **{**of_office, "sitting_id": sitting, "site_id": site, "starts_at": at(3, 25)},
            **{"step": "arrived", "in_order": True, "missing": "[]", "remark": marked, "noted_name": marked},
        },
        "opening_alarms": {
            **{**of_office, "sitting_id": sitting, "site_id": site, "starts_at": at(3, 25), "reason": marked},
            **{"settled_at": at(3, 25), "settled_how": "reason", "settled_name": marked},
        },
        "incidents": {**of_office, **said, "sitting_id": sitting},
        "emergencies": {
            **{**of_office, "incident_id": row_id("incidents", name), "kind": "illness", "severity": "common"},
            **{"state": "open", "happened_at": at(3, 25), "facts": marked, "reported_name": marked},
        },
        "emergency_people": {**of_case, "emergency_id": row_id("emergencies", name), "number": marked},
        "emergency_entries": {
            **{"office_id": owner, "emergency_id": row_id("emergencies", name), "kind": "update", "text": marked},
            **{"by_office_id": owner, "by_name": marked},
        },
        "table_exports": {
            "office_id": owner,
            "title": marked,
            "filters": marked,
            "state": "waiting",
            "stopped": "",
            "sha256": None,
        },
        "desk_views": {"office_id": owner, "name": marked},
        "bulk_runs": {**of_office, "action": "return", "state": "ready", "stopped": "", "reason": marked},
        "bulk_run_cases": {**of_case, "run_id": row_id("bulk_runs", name), "refusal": marked, "decided_at": at(3, 25)},
        "custody_entries": {**of_office, "kind": "paper", "title": marked, "keep_until": at(3, 1).date(), "digest": ""},
    }


def _insert(connection: Connection, table: str, name: str, values: Mapping[str, Any]) -> None:
    columns = connection.execute(_COLUMNS, {"table": table}).all()
    row = {column: _FILLED[kind]() for column, kind, required in columns if required} | dict(values)
    if any(column == "id" for column, _, _ in columns):
        row |= {"id": row_id(table, name)}
    names = ", ".join(f'"{column}"' for column in row)
    taken = ", ".join(f":v_{column}" for column in row)
    insert = text(f"INSERT INTO {table} ({names}) VALUES ({taken})")  # noqa: S608 - names of our own tables
    connection.execute(insert, {f"v_{column}": value for column, value in row.items()})


def _mark(connection: Connection, name: str, case: Case) -> None:
    """Write the mark into every personal column of the case's rows, and of the person's."""
    values = {"case": case.id, "mark": mark(name)}
    for table, columns in PERSONAL.items():
        key = "id" if table == "applications" else "application_id"
        sets = ", ".join(f"{column} = {column} || :mark" for column in columns)
        connection.execute(text(f"UPDATE {table} SET {sets} WHERE {key} = :case"), values)  # noqa: S608
    for table, column in FORMS.items():
        key = "id" if table == "applications" else "application_id"
        sets = f"{column} = {column} || jsonb_build_object('remark', cast(:mark AS text))"
        connection.execute(text(f"UPDATE {table} SET {sets} WHERE {key} = :case"), values)  # noqa: S608
    if name != "draft":
        _mark_person(connection, name, case)


def _mark_person(connection: Connection, name: str, case: Case) -> None:
    """The person's own row, also inside sealed columns. The maker of the draft has submitted another application."""
    person_id = case.person.person_id
    assert person_id is not None
    sealed = {
        column: KEYS.encrypt(mark(name).encode(), Place("persons", column, person_id))
        for column in ("id_number", "phone")
    }
    change = (
        "UPDATE persons SET name = :mark, id_tail = :mark, id_number = :id_number, phone = :phone WHERE id = :person"
    )
    connection.execute(text(change), {"mark": mark(name), "person": person_id, **sealed})


def _addresses(connection: Connection, name: str, case: Case) -> dict[str, UUID]:
    document = connection.execute(
        text("SELECT id FROM documents WHERE application_id = :case ORDER BY id LIMIT 1"), {"case": case.id}
    ).scalar_one()
    finding = connection.execute(
        text("SELECT id FROM findings WHERE application_id = :case ORDER BY position LIMIT 1"), {"case": case.id}
    ).scalar()
    delegation = connection.execute(text("SELECT id FROM delegations WHERE state = 'in_force' LIMIT 1")).scalar_one()
    assert case.person.person_id is not None
    return {
        "application_id": case.id,
        "person_id": case.person.person_id,
        "unit_id": case.unit,
        "code_id": new_id(),
        "document_id": document,
        "finding_id": finding or new_id(),
        "delegation_id": delegation if name in {"delegated", "taken_back"} else new_id(),
        **{parameter: row_id(table, name) for parameter, table in _TABLE_OF.items()},
    }


_COLUMNS = text(
    "SELECT attname, format_type(atttypid, NULL), attnotnull FROM pg_attribute "
    "WHERE attrelid = cast(:table AS regclass) AND attnum > 0 AND NOT attisdropped"
)
_TABLE_OF = {
    "account_id": "accounts",
    "act_id": "unit_acts",
    "season_act_id": "season_acts",
    "alarm_id": "opening_alarms",
    "emergency_id": "emergencies",
    "acting_id": "acting_grants",
    "ban_id": "bans",
    "check_id": "score_checks",
    "correction_id": "mark_corrections",
    "identity_correction_id": "identity_corrections",
    "import_id": "mark_imports",
    "panel_id": "evaluation_panels",
    "ranking_id": "panel_rankings",
    "relation_id": "declared_relations",
    "removal_id": "factor_removals",
    "sheet_id": "evaluation_sheets",
    "entry_id": "record_entries",
    "export_id": "table_exports",
    "appeal_id": "review_appeals",
    "inquiry_id": "inquiries",
    "view_id": "desk_views",
    "attachment_id": "attachments",
    "subject_id": "sanction_cases",
    "batch_id": "onsite_batches",
    "case_id": "sanction_cases",
    "certificate_id": "certificates",
    "reissue_id": "certificate_reissues",
    "striking_id": "strikings",
    "handout_id": "certificate_batches",
    "handover_id": "archive_handovers",
    "enrolment_id": "training_enrolments",
    "filing_id": "filings",
    "emergency_plan_id": "emergency_plans",
    "accountability_id": "accountability_cases",
    "patrol_id": "patrols",
    "patrol_visit_id": "patrol_visits",
    "patrol_finding_id": "patrol_findings",
    "form_id": "manager_forms",
    "grant_id": "role_grants",
    "invigilator_id": "invigilators",
    "item_id": "sample_items",
    "course_id": "training_courses",
    "custody_id": "custody_entries",
    "part_id": "paper_parts",
    "plan_id": "plans",
    "room_id": "exam_rooms",
    "site_id": "exam_sites",
    "sitting_id": "sittings",
    "ticket_id": "admission_tickets",
    "message_id": "outbox",
    "objection_id": "objections",
    "package_id": "archive_packages",
    "publication_id": "publications",
    "notice_id": "notices",
    "original_id": "originals",
    "request_id": "accommodation_requests",
    "roster_id": "rosters",
    "sample_id": "samples",
    "seat_id": "seats",
    "booking_id": "onsite_bookings",
    "slot_id": "onsite_slots",
    "session_id": "browser_sessions",
}
"""Parts of addresses, and the table whose row of the case they name."""
