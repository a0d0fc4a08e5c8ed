"""Every mistake in an office's file is reported with file, line, key and remedy, and closes that office."""

import pytest
from hypothesis import HealthCheck, given, settings, strategies as st

from core.errors import ConfigurationError
from core.plugin_api import OfficeCode
from core.tenancy.config.known_keys import all_keys
from tests.tenancy.conftest import Province

CITY = "linshui/yunshan/tenant.toml"
COUNTY = "linshui/qinghe/heyuan/tenant.toml"


@pytest.mark.parametrize(
    ("file", "added", "key", "said"),
    [
        (CITY, "[documents]\nmax_byte = 1", "documents.max_byte", "unknown key. Is 'max_bytes' meant?"),
        (CITY, "[calender.2024.training]\nopens = 2024-04-01", "calender", "Is 'calendar' meant?"),
        (CITY, "[calendar.2024.results]\nclose = 2024-12-01", "calendar.2024.results.close", "Is 'closes' meant?"),
        (CITY, "[messages]\nreminder_days = 3", "messages.reminder_days", "3 does not do"),
        (CITY, '[messages]\nchannels = ["sms"]', "messages", "channels must name in_app"),
        (CITY, '[eligibility]\nstaff_categories = ["temp"]', "eligibility.staff_categories", "'regular' or 'hired'"),
        (CITY, "[policy]\nofficers_need_totp = 1", "policy.officers_need_totp", "1 does not do"),
        (
            CITY,
            '[calendar.2024.results]\ncloses = "2024-12-01"',
            "calendar.2024.results.closes",
            "write a TOML date without quotes",
        ),
        (
            CITY,
            "[calendar.2024.results]\ncloses = 2024-12-01T12:00:00",
            "calendar.2024.results.closes",
            "needs its offset",
        ),
        (CITY, "[calendar.2024.exam]\ncloses = 2024-12-01", "calendar.2024.exam", "'computer_exam'"),
        (CITY, "[calendar.then.results]\ncloses = 2024-12-01", "calendar.then", "'then' does not do"),
        (CITY, "[filings.2024.exam_dates]\ndue = 2024-12-01", "filings.2024.exam_dates.due", "by a province only"),
        (CITY, "[season.2024]\nnotice = 'x'", "season.2024.notice", "may be set by a province only, not by a city"),
        (CITY, "[delegation]\nmode = 'entrusted'", "delegation.mode", "by a county only"),
        (COUNTY, "[policy]\ncounty_dates = []", "policy.county_dates", "by a province or city only, not by a county"),
        (CITY, "[documents]\nmax_count = 99", "documents.max_count", "the level above demands at most 40"),
        (CITY, "[supervision]\nsample_percent = 1", "supervision.sample_percent", "demands at least 10"),
        (CITY, '[documents]\naccepted_types = ["text/html"]', "documents.accepted_types", "adds text/html"),
        (
            COUNTY,
            "[calendar.2024.training]\ncloses = 2024-06-30",
            "calendar.2024.training",
            "is not among the dates that the city lets its counties set",
        ),
    ],
)
def test_a_mistake_is_told_where_it_stands(province: Province, file: str, added: str, key: str, said: str) -> None:
    province.append(file, added)
    faults = [fault for fault in province.read().faults if fault.key == key]
    assert len(faults) == 1
    assert faults[0].office == file.removesuffix("/tenant.toml")
    assert faults[0].file == f"offices/{file}"
    assert said in str(faults[0])
    written = (province.folder / file).read_text("utf-8").splitlines()
    assert faults[0].line is not None
    assert faults[0].line > len(written) - len(added.splitlines()) - 1


def test_a_date_outside_the_frame_names_both_dates_and_both_files(province: Province) -> None:
    province.replace(CITY, "closes = 2024-08-18", "closes = 2024-10-05")
    assert [str(fault) for fault in province.read().faults] == [
        "offices/linshui/yunshan/tenant.toml:16: calendar.2024.computer_exam: computer_exam for grades 2, 3, 4, 5 is "
        "set to 2024-08-03 to 2024-10-05, but the level above allows 2024-06-01 to 2024-09-30 "
        "(offices/linshui/province.toml). Move it inside, or have the level above move its own first"
    ]


def test_a_county_stays_inside_its_city_not_only_inside_the_province(province: Province) -> None:
    province.replace(COUNTY, "closes = 2024-07-14", "closes = 2024-08-01")
    assert [(fault.office, fault.key) for fault in province.read().faults] == [
        ("linshui/qinghe/heyuan", "calendar.2024.computer_exam")
    ]


def test_when_the_province_moves_its_frame_every_office_now_outside_is_named(province: Province) -> None:
    province.replace(
        "linshui/province.toml",
        "computer_exam = { opens = 2024-06-01, closes = 2024-09-30 }",
        "computer_exam = { opens = 2024-08-10, closes = 2024-09-30 }",
    )
    catalogue = province.read()
    assert [fault.office for fault in catalogue.faults] == ["linshui/qinghe", "linshui/yunshan"]
    assert [office.code for office in catalogue.closed()] == [
        "linshui/qinghe",
        "linshui/qinghe/heyuan",
        "linshui/yunshan",
    ]


