"""Fixtures of the tests of offices: a copy of the invented province to change."""

import shutil
from pathlib import Path

import pytest

from core.tenancy.catalogue import Catalogue, load_catalogue

ROOT = Path(__file__).resolve().parents[2]


class Province:
    """A copy of the invented province, whose files a test may change before it is read."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def replace(self, file: str, old: str, new: str) -> None:
        """Replace a text that must be in the file."""
        path = self.folder / file
        text = path.read_text("utf-8")
        assert old in text
        path.write_text(text.replace(old, new), "utf-8")

    def append(self, file: str, text: str) -> None:
        """Add lines at the end of a file."""
        path = self.folder / file
        path.write_text(f"{path.read_text('utf-8')}\n{text}\n", "utf-8")

    def write(self, file: str, text: str) -> None:
        """Write a file, with its folder."""
        path = self.folder / file
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")

    def read(self) -> Catalogue:
        """The catalogue of the present files."""
        return load_catalogue(self.folder)


@pytest.fixture
def province(tmp_path: Path) -> Province:
    shutil.copytree(ROOT / "tests" / "offices", tmp_path / "offices")
    return Province(tmp_path / "offices")
