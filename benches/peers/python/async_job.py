"""The job for an event loop: a pool of connections to PostgreSQL, and one to the mail server."""

import asyncio
from contextlib import asynccontextmanager
from typing import AsyncIterator, Self

import aiosmtplib
import asyncpg

from job import ACCEPT, DATABASE_URL, SENDER, SETTLE, SMTP_PORT, Booking, Facts, compose

DATABASE_CONNECTIONS = 20
SMTP_CONNECTIONS = 30


class Desk:
    """Takes bookings and sends their mails."""

    def __init__(self, database: asyncpg.Pool, sessions: asyncio.Queue[aiosmtplib.SMTP]) -> None:
        self._database = database
        self._sessions = sessions

    @classmethod
    @asynccontextmanager
    async def open(cls) -> AsyncIterator[Self]:
        sessions: asyncio.Queue[aiosmtplib.SMTP] = asyncio.Queue()
        for _ in range(SMTP_CONNECTIONS):
            sessions.put_nowait(
                aiosmtplib.SMTP(hostname="127.0.0.1", port=SMTP_PORT, start_tls=False)
            )
        async with asyncpg.create_pool(
            DATABASE_URL, min_size=DATABASE_CONNECTIONS, max_size=DATABASE_CONNECTIONS
        ) as database:
            yield cls(database, sessions)

    async def book(self, body: str | bytes) -> None:
        booking = Booking.parse(body)
        row = await self._database.fetchrow(ACCEPT, *booking.row())
        if row is None:
            raise ValueError(f"unknown tenant, service or client: {booking}")
        facts = Facts(**row)
        if facts.state == "pending":
            state, reply = await self._send(booking, facts)
            await self._database.execute(SETTLE, booking.tenant, booking.command, state, reply)

    async def _send(self, booking: Booking, facts: Facts) -> tuple[str, str]:
        """The state that the mail is in now, and the server's reply."""
        mail = compose(booking, facts)
        session = await self._sessions.get()
        try:
            if not session.is_connected:
                await session.connect()
            _, reply = await session.sendmail(SENDER, [facts.client_email], mail)
        except (aiosmtplib.SMTPRecipientsRefused, aiosmtplib.SMTPDataError) as refused:
            return "failed", str(refused)
        finally:
            self._sessions.put_nowait(session)
        return "sent", reply