def test_dates_in_the_wrong_order_are_told(province: Province) -> None:
    province.append(CITY, "[calendar.2024.training]\nopens = 2024-07-02\ncloses = 2024-07-01")
    assert [(fault.key, fault.message) for fault in province.read().faults] == [
        ("calendar.2024.training", "opens 2024-07-02, which is not before it closes 2024-07-01")
    ]


def test_a_grade_that_a_kind_does_not_concern_is_told(province: Province) -> None:
    province.append(CITY, "[calendar.2024.level_one_theory.grades.5]\ncloses = 2024-07-01")
    assert [(fault.key, fault.message) for fault in province.read().faults] == [
        ("calendar.2024.level_one_theory.grades.5", "level_one_theory does not concern grade 5")
    ]


def test_a_route_that_leaves_a_required_stage_out_is_refused(province: Province) -> None:
    province.replace(CITY, 'onsite = "always"', 'route = ["unit_review", "qualification_review"]')
    assert [fault.message for fault in province.read().faults] == [
        "route leaves out department_review, which the province requires"
    ]


def test_a_route_in_another_order_is_refused(province: Province) -> None:
    stages = '["qualification_review", "unit_review", "department_review"]'
    province.replace(CITY, 'onsite = "always"', f"route = {stages}")
    assert "route must name each stage once, in this order" in province.read().faults[0].message


def test_on_site_confirmation_cannot_be_demanded_and_left_out(province: Province) -> None:
    stages = '["unit_review", "department_review", "qualification_review"]'
    province.replace(CITY, 'onsite = "always"', f'onsite = "always"\nroute = {stages}')
    assert "route does not name onsite_confirmation" in province.read().faults[0].message


def test_a_county_cannot_loosen_what_its_city_demands(province: Province) -> None:
    province.append(
        "linshui/qinghe/tenant.toml",
        '[review]\nonsite = "always"\nonsite_always_grades = [1]\n[supervision]\nsample_minimum = 9',
    )
    province.replace("linshui/qinghe/tenant.toml", "[policy]", "[policy]\nofficers_need_totp = true")
    province.append(COUNTY, '[review]\nonsite = "when_asked"\nonsite_always_grades = []')
    province.append(COUNTY, "[policy]\nofficers_need_totp = false\n[supervision]\nsample_minimum = 8")
    assert [fault.key for fault in province.read().faults] == [
        "supervision.sample_minimum",
        "review.onsite",
        "review.onsite_always_grades",
        "policy.officers_need_totp",
    ]


@pytest.mark.parametrize(
    ("file", "codes", "said"),
    [
        (CITY, '{ code = "990999", from = 2000-01-01 }', "990999: areas.toml does not list it"),
        (CITY, '{ code = "990221", from = 2000-01-01 }', "石门县 is a county, which is not the area of a city"),
        (CITY, '{ code = "990200", from = 1980-01-01 }', "was in use from 1990-01-01 to today only"),
        (CITY, '{ code = "990200", from = 1990-01-01, name = "云海市" }', "is called 云山市, not 云海市"),
        (CITY, '{ code = "9902", from = 1990-01-01 }', "does not do"),
    ],
)
def test_area_codes_are_held_against_the_table(province: Province, file: str, codes: str, said: str) -> None:
    province.replace(file, '{ code = "990200", from = 1990-01-01 }', codes)
    faults = province.read().faults
    assert len(faults) == 1
    assert faults[0].key.startswith("office.area_codes")
    assert said in faults[0].message


def test_a_county_lies_in_its_own_city(province: Province) -> None:
    province.write(
        "linshui/qinghe/shimen/tenant.toml",
        '[office]\nname = "石门县考核办"\nshort_name = "石门"\narea_codes = [{ code = "990221", from = 1990-01-01 }]\n',
    )
    assert [fault.message for fault in province.read().faults] == [
        "990221: 石门县 does not lie in the area of 清河市考核办"
    ]


def test_a_delegation_names_stages_and_trades_that_exist(province: Province) -> None:
    province.replace(COUNTY, 'stages = ["qualification_review", "onsite_confirmation"]', 'stages = ["unit_review"]')
    assert "unit_review belongs to units and departments" in province.read().faults[0].message
    province.replace(COUNTY, 'stages = ["unit_review"]', 'stages = ["qualification_review"]\ntrades = ["LS-9"]')
    assert [fault.message for fault in province.read().faults] == ["no season has the trades LS-9"]


def test_a_delegation_begins_before_it_ends(province: Province) -> None:
    province.replace(COUNTY, "from = 2024-03-18", "from = 2024-03-18\nuntil = 2024-03-17")
    assert [(fault.key, fault.message) for fault in province.read().faults] == [
        ("delegation", "until lies before from")
    ]


