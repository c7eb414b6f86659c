"""Registers a client over RabbitMQ and books over HTTP, then reads what came of it.

    AMQP_URL=amqp://… BELLHOP_URL=http://127.0.0.1:8025 python3 tour.py
"""

import os

from bellhop import Broker, Http, Refused, envelope
from bellhop_types import Event

SOURCE = "/examples/python"
TENANT = os.environ.get("BELLHOP_TENANT", "python-uno")


def main() -> None:
    broker = Broker(os.environ["AMQP_URL"])
    http = Http(os.environ["BELLHOP_URL"], os.environ.get("BELLHOP_TOKEN"))

    salon = envelope(
        TENANT,
        {
            "type": "tenant.configure",
            "data": {
                "name": "Salone Python",
                "profile": "appointments",
                "plan": "standard",
                "locale": "en",
                "timezone": "Europe/Rome",
                "approval": "automatic",
            },
        },
        SOURCE,
        id="open",
    )
    anna = envelope(
        TENANT,
        {
            "type": "client.register",
            "data": {"client": "anna", "name": "Anna Rossi", "email": "anna@example.com"},
        },
        SOURCE,
        id="register-anna",
    )
    queue = f"listener.{TENANT}"
    broker.subscribe(queue, f"{TENANT}.#")
    broker.publish(salon)
    broker.publish(anna)
    broker.publish(anna)  # The same id again is no harm.
    print("the broker has both")

    # What comes back is in the order in which it was decided.
    accepted: list[str] = []

    def hear(event: Event) -> bool:
        if event["type"] == "command.accepted":
            accepted.append(event.get("causationid", ""))
        return "register-anna" not in accepted

    broker.listen(queue, hear)
    print("accepted:", ", ".join(accepted))

    visit = envelope(
        TENANT,
        {
            "type": "booking.request",
            "data": {
                "booking": "b1",
                "client": "anna",
                "by": "client",
                "starts_at": "2030-12-03T10:00:00+01:00",
            },
        },
        SOURCE,
        id="book-b1",
    )
    http.publish(visit)
    http.publish(visit)
    try:
        http.publish(
            envelope(TENANT, {"type": "booking.decline", "data": {"booking": "b1"}}, SOURCE)
        )
    except Refused as refused:
        print("refused:", refused.reason)

    for page, after in http.events():
        for event in page:
            if event["tenant"] == TENANT and event["type"] == "booking.changed":
                print("booking", event["data"]["booking"], "is", event["data"]["state"])
        # Here an app would keep `after` beside what it made of the page.
    broker.close()


if __name__ == "__main__":
    main()
