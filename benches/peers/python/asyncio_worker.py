"""The job on an event loop without a framework: aio-pika, asyncpg, aiosmtplib, uvloop.

    python asyncio_worker.py work                  works until it is told to stop
    python asyncio_worker.py publish FILE.jsonl    publishes a command a line
"""

import asyncio
import os
import sys

import aio_pika
import uvloop
from aio_pika.abc import AbstractIncomingMessage

from async_job import Desk

AMQP_URL = os.environ["PEERS_AMQP_URL"]
QUEUE = "bookings"
# Commands under way at once.
PREFETCH = 100
PUBLISHED_AT_ONCE = 500


async def work() -> None:
    connection = await aio_pika.connect_robust(AMQP_URL)
    async with connection, Desk.open() as desk:
        channel = await connection.channel()
        await channel.set_qos(prefetch_count=PREFETCH)
        queue = await channel.declare_queue(QUEUE, durable=True)

        async def handle(message: AbstractIncomingMessage) -> None:
            # Acknowledged when everything is durable; back to the queue where it fails.
            async with message.process(requeue=True):
                await desk.book(message.body)

        await queue.consume(handle)
        await asyncio.Event().wait()


async def publish(file: str) -> None:
    connection = await aio_pika.connect(AMQP_URL)
    async with connection:
        channel = await connection.channel(publisher_confirms=True)
        await channel.declare_queue(QUEUE, durable=True)
        with open(file, "rb") as lines:
            messages = [
                aio_pika.Message(line, delivery_mode=aio_pika.DeliveryMode.PERSISTENT)
                for line in lines
            ]
        for start in range(0, len(messages), PUBLISHED_AT_ONCE):
            some = messages[start : start + PUBLISHED_AT_ONCE]
            exchange = channel.default_exchange
            await asyncio.gather(*(exchange.publish(message, QUEUE) for message in some))


if __name__ == "__main__":
    uvloop.run(work() if sys.argv[1] == "work" else publish(sys.argv[2]))
