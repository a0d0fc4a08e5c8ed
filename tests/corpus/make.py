"""Writes the corpus into a folder, each file with the expected reading beside it.

``python -m tests.corpus.make FOLDER``
"""

import json
import sys
from pathlib import Path
from typing import Any

from tests.corpus.pdfs import PDFS
from tests.corpus.tables import TABLES


def make(folder: Path) -> int:
    """Write every file and its reading; the answer is how many files there are."""
    folder.mkdir(parents=True, exist_ok=True)
    for sent in TABLES:
        expected: dict[str, Any] = {"kind": sent.kind, "refused": sent.refused or None}
        expected |= {"rows": sent.rows, "told": sent.told, "faults": sent.faults}
        _write(folder / sent.name, sent.content, expected)
    for pdf in PDFS:
        _write(folder / pdf.name, pdf.make(), {"kind": "pdf", "refused": pdf.refused or None})
    return len(TABLES) + len(PDFS)


def _write(file: Path, content: bytes, expected: dict[str, Any]) -> None:
    file.write_bytes(content)
    text = json.dumps(expected, ensure_ascii=False, indent=2)
    file.with_name(f"{file.name}.expected.json").write_text(f"{text}\n", "utf-8")


if __name__ == "__main__":
    print(make(Path(sys.argv[1])), "files in", sys.argv[1])  # noqa: T201
