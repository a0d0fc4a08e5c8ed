"""The photo: cropped in the browser by hand and by keys, by the server without scripts, and too large files."""

import os
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

import pytest
from PIL import Image, ImageDraw
from playwright.sync_api import Locator, Page, expect

from tests.browser.chromium import DESKTOP, PHONE, Watched
from tests.browser.conftest import Visit
from tests.browser.old_browser import OLD
from tests.browser.town import Town
from tests.browser.ways import WAYS


@pytest.fixture
def taken(tmp_path: Path) -> Path:
    """A lying picture as a telephone takes it, of a drawn figure at its left."""
    picture = Image.new("RGB", (2400, 1800), "#7fa8d6")
    draw = ImageDraw.Draw(picture)
    draw.rectangle((0, 1500, 2400, 1800), fill="#5d6b52")
    draw.ellipse((260, 1100, 1300, 2600), fill="#3b4a5c")
    draw.ellipse((500, 350, 1060, 1150), fill="#d9b08c")
    path = tmp_path / "IMG_0001.jpg"
    picture.save(path, "JPEG", quality=90)
    return path


def _paper(visit: Visit, town: Town, who: str, **options: object) -> tuple[Watched, Locator]:
    flow = town.case(who)
    window = visit(who, **options)
    window.go(f"/my{flow.path}/papers")
    return window, window.page.locator("#paper-photo")


def _picture(window: Watched, paper: Locator) -> None:
    """The kept photo is on the page, in its size."""
    expect(paper).to_contain_text("IMG_0001.jpg")
    image = paper.locator("img.preview")
    image.scroll_into_view_if_needed()
    window.page.wait_for_function("() => document.querySelector('#paper-photo img.preview')?.complete")
    assert image.evaluate("image => [image.naturalWidth, image.naturalHeight]") == [413, 579]


def _touch(page: Page, *moments: Sequence[tuple[float, float]]) -> None:
    """Put fingers down at the points of the first moment, lead them to those of the others, and lift them."""
    session = page.context.new_cdp_session(page)
    for number, moment in enumerate([*moments, ()]):
        kind = "touchEnd" if not moment else "touchMove" if number else "touchStart"
        points = [{"x": x, "y": y, "id": finger} for finger, (x, y) in enumerate(moment)]
        session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})
    session.detach()


def _touches(page: Page, frame: Locator) -> list[Callable[[], object]]:
    """One finger that drags, two that move apart, and two that come together."""

    def touch(*moments: Sequence[int]) -> None:
        """Fingers beside the middle of the frame, each so many points to its right."""
        frame.scroll_into_view_if_needed()
        box = frame.bounding_box()
        assert box is not None
        x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
        _touch(page, *([(x + right, y) for right in moment] for moment in moments))

    def spread() -> None:
        touch((-20, 20), (-60, 60))
        page.wait_for_function("() => Number(document.querySelector('[data-photo-zoom]').value) > 1.5")

    # The kept photo above the frame, which is loaded when it comes into view, moves it down.
    page.wait_for_function("() => [...document.querySelectorAll('#paper-photo img')].every((image) => image.complete)")
    return [partial(touch, (0,), (15,), (30,)), spread, partial(touch, (-60, 60), (-20, 20))]


@pytest.mark.parametrize(("viewport", "old"), [(PHONE, OLD), (DESKTOP, OLD), (DESKTOP, True)])
def test_a_photo_is_cropped_turned_and_straightened(
    visit: Visit, town: Town, taken: Path, tmp_path: Path, screenshots: Path | None, viewport: dict[str, int], old: bool
) -> None:
    window, paper = _paper(visit, town, "photographer", viewport=viewport, old=old)
    page, use = window.page, paper.get_by_role("button", name="使用这张照片")
    tiny = tmp_path / "tiny.png"
    Image.new("RGB", (2, 2), "red").save(tiny)
    paper.locator("input[type=file]").set_input_files(tiny)
    expect(paper).to_contain_text("这张照片只有2 × 2像素")
    expect(use).to_be_disabled()
    paper.locator("input[type=file]").set_input_files(taken)
    expect(use).to_be_enabled()
    expect(use).to_be_in_viewport()
    frame = paper.get_by_role("application", name="裁剪框")
    expect(frame).to_be_focused()

    def drag() -> None:
        frame.hover(position={"x": 100, "y": 100})
        page.mouse.down()
        frame.hover(position={"x": 130, "y": 100})
        page.mouse.up()

    acts: list[Callable[[], object]] = [
        *(_touches(page, frame) if viewport == PHONE else []),
        lambda: [page.keyboard.press("ArrowRight") for _ in range(9)],
        *[partial(page.keyboard.press, key) for key in ("+", ".", "-")],
        drag,
        lambda: page.mouse.wheel(0, -200),
        *[paper.get_by_role("button", name=name).click for name in ("向右转", "向左转", "复原", "右移")],
        lambda: paper.get_by_label("缩放").fill("1.2"),
        lambda: paper.get_by_label("摆正").fill("3"),
        lambda: [paper.get_by_role("button", name="右移").click() for _ in range(25)],
    ]
    preview = "document.querySelector('.photo-preview').toDataURL()"
    seen = page.evaluate(preview)
    for act in acts:
        act()
        page.wait_for_function(f"seen => {preview} !== seen", arg=seen)
        seen = page.evaluate(preview)
    if screenshots is not None:
        page.screenshot(path=screenshots / f"photo-frame-{viewport['width']}-{old}.png", full_page=True)
    assert (window.violations(), window.wide(), window.complaints) == ([], 0, [])
    use.click()
    _picture(window, paper)
    expect(paper).to_be_in_viewport()
    assert window.complaints == []


