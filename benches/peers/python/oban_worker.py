"""The job on Oban for Python: the queue is in PostgreSQL too.

    python oban_worker.py work                  works until it is told to stop
    python oban_worker.py publish FILE.jsonl    makes its tables, and a job of each line
"""

import asyncio
import os
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import uvloop
from oban import Oban, worker
from oban.schema import install

from async_job import Desk
from job import DATABASE_URL

QUEUE = "bookings"
# Jobs under way at once.
LIMIT = 100
INSERTED_AT_ONCE = 500
# What a dead process had is taken from it after this long, instead of after a minute.
DEAD_AFTER_S = 20.0
RESCUE_EVERY_S = 5.0

desk: Desk


@worker(queue=QUEUE, max_attempts=10)
class Book:
    async def process(self, job: Any) -> None:
        await desk.book(job.args["body"])


@asynccontextmanager
async def pool() -> AsyncIterator[Any]:
    opened = await Oban.create_pool(DATABASE_URL, min_size=2, max_size=10)
    try:
        yield opened
    finally:
        await opened.close()


async def work() -> None:
    global desk
    async with pool() as connections, Desk.open() as desk:
        oban = Oban(
            pool=connections,
            node=f"node-{os.getpid()}",
            queues={QUEUE: LIMIT},
            lifeline={"interval": RESCUE_EVERY_S},
            refresher={"interval": DEAD_AFTER_S / 4, "max_age": DEAD_AFTER_S},
        )
        async with oban:
            await asyncio.Event().wait()


async def publish(file: str) -> None:
    async with pool() as connections:
        await install(connections)
        oban = Oban(pool=connections)
        with open(file) as lines:
            jobs = [Book.new({"body": line}) for line in lines]  # type: ignore[attr-defined]
        for start in range(0, len(jobs), INSERTED_AT_ONCE):
            await oban.enqueue_many(jobs[start : start + INSERTED_AT_ONCE])


if __name__ == "__main__":
    uvloop.run(work() if sys.argv[1] == "work" else publish(sys.argv[2]))
