"""PDFs as scanners, printers and offices make them, and some that carry more than pages: each with its outcome."""

import hashlib
import zlib
from collections.abc import Callable
from typing import Final, NamedTuple

from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES256
from cryptography.hazmat.primitives.ciphers.modes import CBC, ECB

from core.security.pdf_passwords import PADDING, Handler, hash_of_revision_six, rc4, user_entry

_CATALOG: Final = b"<< /Type /Catalog /Pages 2 0 R %s>>"
_PAGES: Final = b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>"
_PAGE: Final = b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] >>"
_ID: Final = bytes(range(16))


class SentPdf(NamedTuple):
    """A PDF, made when it is needed, and the code of its refusal; none where it is accepted."""

    name: str
    make: Callable[[], bytes]
    refused: str = ""


def pdf(*more: bytes, catalog: bytes = b"", trailer: bytes = b"", head: bytes = b"", moved: int = 0) -> bytes:
    """A PDF with a table of objects; ``more`` are objects from number 4, ``moved`` is added to every address."""
    bodies = [_CATALOG % catalog, _PAGES, _PAGE, *more]
    made, places = head + b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n", []
    for number, body in enumerate(bodies, start=1):
        places.append(len(made) + moved)
        made += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    return made + (
        b"xref\n0 %d\n0000000000 65535 f \n%strailer\n<< /Size %d /Root 1 0 R %s>>\nstartxref\n%d\n%%%%EOF\n"
        % (len(bodies) + 1, table, len(bodies) + 1, trailer, len(made) + moved)
    )


def with_object_stream(*, catalog: bytes = b"", trailer: bytes = b"", bomb: int = 0) -> bytes:
    """A PDF of version 1.5: its objects in an object stream, its table as a stream."""
    bodies = [_CATALOG % catalog, _PAGES, _PAGE]
    offsets, inner = [], b""
    for number, body in enumerate(bodies, start=1):
        offsets.append(b"%d %d" % (number, len(inner)))
        inner += body + b" "
    head = b" ".join(offsets) + b" "
    packed = zlib.compress(head + inner + b" " * bomb, 9)
    made = b"%PDF-1.5\n%\xe2\xe3\xcf\xd3\n"
    place = len(made)
    entries = b"/Type /ObjStm /N %d /First %d /Length %d /Filter /FlateDecode" % (len(bodies), len(head), len(packed))
    made += b"4 0 obj\n<< %s >>\nstream\n%s\nendstream\nendobj\n" % (entries, packed)
    table = len(made)
    rows = [(0, 0, 255), *((2, 4, at) for at in range(len(bodies))), (1, place, 0), (1, table, 0)]
    listed = zlib.compress(b"".join(bytes([kind]) + at.to_bytes(3, "big") + bytes([last]) for kind, at, last in rows))
    entries = b"/Type /XRef /Size %d /W [1 3 1] /Root 1 0 R /Length %d /Filter /FlateDecode %s" % (
        len(rows),
        len(listed),
        trailer,
    )
    made += b"5 0 obj\n<< %s >>\nstream\n%s\nendstream\nendobj\n" % (entries, listed)
    return made + b"startxref\n%d\n%%%%EOF\n" % table


def linearized() -> bytes:
    """A PDF for the web: a first table near its beginning, which its last line names, and a note of its length."""
    whole = pdf()
    first = b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n"
    hint = b"9 0 obj\n<< /Linearized 1 /L 900 /H [300 20] /O 3 /E 500 /N 1 /T 700 >>\nendobj\n"
    early = len(first) + len(hint)
    table = b"xref\n0 1\n0000000000 65535 f \ntrailer\n<< /Size 10 /Root 1 0 R /Prev %010d >>\nstartxref\n0\n%%%%EOF\n"
    moved = len(hint) + len(table % 0)
    rest = pdf(moved=moved)[len(first) :]
    main = whole.index(b"\nxref\n") + 1 + moved
    return first + hint + table % main + rest.rpartition(b"startxref")[0] + b"startxref\n%d\n%%%%EOF\n" % early


def updated() -> bytes:
    """A PDF to which a later version of a page was added at its end."""
    first = pdf()
    before = int(first.rpartition(b"startxref\n")[2].split()[0])
    place = len(first)
    made = first + b"3 0 obj\n<< /Type /Page /Parent 2 0 R /MediaBox [0 0 842 595] >>\nendobj\n"
    return made + (
        b"xref\n3 1\n%010d 00000 n \ntrailer\n<< /Size 4 /Root 1 0 R /Prev %d >>\nstartxref\n%d\n%%%%EOF\n"
        % (place, before, len(made))
    )


