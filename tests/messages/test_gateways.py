"""The ways out themselves, each against a real server on this machine: HTTP for SMS, SMTP for e-mail."""

import contextlib
import json
import socket
import ssl
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from http.server import BaseHTTPRequestHandler, HTTPServer
from ipaddress import IPv4Address
from pathlib import Path
from typing import BinaryIO

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from pydantic import ValidationError

from core.messages.smtp import SmtpServer, send_mail
from core.plugin_api import Channel, Delivered, Delivery, NoticeView, OfficeCode
from core.tenancy.catalogue import load_catalogue
from core.tenancy.plugins import build_hooks
from plugins.http_sms import Settings as GatewaySettings
from tests.messages.conftest import HERE, Post
from tests.plugins.questions import NOTICE

LETTER = NoticeView("m-1", "linshui", Channel.EMAIL, "jia0001@example.invalid", "申请\n已退回", "请补正。\n.\n完")
SENT = Delivery(Delivered.SENT)


@dataclass
class Gateway:
    """An SMS gateway on this machine: what it was sent, and the status that it answers next."""

    url: str
    taken: list[tuple[dict[str, str], dict[str, str]]] = field(default_factory=list)
    answers: list[int] = field(default_factory=list)


@pytest.fixture
def sms(monkeypatch: pytest.MonkeyPatch) -> Iterator[Gateway]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            gateway.taken.append((dict(self.headers), body))
            status = gateway.answers.pop(0) if gateway.answers else 202
            if status == 0:
                self.connection.close()
                return
            self.send_response(status)
            self.send_header("Content-Length", "0")
            self.send_header("Location", gateway.url)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = HTTPServer(("127.0.0.1", 0), Handler)
    gateway = Gateway(f"http://127.0.0.1:{server.server_port}/messages")
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    monkeypatch.setenv("SMS_GATEWAY_SECRET", "made-up-secret")
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    yield gateway
    server.shutdown()
    thread.join()
    server.server_close()


def by_http(tmp_path: Path, url: str) -> Delivery | None:
    """What becomes of an SMS at a city that sends by this gateway."""
    office = tmp_path / "linshui" / "qinghe" / "tenant.toml"
    for file in ("areas.toml", "province.toml", "qinghe/tenant.toml"):
        (tmp_path / "linshui" / file).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "linshui" / file).write_bytes((HERE.parent / "offices" / "linshui" / file).read_bytes())
    setting = f'[plugin.http_sms]\nurl = "{url}"\n'
    office.write_text(f'plugins = ["http_sms"]\n{office.read_text("utf-8")}\n{setting}', "utf-8")
    hooks = build_hooks(load_catalogue(tmp_path)).for_office(OfficeCode("linshui/qinghe"))
    assert hooks.gateways(Channel.SMS) == {"http_sms": True}
    return hooks.notice_due(NOTICE)


def test_hook_notice_due(sms: Gateway, tmp_path: Path) -> None:
    assert by_http(tmp_path, sms.url) == SENT
    ((headers, body),) = sms.taken
    assert body == {"to": NOTICE.address, "text": NOTICE.text}
    assert (headers["Idempotency-Key"], headers["Authorization"]) == ("n-1", "Bearer made-up-secret")


@pytest.mark.parametrize(
    ("status", "delivery"),
    [
        (400, Delivery(Delivered.REFUSED, "HTTP 400")),
        (429, Delivery(Delivered.LATER, "HTTP 429")),
        (503, Delivery(Delivered.LATER, "HTTP 503")),
        (0, Delivery(Delivered.UNKNOWN, "RemoteDisconnected")),
    ],
)
def test_what_the_sms_gateway_answers_is_told_truly(
    sms: Gateway, tmp_path: Path, status: int, delivery: Delivery
) -> None:
    sms.answers.append(status)
    assert by_http(tmp_path, sms.url) == delivery


def test_a_gateway_that_leads_elsewhere_is_not_followed(sms: Gateway, tmp_path: Path) -> None:
    sms.answers.append(302)
    assert by_http(tmp_path, sms.url) == Delivery(Delivered.REFUSED, "HTTP 302")
    assert len(sms.taken) == 1


def test_a_gateway_on_another_machine_is_spoken_to_in_secret_only() -> None:
    with pytest.raises(ValidationError, match="https://"):
        GatewaySettings.model_validate({"url": "http://sms.example.invalid/messages"})
    assert GatewaySettings.model_validate({"url": "https://sms.example.invalid/messages"}).url.scheme == "https"


