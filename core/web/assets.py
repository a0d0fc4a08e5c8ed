"""Addresses of static files that change with their content, so that browsers may keep each of them for good."""

import hashlib
from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path

from core.web.security_headers import VERSION


def asset_addresses(folders: Sequence[Path]) -> Callable[[str], str]:
    """What templates call as ``asset("front.css")``. A file that is in none of the folders raises FileNotFoundError."""

    @cache
    def asset(name: str) -> str:
        file = next((folder / name for folder in folders if (folder / name).is_file()), None)
        if file is None:
            raise FileNotFoundError(f"no static file {name} in {', '.join(map(str, folders))}")
        return f"/static/{name}?{VERSION}={hashlib.sha256(file.read_bytes()).hexdigest()[:16]}"

    return asset
