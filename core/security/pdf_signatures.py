"""Signatures in PDFs that common readers show (PAdES B-B, ETSI EN 319 142-1), and the keys and certificates for them.

They are PEM files beside the other keys, outside the database. ``pdf-N.pem`` holds a private key, its certificate and
those above it, in this order; the newest signs. An installation makes a certification authority of its own
(``pdf-ca.pem``) and a first signing certificate below it, which readers show as not yet trusted until that authority is
installed in them. A certificate that was bought takes the next number. Old ones may stay: nothing signed needs them.
"""

import os
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timedelta
from io import BytesIO
from pathlib import Path
from typing import Final

from asn1crypto import keys as asn1_keys, x509 as asn1_x509
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, load_pem_private_key
from cryptography.x509.oid import NameOID
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign import fields, signers
from pyhanko_certvalidator.registry import SimpleCertificateStore

from core.errors import ConfigurationError, Unavailable

AUTHORITY: Final = "pdf-ca.pem"
_BITS: Final = 3072
_AUTHORITY_HOLDS: Final = timedelta(days=365 * 20)
_SIGNER_HOLDS: Final = timedelta(days=365 * 5)
_CLOCKS_DIFFER: Final = timedelta(days=1)
_FIELD: Final = "Signature"


@dataclass(frozen=True, slots=True)
class PdfSigner:
    """Signs PDFs with the newest certificate of a folder, which is read anew each time: a new one counts at once."""

    folder: Path

    @property
    def has_certificate(self) -> bool:
        """Whether there is one at all, be it an expired one."""
        return bool(_numbered(self.folder))

    @property
    def authority(self) -> bytes:
        """The certificate above the newest one, PEM; its own where nothing stands above it. Raises as ``signed``."""
        return _read(self._newest())[1][-1].public_bytes(Encoding.PEM)

    @property
    def holds_until(self) -> datetime:
        """When the certificate that signs now expires. Raises as ``signed`` does where there is none."""
        return _read(self._newest())[1][0].not_valid_after_utc

    def signed(self, content: bytes, *, reason: str, now: datetime) -> bytes:
        """The PDF with a signature over the whole of it; how it looks does not change.

        Raises Unavailable without a certificate, or where it has expired or does not hold yet.
        """
        key, chain = _read(self._newest())
        if not chain[0].not_valid_before_utc <= now < chain[0].not_valid_after_utc:
            raise Unavailable(
                "pdf_certificate_expired",
                "本单位的电子签名证书不在有效期内，暂时不能出具电子证书。请联系系统运维人员更换签名证书，更换后再打开；"
                "已经下载的电子证书不受影响。",
            )
        store = SimpleCertificateStore()  # type: ignore[no-untyped-call]
        store.register_multiple(map(_asn1, chain))
        der = key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
        signer = signers.SimpleSigner(
            signing_cert=_asn1(chain[0]), signing_key=asn1_keys.PrivateKeyInfo.load(der), cert_registry=store
        )
        # The moment that readers show is of the system's clock, which pyHanko asks itself.
        terms = signers.PdfSignatureMetadata(
            field_name=_FIELD, reason=reason, md_algorithm="sha256", subfilter=fields.SigSeedSubFilter.PADES
        )
        made = BytesIO()
        # pyHanko begins an event loop, which a thread that has one refuses: so it gets a thread of its own.
        with ThreadPoolExecutor(1) as alone:
            written = IncrementalPdfFileWriter(BytesIO(content))
            alone.submit(signers.sign_pdf, written, terms, signer=signer, output=made).result()
        return made.getvalue()

    def _newest(self) -> Path:
        found = sorted(_numbered(self.folder), key=_number)
        if not found:
            raise Unavailable(
                "pdf_certificate_missing",
                "尚未配置电子签名证书，暂时不能出具电子证书。请联系系统运维人员配置（kaowu keys create）后再打开。",
            )
        return found[-1]


def create_pdf_certificates(folder: Path, *, now: datetime) -> None:
    """Make an authority of this installation's own and a first signing certificate, where a folder has neither."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    if _numbered(folder) or (folder / AUTHORITY).exists():
        return
    above, below = (rsa.generate_private_key(public_exponent=65537, key_size=_BITS) for _ in range(2))
    issuer = _name("Kaowu PDF signing authority")
    authority = (
        _begun(issuer, issuer, above, now=now, holds=_AUTHORITY_HOLDS)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_usage(authority=True), critical=True)
        .sign(above, hashes.SHA256())
    )
    signing = (
        _begun(_name("Kaowu certificates"), issuer, below, now=now, holds=_SIGNER_HOLDS)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_usage(authority=False), critical=True)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(above.public_key()), critical=False)
        .sign(above, hashes.SHA256())
    )
    # The authority's key is not kept: it has signed the one certificate that it was made for.
    _write(folder / AUTHORITY, authority.public_bytes(Encoding.PEM))
    pem = below.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    _write(folder / "pdf-1.pem", pem + signing.public_bytes(Encoding.PEM) + authority.public_bytes(Encoding.PEM))


def _begun(
    subject: x509.Name, issuer: x509.Name, key: rsa.RSAPrivateKey, *, now: datetime, holds: timedelta
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - _CLOCKS_DIFFER)
        .not_valid_after(now + holds)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
    )


def _name(common: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common)])


def _usage(*, authority: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not authority,
        content_commitment=not authority,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=authority,
        crl_sign=authority,
        encipher_only=False,
        decipher_only=False,
    )


def _asn1(certificate: x509.Certificate) -> asn1_x509.Certificate:
    return asn1_x509.Certificate.load(certificate.public_bytes(Encoding.DER))


def _numbered(folder: Path) -> list[Path]:
    return [file for file in folder.glob("pdf-*.pem") if file.name != AUTHORITY]


def _number(file: Path) -> int:
    number = file.stem.removeprefix("pdf-")
    if not number.isdecimal():
        raise ConfigurationError(f"{file}: a signing certificate is named pdf-N.pem, N being its number.")
    return int(number)


def _read(file: Path) -> tuple[rsa.RSAPrivateKey, list[x509.Certificate]]:
    try:
        content = file.read_bytes()
        key, chain = load_pem_private_key(content, password=None), x509.load_pem_x509_certificates(content)
    except (OSError, ValueError, TypeError) as error:
        raise ConfigurationError(f"{file}: cannot be read as a key with its certificates ({error}).") from error
    if not isinstance(key, rsa.RSAPrivateKey) or key.public_key() != chain[0].public_key():
        raise ConfigurationError(f"{file}: wants an RSA key in PEM without a password, then its own certificate.")
    return key, chain


def _write(file: Path, content: bytes) -> None:
    descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as written:
        written.write(content)
