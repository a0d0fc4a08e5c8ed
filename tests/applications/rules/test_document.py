"""Rule documents: the version, errors of a wrong one, the retirement table, and the page that lists every rule."""

from datetime import date
from pathlib import Path

import pytest
from hypothesis import given, strategies as st
from pydantic import ValidationError

from core.applications.rules.clauses import Clause, FiledAssessmentsClause
from core.applications.rules.conditions import OfficerClause
from core.applications.rules.document import MaterialRule, RuleDocument, load_rule_document, parse_rule_document
from core.applications.rules.retirement import Certainty, Reach, RetirementTable, add_months
from core.errors import ConfigurationError
from core.plugin_api import ApplicationPath, Grade, Sex
from tests.applications.rules.rule_facts import DOCUMENT, DOCUMENT_PATH, DOCUMENT_TEXT

RULES_PAGE = DOCUMENT_PATH.parents[3] / "docs" / "rules.md"


def test_the_version_is_the_name_with_the_digest_of_the_text(tmp_path: Path) -> None:
    assert DOCUMENT.version == f"henan-2024@{DOCUMENT.digest[:12]}"
    copy = tmp_path / "kept.toml"
    copy.write_bytes(DOCUMENT_TEXT.replace("\n", "\r\n").encode())
    assert load_rule_document(copy).version == DOCUMENT.version
    changed = parse_rule_document(DOCUMENT_TEXT.replace("below = 10", "below = 11"), origin="test")
    assert changed.version != DOCUMENT.version


def test_a_document_cannot_be_changed_once_read() -> None:
    with pytest.raises(ValidationError, match="frozen"):
        DOCUMENT.name = "henan-2025"  # type: ignore[misc]
    with pytest.raises(TypeError):
        DOCUMENT.clause_by_id["five.service"] = DOCUMENT.clauses[0]  # type: ignore[index]


def test_every_condition_that_is_not_in_hand_is_marked_as_such() -> None:
    known = {clause.id for clause in DOCUMENT.clauses if clause.certainty is Certainty.KNOWN}
    assert known == {
        "staff_category",
        "open_trade",
        "not_retired",
        "retiring_this_year",
        "filed_assessments",
        "one.guidance",
        "frontline.group",
        "frontline.benefit",
    }


def test_every_grade_is_open_and_every_combination_has_clauses_of_its_own() -> None:
    for grade in Grade:
        for path in ApplicationPath:
            assert len(DOCUMENT.clauses_for(grade, path)) > len(DOCUMENT.everybody)


@pytest.mark.parametrize(
    ("old", "new", "complaint"),
    [
        ("month = 9", "month = 13", r"clause\.6.*\(five\.regularised\): Input should be less than or equal to 12"),
        ("below = 10", "bellow = 10", r"clause\.7\.service\.bellow \(five\.service\): Extra inputs"),
        ('kind = "open_trade"', 'kind = "opentrade"', r"clause\.1 \(open_trade\): Input tag 'opentrade'"),
        ('style = "notice_date"', 'style = "never"', r"cut_off: Input tag 'never'"),
        ('direct = ["five.direct"]', "", r"paths\.five\.direct: Field required"),
        ('direct = ["five.direct"]', 'direct = ["five.drect"]', "'five.drect' is named but not defined"),
        ('direct = ["five.direct"]', 'direct = ["two.direct"]', "'five.direct' is on no path"),
        ('id = "five.service"', 'id = "five.regularised"', "clause 'five.regularised' stands 2 times"),
        (
            '"five.service", "trade',
            '"five.service", "five.service", "trade',
            "five.trade_change, clause 'five.service'",
        ),
        ('code = "photo"', 'code = "identity_card"', "five.ladder, material 'identity_card' stands 2 times"),
        ('instead_of_excellent = ["party_member"]', 'instead_of_excellent = ["hero"]', "award 'hero' is named but"),
        ('code = "patent"', 'code = "party_member"', "award 'party_member' stands 2 times"),
        ('alternative = "four.direct"', 'alternative = "four.drect"', "'four.drect' is named but not defined"),
        ('clauses = ["four.ladder", "four.direct"]', 'clauses = ["four.ladder", "three.either"]', "must not hold"),
        ('sex = "female", category = "worker", years', 'sex = "male", category = "worker", years', "each sex once"),
        ("year = 2024", 'year = 2024\ndigest = "x"', "digest: is worked out from the text"),
        ("year = 2024", "year = ", "is not valid TOML"),
    ],
)
def test_a_wrong_document_is_refused_with_the_place_and_the_reason(old: str, new: str, complaint: str) -> None:
    assert old in DOCUMENT_TEXT
    with pytest.raises(ConfigurationError, match=complaint) as refused:
        parse_rule_document(DOCUMENT_TEXT.replace(old, new, 1), origin="henan/rules/2024.toml")
    assert str(refused.value).startswith("henan/rules/2024.toml: ")


def made_known(text: str, clause: str) -> str:
    """The document with one clause's certainty raised to known."""
    before, after = text.split(f'id = "{clause}"', 1)
    raised = after.replace('"older_text"', '"known"', 1)
    return f'{before}id = "{clause}"{raised}'


@pytest.mark.parametrize("clause", ["four.direct", "four.ladder"])
def test_years_cannot_be_known_for_certain_while_their_counting_is_not(clause: str) -> None:
    with pytest.raises(ConfigurationError, match=f"'{clause}' cannot be 'known' while the counting"):
        parse_rule_document(made_known(DOCUMENT_TEXT, clause), origin="test")


