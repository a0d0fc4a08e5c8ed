"""The map of offices: levels, areas, calendars, and the offices that a faulty file closes."""

from datetime import date

import pytest

from core.domain.calendar import inherit, span
from core.errors import ConfigurationError, Conflict, Invalid, NotFound
from core.plugin_api import Grade, OfficeCode, OfficeLevel, OfficeView, WindowKind
from tests.tenancy.conftest import Province

LINSHUI, QINGHE, HEYUAN, YUNSHAN = (
    OfficeCode(code) for code in ("linshui", "linshui/qinghe", "linshui/qinghe/heyuan", "linshui/yunshan")
)
SPRING = date(2024, 3, 21)


def test_offices_are_listed_city_by_city_each_followed_by_its_counties(province: Province) -> None:
    catalogue = province.read()
    assert [(office.code, office.level) for office in catalogue.offices()] == [
        (LINSHUI, OfficeLevel.PROVINCE),
        (QINGHE, OfficeLevel.CITY),
        (HEYUAN, OfficeLevel.COUNTY),
        (YUNSHAN, OfficeLevel.CITY),
    ]
    assert [office.code for office in catalogue.offices(OfficeLevel.CITY)] == [QINGHE, YUNSHAN]


def test_an_office_knows_those_above_and_below_it(province: Province) -> None:
    catalogue = province.read()
    parent = catalogue.parent(HEYUAN)
    assert parent is not None
    assert parent.code == QINGHE
    assert catalogue.parent(LINSHUI) is None
    assert [child.code for child in catalogue.children(LINSHUI)] == [QINGHE, YUNSHAN]
    assert catalogue.city_of(HEYUAN) == QINGHE
    assert catalogue.city_of(LINSHUI) == LINSHUI


def test_an_unknown_office_is_not_found(province: Province) -> None:
    with pytest.raises(NotFound, match="没有这个考核管理机构"):
        province.read().get(OfficeCode("linshui/nowhere"))


def test_an_office_keeps_its_code_when_its_area_is_renamed(province: Province) -> None:
    office = province.read().get(HEYUAN)
    assert office.view(date(2019, 12, 31)) == OfficeView(HEYUAN, "河源市考核办", OfficeLevel.COUNTY, "990121")
    assert office.view(date(2020, 1, 1)) == OfficeView(HEYUAN, "河源市考核办", OfficeLevel.COUNTY, "990181")


def test_the_county_with_a_tenant_is_nearest_to_its_units_and_the_city_to_all_others(province: Province) -> None:
    catalogue = province.read()
    assert catalogue.most_local_office("990181", SPRING) == HEYUAN
    assert catalogue.most_local_office("990122", SPRING) == QINGHE
    assert catalogue.most_local_office("990100", SPRING) == QINGHE
    assert catalogue.most_local_office("990221", SPRING) == YUNSHAN


def test_a_code_that_was_replaced_still_finds_its_office(province: Province) -> None:
    assert province.read().most_local_office("990121", SPRING) == HEYUAN


def test_a_code_means_nothing_before_it_was_given(province: Province) -> None:
    with pytest.raises(Invalid, match="990181"):
        province.read().most_local_office("990181", date(2018, 6, 1))


def test_a_place_without_an_area_code_is_named_by_its_office(province: Province) -> None:
    province.replace("linshui/qinghe/heyuan/tenant.toml", "area_codes = [", "#")
    province.replace("linshui/qinghe/heyuan/tenant.toml", "  { code", "#")
    province.replace("linshui/qinghe/heyuan/tenant.toml", "]\n\n[delegation]", "\n[delegation]")
    catalogue = province.read()
    assert catalogue.faults == ()
    assert catalogue.get(HEYUAN).view(SPRING).area_code is None
    assert catalogue.most_local_office(HEYUAN, SPRING) == HEYUAN


def test_an_area_without_any_office_says_whom_to_ask(province: Province) -> None:
    with pytest.raises(Invalid, match="新港市尚未设立考核管理机构，请联系临水省考核中心"):
        province.read().most_local_office("990300", SPRING)


def test_dates_that_an_office_does_not_set_are_those_of_the_level_above(province: Province) -> None:
    catalogue = province.read()
    county, city = catalogue.calendar(HEYUAN, 2024), catalogue.calendar(QINGHE, 2024)
    assert [span(window) for window in catalogue.own_calendar(HEYUAN, 2024).windows] == ["2024-07-13 to 2024-07-14"]
    assert county.window(WindowKind.TRAINING) == city.window(WindowKind.TRAINING)
    assert catalogue.frame(HEYUAN, 2024) == city
    assert catalogue.frame(LINSHUI, 2024) == catalogue.calendar(LINSHUI, 2024)


def test_merging_files_and_inheriting_calendars_come_to_the_same(province: Province) -> None:
    catalogue = province.read()
    for office in catalogue.offices():
        own, frame = catalogue.own_calendar(office.code, 2024), catalogue.frame(office.code, 2024)
        assert inherit(own, frame) == catalogue.calendar(office.code, 2024)


