"""A small typed client of Bellhop: commands in, over RabbitMQ or HTTP, and events out.

A command is published again under its id wherever it is not known what became of it: it takes
effect once. So keep the id with your own data, before you publish.
"""

from __future__ import annotations

import json
import time
import urllib.error
import urllib.parse
import urllib.request
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Optional

import pika
import pika.exceptions

from bellhop_types import Command, Event

COMMANDS = "bellhop.commands"
EVENTS = "bellhop.events"
CLOUDEVENT = "application/cloudevents+json"
ATTEMPTS = 5
"""How often a command is published, at most."""
PAUSE = 0.2
"""Seconds before the second attempt; doubled before each further one."""


class Unroutable(Exception):
    """No queue takes the command: the exchange or the routing key is wrong. Not worth trying again."""


class Refused(Exception):
    """The daemon has not taken the command, and says why: see `reason` and `detail`."""

    def __init__(self, status: int, problem: dict[str, Any]) -> None:
        self.status = status
        self.reason = str(problem.get("reason", "unknown"))
        self.detail = str(problem.get("detail", ""))
        super().__init__(f"{status} {self.reason}: {self.detail}")


class NotKnown(Exception):
    """It is not known whether the command was taken. Publish it again under the same id."""


@dataclass(frozen=True)
class Envelope:
    """A command on its way. Each attempt sends the same bytes: another body would be refused."""

    id: str
    tenant: str
    body: bytes


def envelope(tenant: str, command: Command, source: str, id: Optional[str] = None) -> Envelope:
    """Puts a command into its CloudEvents envelope, under an id of yours or a new one."""
    id = id or str(uuid.uuid4())
    body = {
        "specversion": "1.0",
        "id": id,
        "source": source,
        "tenant": tenant,
        "type": command["type"],
        "data": command["data"],
    }
    return Envelope(id, tenant, json.dumps(body).encode())


class Broker:
    """Publishes over RabbitMQ, and hears events from a queue of its own."""

    def __init__(self, url: str) -> None:
        self._parameters = pika.URLParameters(url)
        self._connection: Any = None
        self._channel: Any = None

    def publish(self, command: Envelope) -> None:
        """Returns once the broker has the command; what became of it, events say.

        Raises `Unroutable`, or `NotKnown` after `ATTEMPTS` attempts.
        """
        pause = PAUSE
        for attempt in range(ATTEMPTS):
            if attempt > 0:
                time.sleep(pause)
                pause *= 2
            try:
                self._connected().basic_publish(
                    exchange=COMMANDS,
                    routing_key=f"cmd.{command.tenant}",
                    body=command.body,
                    properties=pika.BasicProperties(
                        content_type=CLOUDEVENT, message_id=command.id, delivery_mode=2
                    ),
                    mandatory=True,
                )
                return
            except pika.exceptions.UnroutableError as error:
                raise Unroutable(f"cmd.{command.tenant} leads to no queue") from error
            except (pika.exceptions.NackError, pika.exceptions.AMQPConnectionError) as error:
                last = error
                self.close()
        raise NotKnown(command.id) from last

    def subscribe(self, queue: str, binding: str) -> None:
        """From now on events on `binding`, such as `salon-uno.#`, wait in a durable queue of yours.

        Do it once, before you publish: what was told before is not in it.
        """
        channel = self._connected()
        channel.queue_declare(queue, durable=True, arguments={"x-queue-type": "quorum"})
        channel.queue_bind(queue, EVENTS, binding)

    def listen(self, queue: str, handle: Callable[[Event], bool]) -> None:
        """Hands each event in the queue to `handle`, until that returns False.

        An event is acknowledged when it was handled, and may come twice: drop an `id` that you have
        seen.
        """
        channel = self._connected()
        for method, _, body in channel.consume(queue):
            goes_on = handle(json.loads(body))
            channel.basic_ack(method.delivery_tag)
            if not goes_on:
                channel.cancel()
                return

    def close(self) -> None:
        """Ends the connection, if there is one."""
        connection, self._connection, self._channel = self._connection, None, None
        try:
            if connection is not None and connection.is_open:
                connection.close()
        except pika.exceptions.AMQPError:
            pass  # It is gone, which is what was wanted.

    def _connected(self) -> Any:
        if self._channel is None or not self._channel.is_open:
            self.close()
            self._connection = pika.BlockingConnection(self._parameters)
            self._channel = self._connection.channel()
            # From here on basic_publish waits for the broker's confirm.
            self._channel.confirm_delivery()
        return self._channel


class Http:
    """Publishes over HTTP, and reads events there. Answers come when a command is durable."""

    def __init__(self, url: str, token: Optional[str] = None) -> None:
        self._url = url.rstrip("/")
        self._headers = {"authorization": f"Bearer {token}"} if token else {}

    def publish(self, command: Envelope) -> None:
        """Returns once the command has taken effect.

        Raises `Refused` where the daemon refuses it, `NotKnown` after `ATTEMPTS` attempts.
        """
        pause = PAUSE
        for attempt in range(ATTEMPTS):
            if attempt > 0:
                time.sleep(pause)
                pause *= 2
            request = urllib.request.Request(
                f"{self._url}/v1/commands",
                data=command.body,
                headers={**self._headers, "content-type": CLOUDEVENT},
            )
            try:
                with urllib.request.urlopen(request, timeout=60):
                    return
            except urllib.error.HTTPError as error:
                if error.code not in (408, 429, 503):
                    raise Refused(error.code, json.load(error)) from error
                pause = max(pause, float(error.headers.get("retry-after") or 0))
                last: Exception = error
            except OSError as error:  # No connection, or it broke before the answer.
                last = error
        raise NotKnown(command.id) from last

    def events(self, after: str = "0") -> Iterator[tuple[list[Event], str]]:
        """The events behind `after` that there are by now, a page at a time.

        Beside each page stands where to go on: keep it once you have handled the page, and give it
        as `after` the next time. (It is from the `Link` header, and right with any number of
        partitions.)
        """
        path = f"/v1/events?after={urllib.parse.quote(after)}&limit=100"
        while True:
            request = urllib.request.Request(self._url + path, headers=self._headers)
            with urllib.request.urlopen(request, timeout=60) as answer:
                page: list[Event] = json.load(answer)
                path = answer.headers["link"].split(">")[0].lstrip("<")
            if not page:
                return
            yield page, urllib.parse.parse_qs(urllib.parse.urlsplit(path).query)["after"][0]
