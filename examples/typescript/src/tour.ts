/**
 * Registers a client over RabbitMQ and books over HTTP, then reads what came of it.
 *
 *     npm ci && npm run build
 *     AMQP_URL=amqp://… BELLHOP_URL=http://127.0.0.1:8025 npm start
 */
import { Broker, Http, Refused, envelope } from "./bellhop.js";
import type { Command } from "./types.js";

const SOURCE = "/examples/typescript";
const TENANT = process.env.BELLHOP_TENANT ?? "node-uno";

function needed(name: string): string {
  const value = process.env[name];
  if (!value) throw new Error(`${name} is not set`);
  return value;
}

const of = (command: Command, id?: string) => envelope(TENANT, command, SOURCE, id);

const broker = new Broker(needed("AMQP_URL"));
const http = new Http(needed("BELLHOP_URL"), process.env.BELLHOP_TOKEN);

const salon = of(
  {
    type: "tenant.configure",
    data: {
      name: "Salone Node",
      profile: "appointments",
      plan: "standard",
      locale: "en",
      timezone: "Europe/Rome",
      approval: "automatic",
    },
  },
  "open",
);
const anna = of(
  {
    type: "client.register",
    data: { client: "anna", name: "Anna Rossi", email: "anna@example.com" },
  },
  "register-anna",
);
const queue = `listener.${TENANT}`;
await broker.subscribe(queue, `${TENANT}.#`);
await broker.publish(salon);
await broker.publish(anna);
await broker.publish(anna); // The same id again is no harm.
console.log("the broker has both");

// What comes back is in the order in which it was decided.
const accepted: string[] = [];
await broker.listen(queue, (event) => {
  if (event.type === "command.accepted") accepted.push(event.causationid ?? "");
  return !accepted.includes("register-anna");
});
console.log("accepted:", accepted.join(", "));

const visit = of(
  {
    type: "booking.request",
    data: { booking: "b1", client: "anna", by: "client", starts_at: "2030-12-03T10:00:00+01:00" },
  },
  "book-b1",
);
await http.publish(visit);
await http.publish(visit);
try {
  await http.publish(of({ type: "booking.decline", data: { booking: "b1" } }));
} catch (error) {
  if (!(error instanceof Refused)) throw error;
  console.log("refused:", error.reason);
}

for await (const { page } of http.events()) {
  for (const event of page) {
    if (event.tenant === TENANT && event.type === "booking.changed") {
      console.log("booking", event.data.booking, "is", event.data.state);
    }
  }
  // Here an app would keep `after` beside what it made of the page.
}
await broker.close();
