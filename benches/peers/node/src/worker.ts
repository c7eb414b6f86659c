/** The job on BullMQ: Redis, pg, nodemailer with a pool of sessions. */

import { readFileSync } from "node:fs";
import path from "node:path";
import { Worker, type Job } from "bullmq";
import nodemailer from "nodemailer";
import pg from "pg";
import { compose, HERE, type Command, type Facts } from "./letter.js";
import { QUEUE, redis, setting } from "./settings.js";

/** Jobs under way at once. */
const CONCURRENCY = 100;
const DATABASE_CONNECTIONS = 20;
const SMTP_CONNECTIONS = 30;

/** A statement that PostgreSQL prepares once a connection. */
function sql(name: string): { name: string; text: string } {
  return { name, text: readFileSync(path.join(HERE, `${name}.sql`), "utf8") };
}
const accept = sql("accept");
const settle = sql("settle");

const database = new pg.Pool({
  connectionString: setting("PEERS_DATABASE_URL"),
  max: DATABASE_CONNECTIONS,
});
const mailer = nodemailer.createTransport({
  pool: true,
  host: "127.0.0.1",
  port: Number(setting("PEERS_SMTP_PORT")),
  ignoreTLS: true,
  maxConnections: SMTP_CONNECTIONS,
  maxMessages: Infinity,
});

/** The state that the mail is in now, and the server's reply. */
async function send(command: Command, facts: Facts): Promise<[state: string, reply: string]> {
  try {
    const sent = await mailer.sendMail(compose(command, facts));
    return ["sent", sent.response];
  } catch (error) {
    const { responseCode, message } = error as Error & { responseCode?: number };
    if (responseCode !== undefined && responseCode >= 500) return ["failed", message];
    throw error;
  }
}

async function book(job: Job<Command>): Promise<void> {
  const { id, tenant, data } = job.data;
  const values = [
    tenant, id, data.booking, data.client, data.service, data.starts_at, data.ends_at,
  ];
  const { rows } = await database.query<Facts>({ ...accept, values });
  const [facts] = rows;
  if (facts === undefined) throw new Error(`unknown tenant, service or client: ${id}`);
  if (facts.state !== "pending") return;
  const [state, reply] = await send(job.data, facts);
  await database.query({ ...settle, values: [tenant, id, state, reply] });
}

const worker = new Worker<Command>(QUEUE, book, {
  connection: redis(),
  concurrency: CONCURRENCY,
});
worker.on("error", (error) => console.error(error));
process.on("SIGTERM", () => {
  void worker.close().then(async () => {
    mailer.close();
    await database.end();
  });
});
