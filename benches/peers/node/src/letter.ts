/** The confirmation: text, HTML and a calendar file, from the templates of the Python peers. */

import { readFileSync } from "node:fs";
import path from "node:path";
import type { SendMailOptions } from "nodemailer";
import nunjucks from "nunjucks";
import { setting } from "./settings.js";

export const SENDER = "no-reply@example.com";
export const HERE = setting("PEERS_HERE");

/** The part of a `booking.request` that is used. */
export interface Command {
  id: string;
  tenant: string;
  data: {
    booking: string;
    client: string;
    service: string;
    starts_at: string;
    ends_at: string;
  };
}

/** What accept.sql returns. */
export interface Facts {
  tenant_name: string;
  timezone: string;
  service_name: string;
  location: string;
  client_name: string;
  client_email: string;
  state: "pending" | "sent" | "failed";
}

function template(name: string, autoescape: boolean): nunjucks.Template {
  const source = readFileSync(path.join(HERE, "templates", name), "utf8");
  return new nunjucks.Template(source, new nunjucks.Environment(null, { autoescape }), name, true);
}

const text = template("confirmed.txt.j2", false);
const html = template("confirmed.html.j2", true);
const calendar = template("confirmed.ics.j2", false);

/** Dates as they are written in one time zone. */
interface Clock {
  date: Intl.DateTimeFormat;
  day: Intl.DateTimeFormat;
  time: Intl.DateTimeFormat;
}

// Making one takes longer than writing a mail.
const clocks = new Map<string, Clock>();

function clock(timeZone: string): Clock {
  let known = clocks.get(timeZone);
  if (known === undefined) {
    const format = (options: Intl.DateTimeFormatOptions) =>
      new Intl.DateTimeFormat("en-GB", { timeZone, ...options });
    known = {
      date: format({ weekday: "long", day: "numeric", month: "long", year: "numeric" }),
      day: format({ weekday: "short", day: "numeric", month: "short", year: "numeric" }),
      time: format({ hour: "2-digit", minute: "2-digit" }),
    };
    clocks.set(timeZone, known);
  }
  return known;
}

const utc = (at: Date): string => at.toISOString().replace(/[-:]|\.\d+/g, "");

export function compose(command: Command, facts: Facts): SendMailOptions {
  const at = clock(facts.timezone);
  const starts = new Date(command.data.starts_at);
  const ends = new Date(command.data.ends_at);
  const values = {
    tenant: facts.tenant_name,
    client: facts.client_name,
    service: facts.service_name,
    location: facts.location,
    date: at.date.format(starts),
    begins: at.time.format(starts),
    ends: at.time.format(ends),
  };
  const rows = [
    { label: "What", value: values.service },
    { label: "Date", value: values.date },
    { label: "Time", value: `${values.begins}–${values.ends}` },
    { label: "Place", value: values.location },
  ];
  const day = `${at.day.format(starts)}, ${values.begins}`;
  const file = calendar.render({
    ...values,
    location: facts.location.replaceAll(",", "\\,"),
    uid: `${command.tenant}.${command.data.booking}@peers`,
    now_utc: utc(new Date()),
    begins_utc: utc(starts),
    ends_utc: utc(ends),
    sender: SENDER,
    email: facts.client_email,
  });
  return {
    from: { name: facts.tenant_name, address: SENDER },
    to: { name: facts.client_name, address: facts.client_email },
    subject: `Confirmed: ${facts.service_name}, ${day} – ${facts.tenant_name}`,
    text: text.render(values),
    html: html.render({ ...values, rows }),
    attachments: [
      {
        filename: "booking.ics",
        contentType: "text/calendar; charset=utf-8; method=REQUEST",
        content: file.replaceAll("\n", "\r\n"),
      },
    ],
  };
}
