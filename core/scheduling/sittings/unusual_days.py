"""Unusual days for exams and courses: public holidays and working weekends."""

from datetime import date

import chinese_calendar
from chinese_calendar import Holiday

from core.text import dates

_NAMES = {
    Holiday.new_years_day.value: "元旦",
    Holiday.spring_festival.value: "春节",
    Holiday.tomb_sweeping_day.value: "清明节",
    Holiday.labour_day.value: "劳动节",
    Holiday.dragon_boat_festival.value: "端午节",
    Holiday.mid_autumn_festival.value: "中秋节",
    Holiday.national_day.value: "国庆节",
}


def warning_of(day: date) -> str | None:
    """A warning about ``day``; None for an ordinary day. Weekends are usual for exams."""
    written = dates.day(day)
    try:
        off, name = chinese_calendar.get_holiday_detail(day)
    except NotImplementedError:
        return f"{written}所在年度的节假日安排尚未公布，请在公布后核对。"
    if off and name is not None:
        holiday = _NAMES.get(name, "法定节假日")
        return f"{written}是{holiday}放假期间，请确认考点、监考人员和交通能够保障。"
    if not off and day.weekday() >= 5:
        return f"{written}是调休上班日，申报人所在单位当日上班，请提前告知。"
    return None
