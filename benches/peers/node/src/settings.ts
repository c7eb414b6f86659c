/** What the bench tells by its environment. */

export const QUEUE = "bookings";

export function setting(name: string): string {
  const value = process.env[name];
  if (value === undefined) throw new Error(`${name} is not set`);
  return value;
}

/** What BullMQ wants to know of Redis. */
export function redis(): { host: string; port: number; maxRetriesPerRequest: null } {
  const port = Number(setting("PEERS_REDIS_PORT"));
  return { host: "127.0.0.1", port, maxRetriesPerRequest: null };
}