class MailServer(threading.Thread):
    """A mail server on this machine that speaks SMTP as it was told to: ``turns_down`` maps a step to its answer."""

    def __init__(self, *, secure: ssl.SSLContext | None = None, starttls: bool = False) -> None:
        super().__init__(daemon=True)
        self.listening = socket.create_server(("127.0.0.1", 0))
        self.port: int = self.listening.getsockname()[1]
        self.secure, self.starttls = secure, starttls
        self.stopping = threading.Event()
        self.turns_down: dict[str, bytes] = {}
        self.hangs_up_after_text = False
        self.letters: list[bytes] = []

    def run(self) -> None:
        """Speak with one after the other until told to stop."""
        self.listening.settimeout(0.01)
        while not self.stopping.is_set():
            with contextlib.suppress(OSError):
                line, _ = self.listening.accept()
                self._converse(line if self.starttls else self._secured(line))

    def stop(self) -> None:
        """Listen no more."""
        self.stopping.set()
        self.join()
        self.listening.close()

    def _secured(self, line: socket.socket) -> socket.socket:
        if self.secure is None:
            return line
        try:
            return self.secure.wrap_socket(line, server_side=True)
        except OSError:
            line.close()
            raise

    def _converse(self, line: socket.socket) -> None:
        with line, line.makefile("rb") as file:
            line.sendall(b"220 test\r\n")
            self._answer(line, file)
            if not self.starttls:
                return
            secured = self._secured(line)
        with secured, secured.makefile("rb") as file:
            self._answer(secured, file)

    def _answer(self, line: socket.socket, file: BinaryIO) -> None:
        """One line after the other, until the other side hangs up or asks for STARTTLS."""
        while words := file.readline().decode().split():
            verb = words[0].upper()
            if verb == "STARTTLS":
                line.sendall(b"220 go\r\n")
                return
            answer = self.turns_down.get(verb, b"250-test\r\n250 STARTTLS" if verb == "EHLO" else b"250 ok")
            if verb == "DATA" and answer == b"250 ok":
                line.sendall(b"354 go\r\n")
                self.letters.append(_letter(file))
                if self.hangs_up_after_text:
                    return
                answer = self.turns_down.get("TEXT", b"250 taken")
            line.sendall(answer + b"\r\n")

    def address(self, **more: object) -> SmtpServer:
        """How the platform is told of it."""
        given = {"security": "none", "seconds": 5.0, **more}
        return SmtpServer("127.0.0.1", self.port, "kaowu@example.invalid", **given)  # type: ignore[arg-type]


def _letter(file: BinaryIO) -> bytes:
    """What comes until the line with a dot alone."""
    lines = []
    while line := file.readline():
        if line == b".\r\n":
            return b"".join(lines)
        lines.append(line)
    raise ConnectionResetError("hung up in the middle of a letter")


@pytest.fixture
def mail() -> Iterator[MailServer]:
    server = MailServer()
    server.start()
    yield server
    server.stop()


def test_a_letter_arrives_whole_under_the_messages_own_id(mail: MailServer) -> None:
    assert send_mail(mail.address(), LETTER) == SENT
    (letter,) = mail.letters
    read = message_from_bytes(letter, policy=policy.default)
    assert (read["To"], read["Subject"], read["Message-ID"]) == (
        "jia0001@example.invalid",
        "申请 已退回",
        "<m-1@example.invalid>",
    )
    assert read.get_content().rstrip() == LETTER.text


@pytest.mark.parametrize(
    ("step", "answer", "delivery"),
    [
        ("RCPT", b"550 no such user", Delivery(Delivered.REFUSED, "RCPT: 550")),
        ("RCPT", b"451 greylisted", Delivery(Delivered.LATER, "RCPT: 451")),
        ("DATA", b"421 closing", Delivery(Delivered.LATER, "DATA: 421")),
        ("TEXT", b"554 looks like spam", Delivery(Delivered.REFUSED, "the text: 554")),
        ("TEXT", b"452 disk full", Delivery(Delivered.LATER, "the text: 452")),
    ],
)
def test_what_the_mail_server_turns_down_is_told_truly(
    mail: MailServer, step: str, answer: bytes, delivery: Delivery
) -> None:
    mail.turns_down[step] = answer
    assert send_mail(mail.address(), LETTER) == delivery
    assert len(mail.letters) == (step == "TEXT")


def test_a_letter_without_an_answer_may_have_been_taken(mail: MailServer) -> None:
    mail.hangs_up_after_text = True
    assert send_mail(mail.address(), LETTER) == Delivery(Delivered.UNKNOWN, "after the text: SMTPServerDisconnected")


def test_a_mail_server_that_is_not_there_is_tried_later() -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    gone = SmtpServer("127.0.0.1", port, "kaowu@example.invalid", "none", seconds=5.0)
    assert send_mail(gone, LETTER) == Delivery(Delivered.LATER, "connecting: ConnectionRefusedError")


def test_a_certificate_that_nobody_vouches_for_is_not_spoken_to(tmp_path: Path) -> None:
    server = MailServer(secure=_context(tmp_path))
    server.start()
    assert send_mail(server.address(security="tls"), LETTER) == Delivery(
        Delivered.LATER, "connecting: SSLCertVerificationError"
    )
    assert server.letters == []
    server.stop()


@pytest.mark.parametrize("security", ["tls", "starttls"])
def test_a_letter_goes_over_a_secured_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, security: str) -> None:
    server = MailServer(secure=_context(tmp_path), starttls=security == "starttls")
    server.start()
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "certificate.pem"))
    assert send_mail(server.address(security=security), LETTER) == SENT
    assert len(server.letters) == 1
    server.stop()


def test_e_mail_goes_out_by_the_machines_own_server_where_no_plugin_takes_it(post: Post, mail: MailServer) -> None:
    post.speaks_through(mail.address())
    post.outlet = replace(post.outlet, addresses_of=lambda *_: {Channel.EMAIL: LETTER.address})
    post.tell(body="请补正。")
    post.work()
    (message,) = post.messages()
    assert (message.state, message.channel, message.gateway) == ("sent", "email", "smtp")
    read = message_from_bytes(mail.letters[0], policy=policy.default)
    assert read["Message-ID"] == f"<{message.id}@example.invalid>"
    assert read["Subject"] == "申请已退回"


def _context(folder: Path) -> ssl.SSLContext:
    """A certificate for 127.0.0.1 that vouches for itself."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "test")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number(), now, now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(IPv4Address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    encoding = serialization.Encoding.PEM
    (folder / "certificate.pem").write_bytes(certificate.public_bytes(encoding))
    private = key.private_bytes(encoding, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    (folder / "key.pem").write_bytes(private)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "certificate.pem", folder / "key.pem")
    return context
