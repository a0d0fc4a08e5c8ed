"""The photo of an application (近期免冠照片): checked, cropped, and kept as a JPEG of 413 × 579 pixels.

The check is made of what the pixels show: enough of them, upright and of the right shape, neither one colour nor too
dark, too bright or too pale. Whether there is a face in the picture is for people to judge
(docs/decisions/0039-the-photo.md). The upload itself is not kept.
"""

from dataclasses import dataclass
from typing import IO, Final

from PIL import Image, ImageOps, ImageStat

from core.documents.content import (
    JPEG,
    PNG,
    Prepared,
    as_kept,
    checked_size,
    opened_image,
    plain_pixels,
    refuse,
    temporary_file,
    type_of,
)
from core.tenancy.config.office import DocumentsTable

PHOTO: Final = "photo"
"""The material's code in the rule documents."""
SIZE: Final = (413, 579)
"""Width and height in pixels: 35 × 49 mm at 300 points an inch."""
LEAST: Final = (295, 413)
"""The smallest picture that is taken, after cropping: 25 × 35 mm (一寸) at 300 points an inch."""
MOST_BYTES: Final = 30 * 1024 * 1024
"""Of the upload; what is kept has a hundredth of it."""

_TOLERANCE: Final = 0.02
"""How far the shape may be from that of ``SIZE`` without anybody having to look at what is cut off."""
_QUALITY: Final = 90
_FACE: Final = (0.25, 0.15, 0.75, 0.65)
"""The part of a photo in which a face stands, in shares of its width and height: a white background is no fault."""
_DARKEST, _BRIGHTEST, _FLATTEST = 45.0, 238.0, 8.0
"""Mean luminance of that part (0 to 255), and the least standard deviation of the luminance of the whole."""


@dataclass(frozen=True, slots=True)
class Cropped:
    """A photo as it would be kept. ``cut`` says that a part that somebody may want was cut off at the edges."""

    photo: Image.Image
    cut: bool

    def save(self) -> IO[bytes]:
        """The photo as a JPEG without any notes, in a new file at its beginning."""
        file = temporary_file()
        self.photo.save(file, "JPEG", quality=_QUALITY)
        file.seek(0)
        return file


def prepare_photo(content: IO[bytes], limits: DocumentsTable) -> Prepared:
    """``content``, a seekable file, as it will be kept. Raises Invalid, saying what to do.

    A picture of another shape is refused: its sender has to see first what is cut off (``crop``).
    """
    cropped = crop(content, limits)
    if cropped.cut:
        refuse(
            "photo_shape", f"照片的宽高比不对。请裁剪成宽{SIZE[0]}、高{SIZE[1]}像素（竖幅，约5比7）的照片后重新上传。"
        )
    return as_kept(JPEG, cropped.save())


def crop(content: IO[bytes], limits: DocumentsTable) -> Cropped:
    """The middle of the picture in the shape of a photo. Raises Invalid where it cannot serve as one."""
    checked_size(content, MOST_BYTES)
    media_type = type_of(content)
    if media_type not in {JPEG, PNG}:
        refuse(
            "photo_type",
            "照片应为JPG或PNG图片。PDF、HEIC等格式请先转换为JPG；苹果手机可在“设置－相机－格式”中选“兼容性最佳”后重拍。",
        )
    with opened_image(content, media_type, limits.max_pixels, least=(2 * SIZE[0], 2 * SIZE[1])) as image:
        upright = ImageOps.exif_transpose(image)
        _check_pixels(upright.size)
        photo = ImageOps.fit(_on_white(upright), SIZE, Image.Resampling.LANCZOS)
    _check_light(photo)
    return Cropped(photo, _is_cut(upright.size))


def photo_name(file_name: str) -> str:
    """The name of a photo as it is kept: that of the upload, with the ending of a JPEG."""
    stem, dot, _ = file_name.rpartition(".")
    return f"{stem if dot else file_name}.jpg"


def _on_white(picture: Image.Image) -> Image.Image:
    plain = plain_pixels(picture, alpha=True)
    if plain.mode == "RGBA":
        ground = Image.new("RGBA", plain.size, "white")
        plain = Image.alpha_composite(ground, plain)
    return plain.convert("RGB")


def _check_pixels(size: tuple[int, int]) -> None:
    ratio = SIZE[0] / SIZE[1]
    width = min(size[0], size[1] * ratio)
    if round(width) < LEAST[0] or round(width / ratio) < LEAST[1]:
        refuse(
            "photo_small",
            f"照片太小（{size[0]} × {size[1]}像素），打印后看不清。"
            f"请重新拍照，或选择不小于{SIZE[0]} × {SIZE[1]}像素的原图。",
        )


def _is_cut(size: tuple[int, int]) -> bool:
    return abs(size[0] / size[1] / (SIZE[0] / SIZE[1]) - 1) > _TOLERANCE


def _check_light(photo: Image.Image) -> None:
    grey = photo.convert("L")
    if all(high - low < _FLATTEST for low, high in photo.getextrema()):  # type: ignore[misc]
        refuse("photo_blank", "照片只有一种颜色，没有拍到人。请重新拍照或选择照片。")
    across, down = photo.size
    left, top, right, bottom = _FACE
    face = grey.crop((round(left * across), round(top * down), round(right * across), round(bottom * down)))
    light = ImageStat.Stat(face).mean[0]
    if light < _DARKEST:
        refuse("photo_dark", "照片太暗，看不清面部。请面向光亮处，关闭滤镜后重新拍照。")
    if light > _BRIGHTEST:
        refuse("photo_bright", "照片太亮，看不清面部。请避开强光和闪光灯后重新拍照，面部放在画面中间。")
    if ImageStat.Stat(grey).stddev[0] < _FLATTEST:
        refuse("photo_flat", "照片明暗几乎没有差别，看不清面部。请擦净镜头，在光线均匀的地方重新拍照。")
