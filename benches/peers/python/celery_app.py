"""The job on Celery: RabbitMQ, prefork, late acknowledgement; psycopg and smtplib in each process.

    celery --app celery_app worker …    works
    python celery_app.py FILE.jsonl     publishes a command a line
"""

import os
import smtplib
import sys
from functools import cache

import psycopg
from celery import Celery
from psycopg.rows import class_row

from job import ACCEPT, DATABASE_URL, SENDER, SETTLE, SMTP_PORT, Booking, Facts, compose

app = Celery("peers", broker=os.environ["PEERS_AMQP_URL"])
app.conf.update(
    task_acks_late=True,
    task_reject_on_worker_lost=True,
    task_ignore_result=True,
    worker_prefetch_multiplier=8,
    # What is left unread is not sent: no task events, no gossip.
    worker_send_task_events=False,
    broker_connection_retry_on_startup=True,
    broker_transport_options={"confirm_publish": True},
)


@cache
def database() -> psycopg.Connection[tuple[object, ...]]:
    """One connection a process, which prepares what it repeats."""
    return psycopg.connect(
        DATABASE_URL, autocommit=True, prepare_threshold=1, cursor_factory=psycopg.Cursor
    )


@cache
def smtp() -> smtplib.SMTP:
    """One session a process, kept."""
    return smtplib.SMTP("127.0.0.1", SMTP_PORT)


def send(booking: Booking, facts: Facts) -> tuple[str, str]:
    """The state that the mail is in now, and the server's reply."""
    try:
        smtp().sendmail(SENDER, [facts.client_email], compose(booking, facts))
    except smtplib.SMTPServerDisconnected:
        smtp.cache_clear()
        raise
    except (smtplib.SMTPRecipientsRefused, smtplib.SMTPDataError) as refused:
        return "failed", str(refused)
    return "sent", "250"


@app.task(
    name="book",
    autoretry_for=(OSError, smtplib.SMTPException, psycopg.OperationalError),
    retry_backoff=True,
    max_retries=10,
)
def book(body: str) -> None:
    booking = Booking.parse(body)
    with psycopg.RawCursor(database(), row_factory=class_row(Facts)) as cursor:
        facts = cursor.execute(ACCEPT, booking.row()).fetchone()
        if facts is None:
            raise ValueError(f"unknown tenant, service or client: {booking}")
        if facts.state == "pending":
            state, reply = send(booking, facts)
            cursor.execute(SETTLE, (booking.tenant, booking.command, state, reply))


if __name__ == "__main__":
    with app.producer_pool.acquire(block=True) as producer, open(sys.argv[1]) as commands:
        for line in commands:
            book.apply_async((line,), producer=producer)
