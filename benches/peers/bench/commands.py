"""The commands of benches/road: one booking of one client each, and what must be known before."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True, slots=True)
class Sizes:
    commands: int
    tenants: int

    def times(self, number: int) -> "Sizes":
        return Sizes(self.commands * number, self.tenants)


def envelope(tenant: int, id: str, type: str, data: dict[str, Any]) -> str:
    command = {
        "specversion": "1.0",
        "id": id,
        "source": "/bench",
        "type": type,
        "time": "2026-12-01T09:00:00Z",
        "tenant": f"tenant-{tenant}",
        "data": data,
    }
    return json.dumps(command)


def bookings(sizes: Sizes) -> Iterator[str]:
    for number in range(sizes.commands):
        data = {
            "booking": f"b{number}",
            "client": f"c{number}",
            "by": "client",
            "service": "haircut",
            "starts_at": "2030-12-03T10:00:00+01:00",
            "ends_at": "2030-12-03T10:45:00+01:00",
        }
        yield envelope(number % sizes.tenants, f"b{number}", "booking.request", data)


def known_before(sizes: Sizes) -> Iterator[str]:
    """Tenants and clients as commands to the daemon."""
    for tenant in range(sizes.tenants):
        data = {
            "name": f"Salone {tenant}",
            "profile": "appointments",
            "plan": "pro",
            "locale": "en",
            "timezone": "Europe/Rome",
            "approval": "automatic",
            "toggles": {"booking.confirmed": {"sms": False}},
            "services": {"haircut": {"name": "Haircut", "location": "Via Roma 1"}},
        }
        yield envelope(tenant, f"t{tenant}", "tenant.configure", data)
    for number in range(sizes.commands):
        client = {
            "client": f"c{number}",
            "name": f"Client {number}",
            "email": address(number),
        }
        yield envelope(number % sizes.tenants, f"c{number}", "client.register", client)


def address(number: int) -> str:
    return f"c{number}@example.com"


def write(file: Path, lines: Iterator[str]) -> Path:
    file.write_text("".join(f"{line}\n" for line in lines))
    return file
