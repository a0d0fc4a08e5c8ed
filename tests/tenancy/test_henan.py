"""The real province: its offices against the facts, its dates against the notice."""

import re
import tomllib
from datetime import date

import pytest
from stdnum import numdb

from core.domain.calendar import span
from core.plugin_api import DelegationMode, Grade, OfficeCode, OfficeLevel, WindowKind
from core.tenancy.areas import AreaKind
from core.tenancy.catalogue import Catalogue
from core.tenancy.config.known_keys import Key, all_keys
from core.tenancy.config.office import OfficeConfig
from tests.tenancy.conftest import ROOT

HENAN = OfficeCode("henan")
SEASON = date(2024, 3, 21)
PROVINCE_FILE = ROOT / "tenants" / "henan" / "province.toml"


def test_every_office_of_henan_is_open(henan: Catalogue) -> None:
    assert henan.faults == ()
    counts = {level: len(henan.offices(level)) for level in OfficeLevel}
    # One of the city level is for newcomers to practise in: it looks after no area.
    assert counts == {OfficeLevel.PROVINCE: 1, OfficeLevel.CITY: 19, OfficeLevel.COUNTY: 9}
    (practice,) = [office for office in henan.offices() if office.config.office.practice]
    assert (practice.code, practice.config.office.area_codes) == ("henan/practice", ())


def test_every_city_of_the_table_has_an_office_and_a_tile_of_its_own(henan: Catalogue) -> None:
    cities = [city for city in henan.offices(OfficeLevel.CITY) if not city.config.office.practice]
    assert {city.area_code(SEASON) for city in cities} == {area.code for area in henan.areas if area.kind.is_city}
    assert len({office.config.office.tile for office in (henan.province, *cities)}) == 19
    assert None not in {city.config.office.tile for city in cities}


def test_the_areas_are_those_of_the_source_they_name(henan: Catalogue) -> None:
    source = numdb.get("cn/loc")
    for area in henan.areas:
        written = source.info(area.code)[1][1]["county"]
        spans = re.findall(r"(?:\[(\d*)-(\d*)\])?([^,]+)", written)
        assert area.name in {name for _, _, name in spans}, area.code
        if area.valid_until is None:
            assert (spans[-1][1], spans[-1][2]) == ("", area.name)


def test_the_areas_are_as_many_as_the_province_counts(henan: Catalogue) -> None:
    current = [area for area in henan.areas if area.holds_on(SEASON)]
    counts = {kind: sum(area.kind is kind for area in current) for kind in AreaKind}
    assert counts == {
        AreaKind.PREFECTURE_LEVEL_CITY: 17,
        AreaKind.PROVINCE_ADMINISTERED_CITY: 1,
        AreaKind.COUNTY: 82,
        AreaKind.COUNTY_LEVEL_CITY: 20,
        AreaKind.DISTRICT: 54,
    }


def test_every_area_has_an_office_in_the_season(henan: Catalogue) -> None:
    for area in henan.areas:
        assert henan.is_open(henan.most_local_office(area.code, SEASON))


def test_the_frame_is_that_of_the_notice(henan: Catalogue) -> None:
    assert {window.kind: span(window) for window in henan.calendar(HENAN, 2024).windows} == {
        WindowKind.UNIT_NAMES: "2024-03-18 to 2024-03-20",
        WindowKind.REGISTRATION: "2024-03-21 to 2024-04-05",
        WindowKind.UNIT_REVIEW: "until 2024-04-03",
        WindowKind.QUALIFICATION_REVIEW: "2024-03-21 to 2024-04-15",
        WindowKind.TRAINING: "2024-04-01 to 2024-07-31",
        WindowKind.COMPUTER_EXAM: "2024-06-01 to 2024-09-30",
        WindowKind.LEVEL_ONE_THEORY: "2024-06-01 to 2024-09-30",
        WindowKind.COMPREHENSIVE_REVIEW: "2024-09-01 to 2024-12-31",
        WindowKind.RESULTS: "2024-09-01 to 2024-12-31",
    }


def test_every_city_sets_its_own_exam_dates_and_says_that_they_are_illustrative(henan: Catalogue) -> None:
    for office in henan.offices(OfficeLevel.CITY):
        if office.config.office.practice:
            continue
        assert henan.own_calendar(office.code, 2024).window(WindowKind.COMPUTER_EXAM) is not None
        assert "illustrative" in (ROOT / office.file).read_text("utf-8")


def test_every_county_says_that_its_delegation_is_illustrative(henan: Catalogue) -> None:
    for office in henan.offices(OfficeLevel.COUNTY):
        assert office.config.delegation is not None
        assert "is not known: this one is illustrative" in (ROOT / office.file).read_text("utf-8")


