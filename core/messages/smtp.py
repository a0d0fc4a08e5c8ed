"""Sending one e-mail over SMTP, with a truthful result.

Up to the end of the text a server has accepted nothing, so a failure can be tried again; once the text is out and no
answer has come, it may have been accepted. SMTP knows no idempotency key: the Message-ID, made from the message's own
id, lets the recipient's side recognise a repetition and an operator find it in the server's log.
"""

import smtplib
import ssl
from dataclasses import dataclass, field
from email.message import EmailMessage
from email.utils import formatdate
from functools import partial
from typing import Literal

from core.plugin_api import Delivered, Delivery, NoticeView

Security = Literal["tls", "starttls", "none"]


@dataclass(frozen=True, slots=True)
class SmtpServer:
    """The mail server of the installation; ``seconds`` bound every step of the conversation."""

    host: str
    port: int
    sender: str
    security: Security = "tls"
    user: str | None = None
    password: str | None = field(default=None, repr=False)
    seconds: float = 20.0


def send_mail(server: SmtpServer, notice: NoticeView) -> Delivery:
    """Send one message. Reasons name the step and the server's code, never the address or the server's text."""
    try:
        connection = _connected(server)
    except (OSError, smtplib.SMTPException) as error:
        return Delivery(Delivered.LATER, f"connecting: {_code(error)}")
    try:
        return _handed_over(connection, server, notice)
    finally:
        connection.close()


def _connected(server: SmtpServer) -> smtplib.SMTP:
    secure = ssl.create_default_context()
    if server.security == "tls":
        connection: smtplib.SMTP = smtplib.SMTP_SSL(server.host, server.port, timeout=server.seconds, context=secure)
    else:
        connection = smtplib.SMTP(server.host, server.port, timeout=server.seconds)
    try:
        if server.security == "starttls":
            connection.starttls(context=secure)
        if server.user is not None and server.password is not None:
            connection.login(server.user, server.password)
        connection.ehlo_or_helo_if_needed()
    except BaseException:
        connection.close()
        raise
    return connection


def _handed_over(connection: smtplib.SMTP, server: SmtpServer, notice: NoticeView) -> Delivery:
    text = _written(server, notice)
    steps = (
        ("MAIL", partial(connection.mail, server.sender), {250}),
        ("RCPT", partial(connection.rcpt, notice.address), {250, 251}),
        ("DATA", partial(connection.docmd, "DATA"), {354}),
    )
    try:
        for step, say, agreed in steps:
            code, _ = say()
            if code not in agreed:
                return _turned_down(step, code)
    except (OSError, smtplib.SMTPException) as error:
        return Delivery(Delivered.LATER, f"before the text: {_code(error)}")
    try:
        connection.send(text)
        code, _ = connection.getreply()
    except (OSError, smtplib.SMTPException) as error:
        return Delivery(Delivered.UNKNOWN, f"after the text: {_code(error)}")
    return Delivery(Delivered.SENT) if code == 250 else _turned_down("the text", code)


def _turned_down(step: str, code: int) -> Delivery:
    """4xx may pass, 5xx will not (RFC 5321, 4.2.1)."""
    return Delivery(Delivered.LATER if 400 <= code < 500 else Delivered.REFUSED, f"{step}: {code}")


def _written(server: SmtpServer, notice: NoticeView) -> bytes:
    """The message as it goes over the line: dots doubled, ended by a dot of its own."""
    mail = EmailMessage()
    mail["From"] = server.sender
    mail["To"] = notice.address
    mail["Subject"] = " ".join(notice.subject.split())
    mail["Date"] = formatdate(usegmt=True)
    mail["Message-ID"] = f"<{notice.message_id}@{server.sender.rpartition('@')[2]}>"
    mail["Auto-Submitted"] = "auto-generated"
    mail.set_content(notice.text, cte="base64")
    lines = mail.as_bytes().splitlines()
    return b"".join((b"." if line.startswith(b".") else b"") + line + b"\r\n" for line in lines) + b".\r\n"


def _code(error: Exception) -> str:
    code = getattr(error, "smtp_code", None)
    return type(error).__name__ if code is None else f"{type(error).__name__} {code}"