@pytest.mark.parametrize("viewport", [PHONE, DESKTOP])
def test_without_scripts_a_crop_is_proposed_and_confirmed(
    visit: Visit, town: Town, taken: Path, screenshots: Path | None, viewport: dict[str, int]
) -> None:
    window, paper = _paper(visit, town, "photographer", viewport=viewport, javascript=False)
    paper.locator("input[type=file]").set_input_files(taken)
    paper.get_by_role("button", name="上传").click()
    expect(window.page.get_by_role("heading", level=1)).to_have_text("这样裁剪可以吗？")
    if screenshots is not None:
        window.page.screenshot(path=screenshots / f"photo-proposed-{viewport['width']}.png", full_page=True)
    window.page.get_by_role("button", name="就用这张照片").click()
    _picture(window, paper)


@WAYS
def test_a_unit_uploads_the_photo_of_a_draft_and_its_person_is_told(
    visit: Visit, town: Town, taken: Path, *, viewport: dict[str, int], javascript: bool
) -> None:
    unit_id, applicant = town.web.unit(), town.web.applicant()
    draft = town.web.draft(applicant, unit_id)["id"]
    town.let_in("uploading", town.manager(unit_id))
    town.let_in("pictured", applicant)
    window = visit("uploading", viewport=viewport, javascript=javascript)
    window.go(f"/unit/people/{draft}/papers")
    page, paper = window.page, window.page.locator("#paper-photo")
    paper.locator("input[type=file]").set_input_files(taken)
    if javascript:
        paper.get_by_role("button", name="使用这张照片").click()
    else:
        paper.get_by_role("button", name="上传").click()
        page.get_by_role("button", name="就用这张照片").click()
    _picture(window, paper)
    expect(paper).to_contain_text("由您代为上传")
    own = visit("pictured", viewport=viewport, javascript=javascript)
    own.go("/notices")
    told = own.page.locator("li.panel", has_text="单位代您上传了申报材料")
    told.get_by_role("link", name="查看申报").click()
    own.go(f"/my/applications/{draft}/papers")
    expect(own.page.locator("#paper-photo")).to_contain_text("单位代为上传，请核对")
    assert [*window.complaints, *own.complaints] == []


def test_a_large_picture_is_made_smaller_and_a_large_file_refused_at_once(
    visit: Visit, town: Town, tmp_path: Path
) -> None:
    window, _ = _paper(visit, town, "photographer", viewport=PHONE)
    paper = window.page.locator("#paper-identity_card")
    noise = tmp_path / "IMG_0002.png"
    Image.frombytes("RGB", (1600, 1500), os.urandom(1600 * 1500 * 3)).save(noise)
    assert noise.stat().st_size > 5 * 2**20
    field = paper.locator("#file-identity_card")
    field.set_input_files(noise)
    expect(paper).to_contain_text("查看IMG_0002.jpg")
    large = tmp_path / "材料.pdf"
    with large.open("wb") as file:
        file.truncate(40 * 2**20)
    field.set_input_files(large)
    expect(paper).to_contain_text("文件有40MB，最多5MB，没有上传")
    expect(paper).to_contain_text("查看IMG_0002.jpg")


def test_without_scripts_a_file_of_forty_megabytes_is_answered(visit: Visit, town: Town, tmp_path: Path) -> None:
    window, paper = _paper(visit, town, "photographer", viewport=PHONE, javascript=False)
    large = tmp_path / "照片.jpg"
    with large.open("wb") as file:
        file.truncate(40 * 2**20)
    paper.locator("input[type=file]").set_input_files(large)
    paper.get_by_role("button", name="上传").click()
    expect(window.page.get_by_role("heading", level=1)).to_have_text("文件过大")
    expect(window.page.locator("#content")).to_contain_text("最多32MB")


def test_a_refusal_of_the_server_stands_on_the_page_that_sent_the_file(visit: Visit, town: Town) -> None:
    window, paper = _paper(visit, town, "photographer", viewport=PHONE)
    # More than a page sends by itself.
    paper.locator("form").evaluate(
        "form => form.dispatchEvent(new CustomEvent('kaowu:send',"
        " { detail: new File([new Uint8Array(33 << 20)], 'a.jpg') }))"
    )
    expect(window.page.get_by_role("heading", level=1)).to_have_text("文件过大")
