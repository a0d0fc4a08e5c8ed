"""The manifest of a package for the archive, and its check with the file and the public key alone."""

import hashlib
import json
import zipfile
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any, Final

from core.security.signatures import PaperKeys, is_signed

MANIFEST: Final = "manifest.json"


def manifest(about: Mapping[str, Any], digests: Mapping[str, str], keys: PaperKeys) -> bytes:
    """The signed table of contents: what the package is about, and the SHA-256 of each file."""
    content = {"about": dict(about), "files": dict(digests)}
    signed = {**content, "public_key": keys.current, "signature": keys.sign(_canonical(content)).hex()}
    return json.dumps(signed, ensure_ascii=False, indent=1).encode()


def faults_of(path: Path, *, public_keys: Collection[str]) -> list[str]:
    """The faults of a package, in English, one line each; none where it is whole and signed."""
    try:
        with zipfile.ZipFile(path) as archive:
            return _faults(archive, public_keys)
    except (zipfile.BadZipFile, OSError) as error:
        return [f"{path}: cannot be read as a package ({error})"]


def _faults(archive: zipfile.ZipFile, public_keys: Collection[str]) -> list[str]:
    try:
        told = json.loads(archive.read(MANIFEST))
        files: dict[str, str] = dict(told["files"])
        content = {"about": told["about"], "files": told["files"]}
        signature = bytes.fromhex(told["signature"])
    except (KeyError, TypeError, ValueError) as error:
        return [f"{MANIFEST}: missing or not a manifest ({error})"]
    faults = []
    if not any(is_signed(key, _canonical(content), signature) for key in public_keys):
        faults.append(f"{MANIFEST}: not signed by any of the {len(public_keys)} public key(s) given")
    present = set(archive.namelist()) - {MANIFEST}
    faults += [f"{name}: is missing" for name in sorted(files.keys() - present)]
    faults += [f"{name}: does not stand in the manifest" for name in sorted(present - files.keys())]
    for name in sorted(files.keys() & present):
        try:
            found = hashlib.sha256(archive.read(name)).hexdigest()
        except zipfile.BadZipFile:
            found = "unreadable"
        if found != files[name]:
            faults.append(f"{name}: is not what was packed ({found[:12]}, not {files[name][:12]})")
    return faults


def _canonical(content: Mapping[str, Any]) -> bytes:
    return json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()