def test_a_folder_without_its_file_is_a_fault(province: Province) -> None:
    (province.folder / CITY).rename(province.folder / "linshui/yunshan/tennant.toml")
    assert [str(fault) for fault in province.read().faults] == [
        "offices/linshui/yunshan/tenant.toml: cannot be read (No such file or directory). "
        "Put it there, or let the service read it"
    ]


def test_a_file_that_is_not_utf_8_is_a_fault(province: Province) -> None:
    (province.folder / CITY).write_bytes('[office]\nname = "云山"\n'.encode("gbk"))
    assert [fault.message for fault in province.read().faults] == ["is not UTF-8"]


def test_a_byte_order_mark_from_windows_is_no_fault(province: Province) -> None:
    (province.folder / CITY).write_bytes(b"\xef\xbb\xbf" + (province.folder / CITY).read_bytes())
    assert province.read().faults == ()


_VALUES = (
    "1",
    "-1",
    '"x"',
    "true",
    "[]",
    "[1]",
    '["x"]',
    "[{ code = 1 }]",
    "{}",
    "{ a = 1 }",
    "2024-04-05",
    "1.5",
    "nan",
)
_PLACES = {"<year>": ("2024", "never"), "<grade>": ("1", "9"), "<kind>": ("results", "x"), "<filing>": ("exam_dates",)}


@st.composite
def _lines(draw: st.DrawFn) -> str:
    """One key of the models, or a table around one, set to some value that TOML can write."""
    key = draw(st.sampled_from(sorted(all_keys())))
    names = [draw(st.sampled_from(_PLACES.get(name, (name.strip("<>"),)))) for name in key]
    return f"{'.'.join(names[: draw(st.integers(1, len(names)))])} = {draw(st.sampled_from(_VALUES))}"


@given(line=_lines())
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
def test_whatever_a_city_writes_closes_at_most_that_city(province: Province, line: str) -> None:
    province.write("linshui/strange/tenant.toml", f'{line}\n[office]\nname = "怪"\nshort_name = "怪"\n')
    catalogue = province.read()
    assert len([office for office in catalogue.offices() if office.code != "linshui/strange"]) == 4
    assert {fault.office for fault in catalogue.faults} <= {"linshui/strange"}
    assert catalogue.is_open(OfficeCode("linshui/strange")) == (catalogue.faults == ())


def test_an_office_lies_in_a_folder_that_can_be_its_code(province: Province) -> None:
    (province.folder / "linshui/yunshan").rename(province.folder / "linshui/Yun Shan")
    assert [fault.message for fault in province.read().faults] == ["'Yun Shan' cannot be an office's code"]


def test_nothing_lies_below_a_county(province: Province) -> None:
    province.write("linshui/qinghe/heyuan/town/tenant.toml", "")
    catalogue = province.read()
    assert [(fault.office, fault.message) for fault in catalogue.faults] == [
        ("linshui/qinghe/heyuan/town", "lies below a county, where no office can be")
    ]
    assert len(catalogue.offices()) == 4


def test_a_missing_name_is_told(province: Province) -> None:
    province.replace(CITY, 'short_name = "云山"\n', "")
    assert [(fault.key, fault.message) for fault in province.read().faults] == [("office.short_name", "is missing")]


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("registration = { opens = 2024-03-21, closes = 2024-04-05 }\n", "", "season 2024 has no registration"),
        ('"LS-2"', '"LS-1"', "code LS-1 stands twice"),
        ("grades = [5, 4, 3]", "grades = []", "LS-3 is open for no grade of the season"),
        ("[filings.2024.exam_dates]", "[filings.2023.exam_dates]", "there is no season 2023"),
        ("tile = [2, 0]", 'affiliations = ["provincial"]', "office.affiliations: unknown key"),
        ("tile = [2, 0]", 'central_units_in = ["990100"]', "office.central_units_in: unknown key"),
    ],
)
def test_a_province_whose_season_cannot_run_stops_the_start(province: Province, old: str, new: str, said: str) -> None:
    province.replace("linshui/province.toml", old, new)
    with pytest.raises(ConfigurationError, match=said):
        province.read()


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('"990102"', '"990122"', "area 990122 stands twice"),
        ('successor = "990181"', 'successor = "990199"', "area 990121 is followed by 990199, which is not listed"),
        ("until = 2019-12-31", "until = 1989-12-31", "area 990121 ends 1989-12-31, before it begins"),
        ('kind = "county_level_city"', 'kind = "prefecture_level_city"', "List cities at the top"),
        ("from = 2020-01-01", "from = 2020-01-01, until = 2019-06-30", "990181, which does not last longer"),
    ],
)
def test_a_table_of_areas_that_contradicts_itself_stops_the_start(
    province: Province, old: str, new: str, said: str
) -> None:
    province.replace("linshui/areas.toml", old, new)
    with pytest.raises(ConfigurationError, match=said):
        province.read()
