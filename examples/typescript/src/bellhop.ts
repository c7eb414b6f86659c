/**
 * A small typed client of Bellhop: commands in, over RabbitMQ or HTTP, and events out.
 *
 * A command is published again under its id wherever it is not known what became of it: it takes
 * effect once. So keep the id with your own data, before you publish.
 */
import { randomUUID } from "node:crypto";
import { setTimeout as pause } from "node:timers/promises";

import amqp from "amqplib";

import type { Command, Event } from "./types.js";

const COMMANDS = "bellhop.commands";
const EVENTS = "bellhop.events";
const CLOUDEVENT = "application/cloudevents+json";
/** How often a command is published, at most. */
const ATTEMPTS = 5;
/** Milliseconds before the second attempt; doubled before each further one. */
const PAUSE_MS = 200;

/** No queue takes the command: the exchange or the routing key is wrong. Not worth trying again. */
export class Unroutable extends Error {}

/** The daemon has not taken the command, and says why. */
export class Refused extends Error {
  constructor(
    readonly status: number,
    readonly reason: string,
    readonly detail: string,
  ) {
    super(`${status} ${reason}: ${detail}`);
  }
}

/** It is not known whether the command was taken. Publish it again under the same id. */
export class NotKnown extends Error {}

/** A command on its way. Each attempt sends the same bytes: another body would be refused. */
export interface Envelope {
  readonly id: string;
  readonly tenant: string;
  readonly body: string;
}

/** Puts a command into its CloudEvents envelope, under an id of yours or a new one. */
export function envelope(
  tenant: string,
  command: Command,
  source: string,
  id: string = randomUUID(),
): Envelope {
  const body = { specversion: "1.0", id, source, tenant, ...command };
  return { id, tenant, body: JSON.stringify(body) };
}

/** Tries until it succeeds, or fails by what is not worth another attempt. */
async function persist(id: string, attempt: () => Promise<{ after: number } | void>) {
  let wait = PAUSE_MS;
  let last: unknown;
  for (let tried = 0; tried < ATTEMPTS; tried++) {
    if (tried > 0) {
      await pause(wait);
      wait *= 2;
    }
    try {
      const later = await attempt();
      if (!later) return;
      wait = Math.max(wait, later.after);
    } catch (error) {
      if (error instanceof Unroutable || error instanceof Refused) throw error;
      last = error;
    }
  }
  throw new NotKnown(id, { cause: last });
}

/** Publishes over RabbitMQ, and hears events from a queue of its own. */
export class Broker {
  #connection: amqp.ChannelModel | undefined;
  #channel: amqp.ConfirmChannel | undefined;
  /** What no queue takes comes back, before its confirm. */
  readonly #returned = new Set<string>();

  constructor(private readonly url: string) {}

  /** Settles once the broker has the command; what became of it, events say. */
  async publish(command: Envelope): Promise<void> {
    await persist(command.id, async () => {
      const channel = await this.#connected();
      await new Promise<void>((resolve, reject) => {
        const lost = () => reject(new Error("the connection was lost"));
        channel.once("close", lost);
        channel.publish(
          COMMANDS,
          `cmd.${command.tenant}`,
          Buffer.from(command.body),
          { contentType: CLOUDEVENT, messageId: command.id, persistent: true, mandatory: true },
          (error) => {
            channel.off("close", lost);
            if (error) reject(error);
            else if (this.#returned.delete(command.id)) {
              reject(new Unroutable(`cmd.${command.tenant} leads to no queue`));
            } else resolve();
          },
        );
      });
    });
  }

  /**
   * From now on events on `binding`, such as `salon-uno.#`, wait in a durable queue of yours.
   *
   * Do it once, before you publish: what was told before is not in it.
   */
  async subscribe(queue: string, binding: string): Promise<void> {
    const channel = await this.#connected();
    await channel.assertQueue(queue, { durable: true, arguments: { "x-queue-type": "quorum" } });
    await channel.bindQueue(queue, EVENTS, binding);
  }

