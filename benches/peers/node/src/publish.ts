/** A job of each line of a file. */

import { readFileSync } from "node:fs";
import { Queue } from "bullmq";
import type { Command } from "./letter.js";
import { QUEUE, redis } from "./settings.js";

const ADDED_AT_ONCE = 500;

const [, , file] = process.argv;
if (file === undefined) throw new Error("which file?");
const commands = readFileSync(file, "utf8").trim().split("\n");
const queue = new Queue<Command>(QUEUE, {
  connection: redis(),
  defaultJobOptions: {
    attempts: 10,
    backoff: { type: "exponential", delay: 1000 },
    // What is done is kept in the database.
    removeOnComplete: true,
  },
});
for (let start = 0; start < commands.length; start += ADDED_AT_ONCE) {
  const some = commands.slice(start, start + ADDED_AT_ONCE);
  await queue.addBulk(
    some.map((line) => {
      const command = JSON.parse(line) as Command;
      return { name: "book", data: command, opts: { jobId: `${command.tenant}.${command.id}` } };
    }),
  );
}
await queue.close();