def test_a_disjunction_cannot_be_more_certain_than_its_parts() -> None:
    with pytest.raises(ConfigurationError, match=r"'four\.either' cannot be 'known' while one of its alternatives"):
        parse_rule_document(made_known(DOCUMENT_TEXT, "four.either"), origin="test")


def test_a_file_that_is_not_there_or_not_text_is_named(tmp_path: Path) -> None:
    absent = tmp_path / "2031.toml"
    with pytest.raises(ConfigurationError, match=r"2031\.toml: cannot be read"):
        load_rule_document(absent)
    absent.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(ConfigurationError, match=r"2031\.toml: cannot be read"):
        load_rule_document(absent)


# Retirement.

CADRES = RetirementTable.model_validate({**DOCUMENT.retirement.model_dump(), "technical_workers_are": "cadre"})


@pytest.mark.parametrize(
    ("table", "sex", "birth_date", "expected"),
    [
        (DOCUMENT.retirement, Sex.MALE, date(1964, 12, 31), date(2024, 12, 31)),
        (DOCUMENT.retirement, Sex.MALE, date(1965, 1, 15), date(2025, 2, 15)),
        (DOCUMENT.retirement, Sex.MALE, date(1965, 4, 15), date(2025, 5, 15)),
        (DOCUMENT.retirement, Sex.MALE, date(1965, 5, 15), date(2025, 7, 15)),
        (DOCUMENT.retirement, Sex.MALE, date(1976, 8, 15), date(2039, 7, 15)),
        (DOCUMENT.retirement, Sex.MALE, date(1976, 9, 15), date(2039, 9, 15)),
        (DOCUMENT.retirement, Sex.MALE, date(1990, 1, 1), date(2053, 1, 1)),
        (DOCUMENT.retirement, Sex.FEMALE, date(1974, 12, 1), date(2024, 12, 1)),
        (DOCUMENT.retirement, Sex.FEMALE, date(1975, 2, 1), date(2025, 3, 1)),
        (DOCUMENT.retirement, Sex.FEMALE, date(1975, 3, 1), date(2025, 5, 1)),
        (DOCUMENT.retirement, Sex.FEMALE, date(1984, 11, 1), date(2039, 11, 1)),
        (CADRES, Sex.FEMALE, date(1970, 1, 1), date(2025, 2, 1)),
        (CADRES, Sex.FEMALE, date(1981, 9, 1), date(2039, 9, 1)),
    ],
)
def test_retirement_age_rises_by_month_of_birth(
    table: RetirementTable, sex: Sex, birth_date: date, expected: date
) -> None:
    assert table.reach(birth_date, sex).expected == expected


def test_before_2025_the_day_is_certain_and_afterwards_it_lies_in_a_span() -> None:
    day = date(2024, 12, 31)
    assert DOCUMENT.retirement.reach(date(1964, 12, 31), Sex.MALE) == Reach(day, day, day)
    assert DOCUMENT.retirement.reach(date(1965, 1, 31), Sex.MALE) == Reach(
        date(2025, 1, 31), date(2025, 2, 28), date(2028, 1, 31)
    )


def test_a_rise_that_is_known_for_certain_leaves_no_span() -> None:
    text = DOCUMENT_TEXT.replace('certainty = "general", source = "全国', 'certainty = "known", source = "全国')
    table = parse_rule_document(text, origin="test").retirement
    day = date(2025, 2, 28)
    assert table.reach(date(1965, 1, 31), Sex.MALE) == Reach(day, day, day)


@given(st.dates(date(1940, 1, 1), date(2010, 12, 31)), st.sampled_from(Sex), st.integers(1, 400))
def test_who_is_born_later_never_retires_earlier(born: date, sex: Sex, months: int) -> None:
    first, second = (DOCUMENT.retirement.reach(day, sex) for day in (born, add_months(born, months)))
    assert first.expected <= second.expected
    assert first.earliest <= first.expected <= first.latest


def test_months_are_added_to_the_last_day_where_a_month_is_shorter() -> None:
    assert add_months(date(2024, 2, 29), 12) == date(2025, 2, 28)
    assert add_months(date(2024, 12, 31), 2) == date(2025, 2, 28)
    assert add_months(date(2024, 3, 31), 9) == date(2024, 12, 31)


# The page.


def effect(clause: Clause) -> str:
    if isinstance(clause, OfficerClause):
        return "always asks"
    if isinstance(clause, FiledAssessmentsClause):
        return "notes"
    return "refuses" if clause.certainty is Certainty.KNOWN else "asks"


def rule_row(document: RuleDocument, clause: Clause) -> str:
    rule = document.rule(clause.id)
    return f"| `{rule}` | {clause.title} | {clause.certainty} | {effect(clause)} | {clause.source} |"


def material_row(material: MaterialRule) -> str:
    grades = "".join(grade.label[0] for grade in sorted(material.grades, reverse=True))
    paths = "all" if len(material.paths) == len(ApplicationPath) else ", ".join(sorted(material.paths))
    only_if = material.only_if or ""
    return f"| `{material.code}` | {material.name} | {grades} | {paths} | {only_if} | {material.certainty} |"


def test_the_page_lists_every_rule_and_every_material_as_the_document_has_them() -> None:
    rows = [line for line in RULES_PAGE.read_text(encoding="utf-8").splitlines() if line.startswith("| `")]
    expected = [rule_row(DOCUMENT, clause) for clause in DOCUMENT.clauses] + [
        material_row(material) for material in DOCUMENT.materials
    ]
    assert rows == expected