def test_counties_hold_their_review_in_both_modes_and_from_different_days(henan: Catalogue) -> None:
    held = {office.code: office.config.delegation for office in henan.offices(OfficeLevel.COUNTY)}
    entrusted = {
        code for code, delegation in held.items() if delegation and delegation.mode is DelegationMode.ENTRUSTED
    }
    assert entrusted == {"henan/zhengzhou/hangkonggang", "henan/kaifeng/lankao"}
    later = {
        code: delegation.valid_from
        for code, delegation in held.items()
        if delegation and delegation.valid_from != date(2024, 3, 18)
    }
    assert later == {"henan/xinxiang/changyuan": date(2024, 4, 8)}


@pytest.mark.parametrize(
    ("place", "nearest"),
    [
        ("410327", "henan/luoyang/yiyang"),
        ("410305", "henan/luoyang"),
        ("henan/zhengzhou/hangkonggang", "henan/zhengzhou/hangkonggang"),
        ("410728", "henan/xinxiang/changyuan"),
        ("410306", "henan/luoyang"),
        ("419001", "henan/jiyuan"),
    ],
)
def test_a_place_has_its_nearest_office(henan: Catalogue, place: str, nearest: str) -> None:
    assert henan.most_local_office(place, SEASON) == nearest


def test_gushi_sets_its_own_exam_dates_inside_those_of_xinyang(henan: Catalogue) -> None:
    gushi, xinyang = (
        henan.calendar(OfficeCode(code), 2024).window(WindowKind.COMPUTER_EXAM)
        for code in ("henan/xinyang/gushi", "henan/xinyang")
    )
    assert gushi is not None
    assert xinyang is not None
    assert (span(gushi), span(xinyang)) == ("2024-06-29 to 2024-07-07", "2024-06-22 to 2024-07-28")


def test_pingdingshan_registers_grade_one_in_an_overlapping_window(henan: Catalogue) -> None:
    calendar = henan.calendar(OfficeCode("henan/pingdingshan"), 2024)
    five = calendar.window(WindowKind.REGISTRATION, Grade.FIVE)
    window = calendar.window(WindowKind.REGISTRATION, Grade.ONE)
    assert five is not None
    assert window is not None
    assert window.opens is not None
    assert window.opens < five.closes < window.closes


def test_the_plugins_of_an_office_are_those_on_its_path(henan: Catalogue) -> None:
    plugins = {office.code: office.config.plugins for office in henan.offices()}
    assert plugins[HENAN] == ("henan_defaults", "county_delegation")
    assert plugins[OfficeCode("henan/luoyang/yiyang")] == ("henan_defaults", "county_delegation", "luoyang_contract")
    assert plugins[OfficeCode("henan/xinyang/gushi")] == ("henan_defaults", "county_delegation", "gushi_onsite_days")
    assert plugins[OfficeCode("henan/xinyang")] == ("henan_defaults", "county_delegation")


def test_the_subjects_are_those_that_henan_examined(henan: Catalogue) -> None:
    grades = henan.season(2024).grades
    assert grades[Grade.ONE].subjects == ("职业道德", "专业基础知识")
    assert {grades[grade].subjects for grade in grades if grade is not Grade.ONE} == {
        ("岗位技能", "职业道德", "职业能力")
    }


def test_the_province_file_spells_out_every_key() -> None:
    # What cannot stand in a province's file is commented out without a space: "#key = value".
    written = re.sub(r"(?m)^#(?=[\w\[])", "", PROVINCE_FILE.read_text("utf-8"))
    table = tomllib.loads(written)
    OfficeConfig.model_validate(table)
    assert set(all_keys()) - {_pattern(key) for key in _keys_in(table)} == set()


def _keys_in(value: object, at: Key = ()) -> set[Key]:
    if isinstance(value, list) and value and isinstance(value[0], dict):
        return {key for inner in value for key in _keys_in(inner, at)}
    if isinstance(value, dict):
        return {key for name, inner in value.items() for key in _keys_in(inner, (*at, name))}
    return {at}


def _pattern(key: Key) -> Key:
    """The key as the models name it: the year, grade or kind in it by its placeholder."""
    for known in all_keys():
        if len(known) == len(key) and all(a == b or a.startswith("<") for a, b in zip(known, key, strict=True)):
            return known
    raise AssertionError(f"no model has the key {key}")


def test_every_file_of_the_province_is_read(henan: Catalogue) -> None:
    written = {*(ROOT / "tenants").rglob("tenant.toml"), PROVINCE_FILE}
    assert {ROOT / office.file for office in henan.offices()} == written