def test_one_grade_can_have_dates_of_its_own(province: Province) -> None:
    calendar = province.read().calendar(YUNSHAN, 2024)
    spans = {grade: calendar.window(WindowKind.REGISTRATION, grade) for grade in (Grade.FIVE, Grade.ONE)}
    assert {grade: span(window) for grade, window in spans.items() if window} == {
        Grade.FIVE: "2024-03-21 to 2024-04-01",
        Grade.ONE: "2024-03-27 to 2024-04-05",
    }


def test_a_season_that_the_province_did_not_open_is_not_found(province: Province) -> None:
    with pytest.raises(NotFound, match="没有2023年度"):
        province.read().calendar(QINGHE, 2023)


def test_trades_are_open_for_the_grades_they_name(province: Province) -> None:
    season = province.read().season(2024)
    assert [trade.code for trade in season.trades_for(Grade.FIVE)] == ["LS-1", "LS-2", "LS-3"]
    assert [trade.code for trade in season.trades_for(Grade.ONE)] == ["LS-1", "LS-2"]


def test_a_broken_city_closes_itself_and_its_counties_and_nobody_else(province: Province) -> None:
    province.write("linshui/qinghe/tenant.toml", "[office\n")
    catalogue = province.read()
    assert [office.code for office in catalogue.offices()] == [LINSHUI, YUNSHAN]
    assert {office.code: office.parent for office in catalogue.closed()} == {QINGHE: LINSHUI, HEYUAN: QINGHE}
    assert [(fault.office, fault.file, fault.line) for fault in catalogue.faults] == [
        (QINGHE, "offices/linshui/qinghe/tenant.toml", 1)
    ]
    with pytest.raises(Conflict, match="河源市考核办的配置有误，暂停办理"):
        catalogue.get(HEYUAN)


def test_a_broken_county_leaves_its_city_open(province: Province) -> None:
    province.append("linshui/qinghe/heyuan/tenant.toml", "[unheard_of]\nkey = 1")
    catalogue = province.read()
    assert catalogue.is_open(QINGHE)
    assert not catalogue.is_open(HEYUAN)


def test_units_of_a_closed_county_are_not_given_to_somebody_else(province: Province) -> None:
    province.append("linshui/qinghe/heyuan/tenant.toml", "[unheard_of]\nkey = 1")
    catalogue = province.read()
    assert catalogue.most_local_office("990181", SPRING) == HEYUAN


@pytest.mark.parametrize("file", ["linshui/province.toml", "linshui/areas.toml"])
def test_only_the_provinces_own_files_stop_the_start(province: Province, file: str) -> None:
    province.append(file, "[unheard_of]\nkey = 1")
    with pytest.raises(ConfigurationError, match=f"offices/{file}.*unheard_of: unknown key"):
        province.read()


def test_a_folder_without_a_province_stops_the_start(province: Province) -> None:
    (province.folder / "linshui" / "province.toml").unlink()
    with pytest.raises(ConfigurationError, match=r"exactly one folder with a province\.toml; found: none"):
        province.read()


def test_a_folder_that_is_not_there_stops_the_start(province: Province) -> None:
    province.folder = province.folder / "elsewhere"
    with pytest.raises(ConfigurationError, match="Point KAOWU_TENANTS_DIR at the folder"):
        province.read()


def test_two_offices_that_claim_one_area_are_both_closed(province: Province) -> None:
    province.write(
        "linshui/twin/tenant.toml",
        '[office]\nname = "冒名"\nshort_name = "冒名"\narea_codes = [{ code = "990200", from = 2000-01-01 }]\n',
    )
    catalogue = province.read()
    assert [office.code for office in catalogue.offices()] == [LINSHUI, QINGHE, HEYUAN]
    assert [(fault.office, fault.message) for fault in catalogue.faults] == [
        ("linshui/twin", "990200 is claimed by offices/linshui/yunshan/tenant.toml as well"),
        ("linshui/yunshan", "990200 is claimed by offices/linshui/twin/tenant.toml as well"),
    ]


def test_adding_a_city_needs_one_file(province: Province) -> None:
    province.write(
        "linshui/xingang/tenant.toml",
        '[office]\nname = "新港市考核办"\nshort_name = "新港"\narea_codes = [{ code = "990300", from = 2010-01-01 }]\n',
    )
    catalogue = province.read()
    assert catalogue.faults == ()
    assert catalogue.most_local_office("990300", SPRING) == "linshui/xingang"
    assert catalogue.calendar(OfficeCode("linshui/xingang"), 2024) == catalogue.calendar(LINSHUI, 2024)


def test_plugins_see_the_season_with_the_frame_of_the_level_above(province: Province) -> None:
    catalogue = province.read()
    view = catalogue.season_view(HEYUAN, 2024)
    assert (view.notice, view.notice_date, view.rule_document) == (
        "临水通知〔2024〕1号",
        date(2024, 3, 15),
        "henan-2024",
    )
    assert view.frame == catalogue.calendar(QINGHE, 2024)