def encrypted(revision: int, *, user: bytes = b"", words: bool = False, metadata: bool = True) -> bytes:
    """A PDF encrypted under an owner's password and this one of the user."""
    handler = _handler(revision, user, metadata=metadata)
    entries = b"/Filter /Standard /V %d /R %d /P %d /O %s /U %s" % (
        {2: 1, 3: 2, 4: 4, 5: 5, 6: 5}[revision],
        revision,
        handler.permissions,
        _written(handler.owner, words=words),
        _written(handler.user, words=words),
    )
    if revision == 3:
        entries += b" /Length 128"
    if revision >= 4:
        method, size = (b"/AESV2", 16) if revision == 4 else (b"/AESV3", 32)
        entries += b" /Length %d /CF << /StdCF << /CFM %s /AuthEvent /DocOpen /Length %d >> >>" % (
            size * 8,
            method,
            size,
        )
        entries += b" /StmF /StdCF /StrF /StdCF"
        entries += b"" if metadata else b" /EncryptMetadata false"
    if revision >= 5:
        entries += b" /OE %s /UE %s /Perms %s" % tuple(
            _written(part, words=words)
            for part in (bytes(32), _user_key(handler.user, user, revision), _permissions(handler, metadata=metadata))
        )
    identity = _ID.hex().encode()
    return pdf(b"<< %s >>" % entries, trailer=b"/Encrypt 4 0 R /ID [<%s> <%s>] " % (identity, identity))


def _handler(revision: int, user: bytes, *, metadata: bool) -> Handler:
    owner = hashlib.sha256(b"an owner's password").digest()
    length = 5 if revision == 2 else 16
    empty = Handler(revision, length, owner, b"", -44, _ID, metadata)
    if revision >= 5:
        salts = b"12345678abcdefgh"
        found = hashlib.sha256(user + salts[:8]).digest() if user or revision == 5 else hash_of_revision_six(salts[:8])
        return Handler(revision, 32, owner + salts, found + salts, -44, _ID, metadata)
    if not user:
        return Handler(revision, length, owner, user_entry(empty).ljust(32, b"\0"), -44, _ID, metadata)
    # With another password the key is another one; the empty one does not give this entry.
    return Handler(revision, length, owner, rc4(user, PADDING), -44, _ID, metadata)


def _user_key(entry: bytes, user: bytes, revision: int) -> bytes:
    """The file's key under the user's password (``UE``)."""
    salt = entry[40:48]
    key = hash_of_revision_six(salt) if revision == 6 and not user else hashlib.sha256(user + salt).digest()
    encryptor = Cipher(AES256(key), CBC(bytes(16))).encryptor()
    return encryptor.update(bytes(32)) + encryptor.finalize()


def _permissions(handler: Handler, *, metadata: bool) -> bytes:
    """The permissions under the file's key, which is all zeros here (``Perms``)."""
    told = (
        (handler.permissions & 0xFFFFFFFF).to_bytes(4, "little")
        + b"\xff" * 4
        + (b"T" if metadata else b"F")
        + b"adb1234"
    )
    encryptor = Cipher(AES256(bytes(32)), ECB()).encryptor()  # noqa: S305 - as the standard has it
    return encryptor.update(told) + encryptor.finalize()


def _written(text: bytes, *, words: bool) -> bytes:
    """Bytes as a text in brackets with its escapes, or as hexadecimal digits."""
    if not words:
        return b"<%s>" % text.hex().encode()
    escaped = b"".join(b"\\%03o" % byte if byte in b"\\()\r\n" else bytes([byte]) for byte in text)
    return b"(%s)" % escaped


_SCRIPT: Final = b"/OpenAction << /S /JavaScript /JS (app.alert\\(1\\)) >> "
_HIDDEN_NAME: Final = b"/OpenAction << /S /J#61vaScript /J#53 (1) >> "
_LAUNCH: Final = b"/OpenAction << /S /Launch /F (cmd.exe) >> "
_FILES: Final = b"/Names << /EmbeddedFiles << /Names [(a.exe) 4 0 R] >> >> "
_SPEC: Final = b"<< /Type /Filespec /F (a.exe) /EF << /F 5 0 R >> >>"
_FILE: Final = b"<< /Type /EmbeddedFile /Length 2 >>\nstream\nMZ\nendstream"
_TALK: Final = b"<< /Title (about /JavaScript, /Launch and \\(nested\\) things) >>"
_PICTURE: Final = b"<< /Type /XObject /Length 21 >>\nstream\n/JS /Launch (( /Encry\nendstream"

