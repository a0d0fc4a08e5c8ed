"""A unit's table of people, from Excel or CSV: the columns, the file to fill in, and how a file becomes rows."""

from collections.abc import Mapping, Sequence
from typing import Final

from core.applications.form_steps import ITEM_LABELS
from core.text.filled_tables import EXAMPLE, ROW_MARK, Column, Filled, Row, Table
from core.text.uploaded_tables import Bounds

MOST_ROWS: Final = 1000
BOUNDS: Final = Bounds("roster", MOST_ROWS)
MOST_BYTES: Final = BOUNDS.bytes
COLUMNS: Final = (
    Column("name", "姓名", "与居民身份证一致。", required=True, synonyms=("人员姓名", "职工姓名", "名字")),
    Column(
        "id_number",
        "身份证号码",
        "18位，整列设为文本格式。",
        required=True,
        synonyms=(
            "身份证号",
            "公民身份号码",
            "公民身份证号码",
            "居民身份证号码",
            "居民身份证号",
            "身份证件号码",
            "身份证",
            "证件号码",
        ),
    ),
    Column(
        "phone",
        "手机号码",
        "选填，用于接收通知。",
        synonyms=("手机号", "手机", "移动电话", "联系电话", "联系方式", "电话"),
    ),
    Column(
        "staff_category",
        ITEM_LABELS["staff_category"],
        "从下拉列表中选择。",
        required=True,
        synonyms=("人员性质", "人员类型"),
    ),
    Column(
        "first_job_year",
        ITEM_LABELS["first_job_year"],
        "四位数年份，例如2010，以人事档案为准。",
        required=True,
        synonyms=("参加工作时间", "参加工作年月", "参加工作日期", "参加工作年", "参工时间", "工作时间"),
    ),
    Column(
        "regularised_on",
        ITEM_LABELS["regularised_on"],
        "申报五级的填写，例如2011-07-01；档案上只有年月的写到月。",
        synonyms=("转正定级时间", "转正定级年月", "转正定级", "转正时间", "转正日期"),
    ),
    Column(
        "education",
        ITEM_LABELS["education"],
        "从下拉列表中选择。",
        required=True,
        synonyms=("文化程度", "最高学历", "学历层次"),
    ),
    Column(
        "current_grade",
        ITEM_LABELS["current_grade"],
        "没有等级证书的留空。",
        synonyms=("现等级", "现有技术等级", "现技术等级", "原等级", "现有等级证书"),
    ),
    Column(
        "current_grade_year",
        ITEM_LABELS["current_grade_year"],
        "四位数年份，以证书为准。",
        synonyms=(
            "取得时间",
            "取得年份",
            "取证时间",
            "取证年份",
            "发证时间",
            "发证年份",
            "现有等级取得时间",
            "证书取得时间",
            "现有等级年份",
        ),
    ),
    Column(
        "current_trade",
        ITEM_LABELS["current_trade"],
        "从列表中选择；也可以写全名或代码。",
        synonyms=("现工种", "原工种", "现有工种", "证书工种"),
    ),
    Column(
        "grade",
        ITEM_LABELS["grade"],
        "从下拉列表中选择。",
        required=True,
        synonyms=("申报技术等级", "拟申报等级", "考核等级"),
    ),
    Column(
        "path", ITEM_LABELS["path"], "从下拉列表中选择。", required=True, synonyms=("申报类型", "申报方式", "晋级方式")
    ),
    Column(
        "trade",
        ITEM_LABELS["trade"],
        "从列表中选择；也可以写全名或代码。",
        required=True,
        synonyms=("工种", "拟申报工种", "考核工种"),
    ),
)
TITLES: Final[Mapping[str, str]] = {column.code: column.title for column in COLUMNS}
TABLE: Final = Table(
    bounds=BOUNDS,
    columns=(ROW_MARK, *COLUMNS),
    headers=(frozenset({"name"}), frozenset({"id_number"})),
    no_header="没有找到标题行。请使用本页的模板填写，不要改动标题。",
    nobody="表中没有人员。请从模板的示例行下面开始填写。",
    too_many="一次最多导入{most}人，这张表超过了。请分成几个文件。",
)
_EXAMPLE: Final = {
    ROW_MARK.code: EXAMPLE,
    "name": "测试甲",
    "id_number": "（18位身份证号码）",
    "first_job_year": "2019",
    "regularised_on": "2020-07-01",
}


def read_table(content: bytes) -> Filled:
    """The filled rows of a file, without header and example; Invalid, saying what to do, for any other file."""
    return TABLE.read(content, _check_columns)


def read_rows(content: bytes) -> list[Row]:
    """The filled rows of a file alone."""
    return read_table(content).rows


def template(choices: Mapping[str, Sequence[str]]) -> bytes:
    """The Excel file that a unit fills in. ``choices`` are the texts to choose from, by column.

    The example takes the first of the choices; it holds no grade yet, so that the columns of one stay empty.
    """
    chosen = {code: known[0] for code, known in choices.items() if known and not code.startswith("current_")}
    return TABLE.template("人员名单", choices=choices, example=chosen | _EXAMPLE)


def _check_columns(codes: Sequence[str]) -> None:
    if lacking := TABLE.lacking(codes):
        titles = "、".join(column.title for column in lacking)
        BOUNDS.refuse("columns_missing", f"表中缺少这些列：{titles}。请使用本页的模板填写，不要改动标题。")