  /**
   * Hands each event in the queue to `handle`, until that settles as false.
   *
   * An event is acknowledged when it was handled, and may come twice: drop an `id` that you have
   * seen.
   */
  async listen(
    queue: string,
    handle: (event: Event) => boolean | Promise<boolean>,
  ): Promise<void> {
    const channel = await this.#connected();
    await channel.prefetch(1);
    await new Promise<void>((resolve, reject) => {
      const lost = () => reject(new Error("the connection was lost"));
      channel.once("close", lost);
      const consumer = channel.consume(queue, async (message) => {
        try {
          if (message === null) throw new Error("the queue was deleted");
          const goesOn = await handle(JSON.parse(message.content.toString()) as Event);
          channel.ack(message);
          if (goesOn) return;
          await channel.cancel((await consumer).consumerTag);
          channel.off("close", lost);
          resolve();
        } catch (error) {
          reject(error);
        }
      });
      consumer.catch(reject);
    });
  }

  /** Ends the connection, if there is one. */
  async close(): Promise<void> {
    const connection = this.#connection;
    this.#connection = this.#channel = undefined;
    await connection?.close().catch(() => {}); // It is gone, which is what was wanted.
  }

  async #connected(): Promise<amqp.ConfirmChannel> {
    if (this.#channel) return this.#channel;
    const connection = await amqp.connect(this.url);
    // An error closes the connection, and whoever waits hears of that.
    connection.on("error", () => {});
    const channel = await connection.createConfirmChannel();
    channel.on("error", () => {});
    channel.on("return", (message) => this.#returned.add(message.properties.messageId));
    const forget = () => {
      if (this.#channel === channel) this.#channel = undefined;
    };
    channel.once("close", forget);
    connection.once("close", forget);
    this.#connection = connection;
    this.#channel = channel;
    return channel;
  }
}

/** Publishes over HTTP, and reads events there. Answers come when a command is durable. */
export class Http {
  readonly #url: string;
  readonly #headers: Record<string, string>;

  constructor(url: string, token?: string) {
    this.#url = url.replace(/\/$/, "");
    this.#headers = token ? { authorization: `Bearer ${token}` } : {};
  }

  /** Settles once the command has taken effect; `Refused` where the daemon refuses it. */
  async publish(command: Envelope): Promise<void> {
    await persist(command.id, async () => {
      const answer = await fetch(`${this.#url}/v1/commands`, {
        method: "POST",
        headers: { ...this.#headers, "content-type": CLOUDEVENT },
        body: command.body,
        signal: AbortSignal.timeout(60_000),
      });
      if (answer.ok) return;
      if ([408, 429, 503].includes(answer.status)) {
        return { after: Number(answer.headers.get("retry-after") ?? 0) * 1000 };
      }
      const problem = (await answer.json()) as { reason?: string; detail?: string };
      throw new Refused(answer.status, problem.reason ?? "unknown", problem.detail ?? "");
    });
  }

  /**
   * The events behind `after` that there are by now, a page at a time.
   *
   * Beside each page stands where to go on: keep it once you have handled the page, and give it as
   * `after` the next time. (It is from the `Link` header, and right with any number of partitions.)
   */
  async *events(after = "0"): AsyncGenerator<{ page: Event[]; after: string }> {
    let path = `/v1/events?after=${encodeURIComponent(after)}&limit=100`;
    for (;;) {
      const signal = AbortSignal.timeout(60_000);
      const answer = await fetch(this.#url + path, { headers: this.#headers, signal });
      if (!answer.ok) throw new Error(`${answer.status}: ${await answer.text()}`);
      const page = (await answer.json()) as Event[];
      const next = /^<([^>]+)>/.exec(answer.headers.get("link") ?? "")?.[1];
      if (page.length === 0 || next === undefined) return;
      path = next;
      yield { page, after: new URL(next, this.#url).searchParams.get("after") ?? after };
    }
  }
}
