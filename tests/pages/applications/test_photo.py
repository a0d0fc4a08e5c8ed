"""The photo without scripts: the server proposes a crop, shows it, and keeps it when it is confirmed."""

import base64
import io
import re
from typing import Any

from PIL import Image, ImageOps

from core.documents.photo import SIZE
from core.simulate.scans import scan
from core.web.authentication.cookies import SESSION
from tests.callers import Caller, Web


def _picture(size: tuple[int, int], kind: str = "JPEG") -> bytes:
    content = io.BytesIO()
    with Image.open(io.BytesIO(scan("photo"))) as figure:
        ImageOps.pad(figure, size, color="#7fa8d6").save(content, kind)
    return content.getvalue()


class _Window:
    """A browser of one applicant with a draft."""

    def __init__(self, web: Web) -> None:
        self.web, self.applicant = web, web.applicant()
        self.draft: dict[str, Any] = web.draft(self.applicant, web.unit())
        self.address = f"/my/applications/{self.draft['id']}"
        self.headers = {"Cookie": f"{SESSION}={web.session_of(self.applicant)}", "Accept": "text/html"}

    def send(self, content: bytes | None = None, file_name: str = "照片.jpg", **fields: str) -> Any:
        page = self.web.client.get(f"{self.address}/papers", headers=self.headers).text
        token = re.search(r'name="_csrf" value="([^"]+)"', page)
        assert token is not None
        files = {"file": (file_name, content, "image/jpeg")} if content is not None else {"file": ("", b"", "")}
        sent = {"_csrf": token[1], "material": "photo", **fields}
        return self.web.client.post(
            f"{self.address}/photo", data=sent, files=files, headers=self.headers, follow_redirects=False
        )

    def kept(self) -> dict[str, Any]:
        return _photo_of(self.applicant, self.draft)


def _photo_of(applicant: Caller, draft: dict[str, Any]) -> dict[str, Any]:
    listed: list[dict[str, Any]] = applicant.get(f"/applications/{draft['id']}/documents").json()
    return next(paper for paper in listed if paper["material"] == "photo")


def test_a_picture_of_another_shape_is_cropped_shown_and_kept_when_confirmed(web: Web) -> None:
    window = _Window(web)
    before = window.kept()
    shown = window.send(_picture((1600, 1200)), "IMG_0001.jpg")
    assert (shown.status_code, "这样裁剪可以吗" in shown.text) == (200, True)
    assert window.kept() == before

    crop = re.search(r'name="cropped" value="([^"]+)"', shown.text)
    assert crop is not None
    assert f'src="data:image/jpeg;base64,{crop[1]}"' in shown.text
    assert Image.open(io.BytesIO(base64.b64decode(crop[1]))).size == SIZE
    done = window.send(cropped=crop[1], name="IMG_0001.jpg")
    assert (done.status_code, done.headers["location"]) == (303, f"{window.address}/papers#paper-photo")
    assert (window.kept()["file_name"], window.kept()["id"] != before["id"]) == ("IMG_0001.jpg", True)


def test_a_photo_of_the_right_shape_is_kept_at_once(web: Web) -> None:
    window = _Window(web)
    before = window.kept()
    assert window.send(_picture(SIZE)).status_code == 303
    assert window.kept()["id"] != before["id"]


def test_a_bad_photo_is_refused_beside_its_field(web: Web) -> None:
    window = _Window(web)
    before = window.kept()
    bad: list[tuple[dict[str, Any], str]] = [
        ({"content": _picture((2, 2), "PNG")}, "照片太小"),
        ({"content": b"%PDF-1.7"}, "照片应为JPG或PNG"),
        ({}, "请先选择文件"),
        ({"cropped": "!!"}, "没有传完整"),
    ]
    for sent, said in bad:
        refused = window.send(**sent)
        assert refused.status_code == 422
        beside = refused.text.partition('id="paper-photo"')[2].partition("</form>")[0]
        assert said in beside
    assert window.kept() == before