PDFS: Final = [
    SentPdf("plain.pdf", pdf),
    SentPdf("linearized.pdf", linearized),
    SentPdf("updated.pdf", updated),
    SentPdf("object-stream.pdf", with_object_stream),
    SentPdf("byte-order-mark.pdf", lambda: b"\xef\xbb\xbf" + pdf()),
    SentPdf("byte-order-mark-counted.pdf", lambda: pdf(head=b"\xef\xbb\xbf")),
    SentPdf("blank-lines-before.pdf", lambda: b"\r\n\r\n  " + pdf()),
    SentPdf("stray-bytes-before.pdf", lambda: b"\0\1scan01.pdf\0\0" + pdf()),
    SentPdf("stray-bytes-counted.pdf", lambda: pdf(head=b"\0\1scan01.pdf\0\0")),
    SentPdf("blank-lines-after.pdf", lambda: pdf() + b"\r\n" * 40),
    SentPdf("padded-to-a-block.pdf", lambda: pdf() + b"\0" * 900),
    SentPdf("stray-bytes-after.pdf", lambda: pdf() + b"\x1a\x1a--end of message--\r\n"),
    SentPdf("forbids-printing-r2.pdf", lambda: encrypted(2)),
    SentPdf("forbids-printing-r3.pdf", lambda: encrypted(3)),
    SentPdf("forbids-printing-r3-in-brackets.pdf", lambda: encrypted(3, words=True)),
    SentPdf("forbids-printing-r4.pdf", lambda: encrypted(4)),
    SentPdf("forbids-printing-r4-plain-metadata.pdf", lambda: encrypted(4, metadata=False)),
    SentPdf("forbids-printing-r5.pdf", lambda: encrypted(5)),
    SentPdf("forbids-printing-r6.pdf", lambda: encrypted(6)),
    SentPdf("password-r2.pdf", lambda: encrypted(2, user=b"secret"), "document_locked"),
    SentPdf("password-r3.pdf", lambda: encrypted(3, user=b"secret"), "document_locked"),
    SentPdf("password-r4.pdf", lambda: encrypted(4, user=b"secret"), "document_locked"),
    SentPdf("password-r6.pdf", lambda: encrypted(6, user=b"secret"), "document_locked"),
    SentPdf(
        "another-handler.pdf",
        lambda: pdf(b"<< /Filter /Entrust.PPKEF /V 1 >>", trailer=b"/Encrypt 4 0 R "),
        "document_locked",
    ),
    SentPdf("talks-about-scripts.pdf", lambda: pdf(_TALK)),
    SentPdf("picture-with-such-bytes.pdf", lambda: pdf(_PICTURE)),
    SentPdf("script.pdf", lambda: pdf(catalog=_SCRIPT), "document_script"),
    SentPdf("script-in-other-letters.pdf", lambda: pdf(catalog=_HIDDEN_NAME), "document_script"),
    SentPdf("script-in-an-object-stream.pdf", lambda: with_object_stream(catalog=_SCRIPT), "document_script"),
    SentPdf("launches-a-program.pdf", lambda: pdf(catalog=_LAUNCH), "document_launch"),
    SentPdf("carries-a-file.pdf", lambda: pdf(_SPEC, _FILE, catalog=_FILES), "document_has_files"),
    SentPdf("object-stream-bomb.pdf", lambda: with_object_stream(bomb=64 * 1024 * 1024), "document_damaged_content"),
    SentPdf("text-without-end.pdf", lambda: pdf(b"<< /Title (never >>" + b" " * 2_000_000), "document_damaged_content"),
    SentPdf("stream-without-end.pdf", lambda: pdf(b"<<>>\nstream\nnever"), "document_damaged_content"),
    SentPdf("archive-behind.pdf", lambda: pdf() + b"PK\3\4" + bytes(60), "document_damaged_content"),
    SentPdf("page-behind.pdf", lambda: pdf() + b"<script>alert(1)</script>", "document_damaged_content"),
    SentPdf("much-behind.pdf", lambda: pdf() + b"x" * 2000, "document_damaged_content"),
    SentPdf("page-before.pdf", lambda: b"<html>" + pdf(), "document_type"),
    SentPdf("no-pdf.pdf", lambda: b"this is not a PDF", "document_type"),
]
