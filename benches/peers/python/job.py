"""The job of each Python peer: a command that asks for a booking becomes rows and a mail."""

import json
import os
from dataclasses import dataclass
from datetime import UTC, datetime
from email.mime.multipart import MIMEMultipart
from email.mime.text import MIMEText
from email.policy import compat32
from email.utils import format_datetime, formataddr, make_msgid
from functools import lru_cache
from pathlib import Path
from zoneinfo import ZoneInfo

from jinja2 import Environment, FileSystemLoader, select_autoescape

HERE = Path(__file__).resolve().parent.parent
ACCEPT = (HERE / "accept.sql").read_text()
SETTLE = (HERE / "settle.sql").read_text()

DATABASE_URL = os.environ["PEERS_DATABASE_URL"]
SMTP_PORT = int(os.environ["PEERS_SMTP_PORT"])
SENDER = "no-reply@example.com"
ON_THE_WIRE = compat32.clone(linesep="\r\n")

_templates = Environment(
    loader=FileSystemLoader(HERE / "templates"),
    autoescape=select_autoescape(enabled_extensions=("html.j2",), default=False),
    auto_reload=False,
    keep_trailing_newline=True,
)
TEXT = _templates.get_template("confirmed.txt.j2")
HTML = _templates.get_template("confirmed.html.j2")
CALENDAR = _templates.get_template("confirmed.ics.j2")


@dataclass(frozen=True, slots=True)
class Booking:
    """What a `booking.request` asks for."""

    tenant: str
    command: str
    booking: str
    client: str
    service: str
    starts_at: datetime
    ends_at: datetime

    @classmethod
    def parse(cls, body: str | bytes) -> "Booking":
        envelope = json.loads(body)
        data = envelope["data"]
        return cls(
            tenant=envelope["tenant"],
            command=envelope["id"],
            booking=data["booking"],
            client=data["client"],
            service=data["service"],
            starts_at=datetime.fromisoformat(data["starts_at"]),
            ends_at=datetime.fromisoformat(data["ends_at"]),
        )

    def row(self) -> tuple[str, str, str, str, str, datetime, datetime]:
        """The parameters of accept.sql."""
        return (
            self.tenant,
            self.command,
            self.booking,
            self.client,
            self.service,
            self.starts_at,
            self.ends_at,
        )


@dataclass(frozen=True, slots=True)
class Facts:
    """What accept.sql returns."""

    tenant_name: str
    timezone: str
    service_name: str
    location: str
    client_name: str
    client_email: str
    state: str


@lru_cache(maxsize=1000)
def _zone(name: str) -> ZoneInfo:
    return ZoneInfo(name)


def _utc(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")


def compose(booking: Booking, facts: Facts) -> bytes:
    """The confirmation: text, HTML and a calendar file."""
    zone = _zone(facts.timezone)
    begins, ends = booking.starts_at.astimezone(zone), booking.ends_at.astimezone(zone)
    now = datetime.now(UTC)
    values = {
        "tenant": facts.tenant_name,
        "client": facts.client_name,
        "service": facts.service_name,
        "location": facts.location,
        "date": f"{begins:%A}, {begins.day} {begins:%B %Y}",
        "begins": f"{begins:%H:%M}",
        "ends": f"{ends:%H:%M}",
    }
    calendar = CALENDAR.render(
        values,
        uid=f"{booking.tenant}.{booking.booking}@peers",
        now_utc=_utc(now),
        begins_utc=_utc(begins),
        ends_utc=_utc(ends),
        location=facts.location.replace(",", "\\,"),
        sender=SENDER,
        email=facts.client_email,
    )
    rows = [
        {"label": "What", "value": values["service"]},
        {"label": "Date", "value": values["date"]},
        {"label": "Time", "value": f"{values['begins']}–{values['ends']}"},
        {"label": "Place", "value": values["location"]},
    ]
    day = f"{begins:%a} {begins.day} {begins:%b %Y}, {begins:%H:%M}"
    # Not EmailMessage: that reads each header again that it writes, for several times as long.
    both = MIMEMultipart("alternative")
    both.attach(MIMEText(TEXT.render(values), "plain", "utf-8"))
    both.attach(MIMEText(HTML.render(values, rows=rows), "html", "utf-8"))
    file = MIMEText(calendar.replace("\n", "\r\n"), "calendar", "utf-8")
    file.set_param("method", "REQUEST")
    file.add_header("Content-Disposition", "attachment", filename="booking.ics")
    mail = MIMEMultipart("mixed")
    mail["From"] = formataddr((facts.tenant_name, SENDER))
    mail["To"] = formataddr((facts.client_name, facts.client_email))
    mail["Subject"] = f"Confirmed: {facts.service_name}, {day} – {facts.tenant_name}"
    mail["Date"] = format_datetime(now)
    mail["Message-ID"] = make_msgid(domain="example.com")
    mail.attach(both)
    mail.attach(file)
    return mail.as_bytes(policy=ON_THE_WIRE)
