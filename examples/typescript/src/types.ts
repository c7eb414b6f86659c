// Made from the code by tests/reference; do not edit.
// Everything that travels, as `bellhop schema` describes it.

/** Takes the offered seat: a confirmed booking comes of it. */
export interface AcceptOffer {
  /** Whose place. */
  entry: string;
  /** The id of the new booking; the entry's where left out. */
  booking?: string | null;
}

/** The client approved the payment: the receipt follows. */
export interface AcceptPayment {
  /** Which one. */
  payment: string;
}

/** The word `client` refers to the field `client`. */
export type Addressee = "board" | "client" | Reader;

/** Changes the tenant's own note on a booking; nobody is told. */
export interface AnnotateBooking {
  /** Which booking. */
  booking: string;
  /** The note; empty to clear it. */
  notes: string;
}

export type AnyMessageKind = "booking.pending" | "booking.confirmed" | "booking.declined" | "booking.cancelled" | "booking.rescheduled" | "booking.reminder" | "session.cancelled" | "queue.offered" | "queue.expired" | "queue.accepted" | "queue.closed" | "attendance.check" | "payment.requested" | "payment.receipt" | "sale.recorded" | "account.welcome" | "account.password_reset" | "account.magic_link" | "account.verify_email" | "review.requested" | "notice.manual" | "inbox.message" | "inbox.board" | "client.win_back" | "staff.booking_requested" | "staff.booking_cancelled" | "staff.queue_joined" | "staff.queue_accepted" | "staff.payment_accepted" | "staff.payment_declined";

export type Approval = "automatic" | "manual";

/** The client came: the visit counts, and a review may be asked for. */
export interface AttendBooking {
  /** Which one. */
  booking: string;
}

/** Whom a notice is for: `{"all": true}`, or at least one filter. A client belongs to it whom no filter leaves out. */
export interface Audience {
  /** True for every client, deleted ones included; goes with no filter. */
  all?: boolean | null;
  /** Only these. */
  clients?: (string)[] | null;
  /** Only those deleted, or, if false, those not deleted. */
  deleted?: boolean | null;
  /** Only those enrolled, or, if false, those not enrolled. */
  enrolled?: boolean | null;
  /** Only those with one of these labels. */
  tags_any?: (string)[] | null;
}

/** In words, or an amount of money. */
export type Balance = string | Money;

/** A booking's state or time changed. */
export interface BookingChanged {
  /** Which booking. */
  booking: string;
  /** Its start now (UTC). */
  starts_at: string;
  /** Its state now. */
  state: BookingState;
  /** `confirmed` once the client said that they will come. */
  attendance?: string | null;
}

export type BookingState = "pending" | "confirmed" | "declined" | "cancelled" | "attended" | "no_show";

/** How mails look. */
export interface Brand {
  /** The colour of headings and buttons, as six hexadecimal digits behind a `#`. */
  color?: string | null;
}

/** Calls a booking off. On a pending one, staff decline it and a client withdraws it silently. */
export interface CancelBooking {
  /** Which booking. */
  booking: string;
  /** Who calls it off. */
  by: Party;
  /** Told to the client. */
  reason?: string | null;
}

/** Calls a session off, with all its bookings and its queue. */
export interface CancelSession {
  /** Which session. */
  session: string;
  /** Told to the clients. */
  reason?: string | null;
}

export type Channel = "email" | "sms" | "push" | "inbox";

/** A client wrote back. */
export interface ClientReplied {
  /** On which channel. */
  channel: Channel;
  /** Who. */
  client: string;
  /** The type of the command that it became; null where it was no word that means one, or nothing that it answers. */
  matched: string | null;
}

/** Nothing goes to this address of a client any more: it bounced, or its owner complained. */
export interface ClientSuppressed {
  /** On which channel. */
  channel: Channel;
  /** Who. */
  client: string;
  /** Why. */
  reason: Suppression;
  /** Since when (UTC). */
  since: string;
  /** SHA-256 of the address as it was registered, or of the token of a device that is gone, in hexadecimal; absent where all devices of a client are meant. */
  address_hash?: string | null;
}

/** A command was taken and took effect. */
export interface CommandAccepted {
  /** Present and true if nothing changed, because everything already was as asked. */
  already_done?: boolean;
  /** Present where it asks for something that it cannot have: what, for the person who reads it. */
  remark?: string | null;
}

/** A command was refused. */
export interface CommandRejected {
  /** Why, for the person who reads it. */
  detail: string;
  /** Why, by name. */
  reason: RejectionReason;
}

/** Sets a tenant's whole settings: what is left out is the profile's default, whatever it was before. */
export interface ConfigureTenant {
  /** Whether a client's booking stands at once or waits for staff. */
  approval: Approval;
  /** The language where a client has none. */
  locale: string;
  /** The name that clients read. */
  name: string;
  /** The plan, one of those that the operator configured. */
  plan: string;
  /** The line of business; it sets which kinds of message are on. */
  profile: Profile;
  /** The venue's zone: dates are shown and lead times counted in it. */
  timezone: TimeZone;
  /** Where in the app a notification of a kind leads; `{booking}` stands for the booking's id. */
  app_links?: Record<string, string> | null;
  /** How mails look. */
  brand?: Brand | null;
  /** Whether mails about a booking carry a link by which the client cancels it or puts it into their calendar, where the installation has links; false where left out. */
  client_links?: boolean | null;
  /** Whether in-app payments are charged without asking; false where left out. */
  direct_charge?: boolean | null;
  /** By which other channel goes what is given up on a channel; none where left out. What takes the place of another falls back no further. */
  fallback?: Record<string, Channel> | null;
  /** When too little time is left for an offer: offer to everybody who waits, or to nobody; `stop` where left out. */
  last_call?: LastCall | null;
  /** How long before the start a delayed reminder is still sent; PT1H where left out. */
  late_grace?: string | null;
  /** What to do with a reminder whose lead time has passed at booking; `skip` where left out. */
  late_reminder?: LateReminder | null;
  /** Manual notices by email per client in 24 hours; the profile's default where left out (2 for `classes`, unlimited for `appointments`). */
  notice_cap?: number | null;
  /** Offers end this long before the start; PT15M where left out. */
  offer_cutoff?: string | null;
  /** With less time than this left, no offer of its own is made; PT5M where left out. */
  offer_min?: string | null;
  /** Whether the time of an offer made in quiet hours runs from their end; false where left out. */
  offer_respects_quiet_hours?: boolean | null;
  /** How long an offer of a free seat stands; PT30M where left out. */
  offer_window?: string | null;
  /** A daily span in which phones stay silent. */
  quiet_hours?: QuietSpan | null;
  /** Lead times of reminders; `["P1D"]` where left out, none if empty. */
  reminders?: (Reminder)[] | null;
  /** Whether email goes to verified addresses only; true for `classes` where left out. */
  require_verified_email?: boolean | null;
  /** When a review is asked for; never where left out. */
  review?: Review | null;
  /** Who the messages come from; the installation's address where left out. */
  sender?: Sender | null;
  /** What can be booked, by id. */
  services?: Record<string, Service> | null;
  /** How text messages are written, and answered. */
  sms?: Sms | null;
  /** SMS segments per month; unlimited where left out. */
  sms_quota?: number | null;
  /** Which staff are told of what. */
  staff?: Staff | null;
  /** Switches a kind of message on or off on a channel, against the profile's default. */
  toggles?: Record<string, Record<string, boolean>> | null;
  /** When a client who stays away is written to; never where left out. */
  win_back?: WinBack | null;
}

/** The client said that they will come: they are not asked any more. */
export interface ConfirmAttendance {
  /** Which one. */
  booking: string;
}

/** Agrees to a pending booking, or reinstates a cancelled one before its start. */
export interface ConfirmBooking {
  /** Which one. */
  booking: string;
}

/** So many days before the start, at a wall-clock time in the venue's zone. */
export interface DayAndTime {
  /** Wall-clock time in the venue's zone. */
  at: string;
  /** Calendar days before the start. */
  days_before: number;
}

/** Refuses a booking that is still pending. */
export interface DeclineBooking {
  /** Which booking. */
  booking: string;
  /** Told to the client. */
  reason?: string | null;
}

/** Leaves the offered seat to the next who waits. */
export interface DeclineOffer {
  /** Which one. */
  entry: string;
}

/** The client refused the payment. */
export interface DeclinePayment {
  /** Which one. */
  payment: string;
}

/** The tenant deleted the client: only notices reach them still. */
export interface DeleteClient {
  /** Which one. */
  client: string;
}

/** Forgets everything personal about the client, everywhere; counts are kept. */
export interface EraseClient {
  /** Which one. */
  client: string;
}

export type Failure = "failed" | "bad_address";

/** A client has read an item of their mailbox in the app: told once, until it is marked as unread. */
export interface InboxRead {
  /** Who. */
  client: string;
  /** The message that brought it. */
  message: string;
}

/** Takes a place in a session's queue. */
export interface JoinQueue {
  /** Who waits. */
  client: string;
  /** The place's id, chosen by the upstream app. */
  entry: string;
  /** Which session. */
  session: string;
}

export type LastCall = "broadcast" | "stop";

export type LateReminder = "skip" | "send_now";

/** Leaves the queue. */
export interface LeaveQueue {
  /** Which one. */
  entry: string;
}

/** What became of a message. */
export interface MessageFate {
  /** How often it was tried. */
  attempt: number;
  /** How it goes. */
  channel: Channel;
  /** To whom. */
  client: string;
  /** What it is about. */
  kind: AnyMessageKind;
  /** The message's id, the same on every attempt. */
  message: string;
  /** Who was asked to deliver it, by the name in the configuration; empty if nobody was. */
  provider: string;
  /** What they said. */
  reply: string;
  /** The message that was given up on another channel, if this one takes its place. */
  fallback_of?: string;
  /** What they call the message, if they say so. */
  reference?: string | null;
}

export type MessageKind = "booking.pending" | "booking.confirmed" | "booking.declined" | "booking.cancelled" | "booking.rescheduled" | "booking.reminder" | "session.cancelled" | "queue.offered" | "queue.expired" | "queue.accepted" | "queue.closed" | "attendance.check" | "payment.requested" | "payment.receipt" | "sale.recorded" | "account.welcome" | "account.password_reset" | "account.magic_link" | "account.verify_email" | "review.requested" | "notice.manual" | "inbox.message" | "inbox.board" | "client.win_back";

/** What became of a message that will be tried again. */
export interface MessageRetrying {
  /** How often it was tried. */
  attempt: number;
  /** How it goes. */
  channel: Channel;
  /** To whom. */
  client: string;
  /** What it is about. */
  kind: AnyMessageKind;
  /** The message's id, the same on every attempt. */
  message: string;
  /** When it is tried next (UTC). */
  next_attempt_at: string;
  /** Who was asked to deliver it, by the name in the configuration; empty if nobody was. */
  provider: string;
  /** What they said. */
  reply: string;
  /** The message that was given up on another channel, if this one takes its place. */
  fallback_of?: string;
  /** What they call the message, if they say so. */
  reference?: string | null;
}

/** A message will not be sent. */
export interface MessageSkipped {
  /** How it would have gone. */
  channel: Channel;
  /** To whom. */
  client: string;
  /** What it would have been about. */
  kind: AnyMessageKind;
  /** Why not. */
  reason: SkipReason;
  /** About which booking. */
  booking?: string;
  /** About which place in a queue. */
  entry?: string;
  /** The message that was given up on another channel, if this one would have taken its place. */
  fallback_of?: string;
  /** About which payment. */
  payment?: string;
}

/** A provider reported that a message did not arrive which it had taken. */
export interface MessageUndelivered {
  /** How often it was tried. */
  attempt: number;
  /** How it goes. */
  channel: Channel;
  /** To whom. */
  client: string;
  /** What it is about. */
  kind: AnyMessageKind;
  /** The message's id, the same on every attempt. */
  message: string;
  /** Who was asked to deliver it, by the name in the configuration; empty if nobody was. */
  provider: string;
  /** `failed`, or `bad_address` where nothing will ever arrive there. */
  reason: Failure;
  /** What they said. */
  reply: string;
  /** The message that was given up on another channel, if this one takes its place. */
  fallback_of?: string;
  /** What they call the message, if they say so. */
  reference?: string | null;
}

/** With fewer confirmed bookings at that time, the session is called off. */
export interface MinAttendance {
  /** Confirmed bookings that it takes; no more than there are seats. */
  count: number;
  /** When it is decided; before the start. */
  decide_at: string;
}

/** The client did not come. */
export interface MissBooking {
  /** Which one. */
  booking: string;
}

/** An amount of money. */
export type Money = unknown | unknown | unknown | unknown;

/** The client wants these messages after all. The latest word of a client counts. */
export interface OptIn {
  /** Whose wish. */
  client: string;
  /** On which channel; on all where left out. */
  channel?: Channel | null;
  /** Of which kind; of all where left out. */
  kind?: MessageKind | null;
}

/** The client does not want these messages. The latest word of a client counts. */
export interface OptOut {
  /** Whose wish. */
  client: string;
  /** On which channel; on all where left out. */
  channel?: Channel | null;
  /** Of which kind; of all where left out. */
  kind?: MessageKind | null;
}

export type Party = "client" | "staff";

/** A payment changed. */
export interface PaymentChanged {
  /** Which payment. */
  payment: string;
  /** Where it stands now. */
  state: PaymentState;
}

export type PaymentState = "requested" | "paid" | "declined";

/** Posts into the tenant's app, to exactly one addressee: a client, or the board for everybody. */
export interface PostInbox {
  /** The text. */
  body: string;
  /** The headline. */
  title: string;
  /** True to post on the notice board. */
  board?: boolean | null;
  /** The client whose mailbox it goes to. */
  client?: string | null;
  /** The addressee in another form, instead of `client` or `board`. */
  to?: Addressee | null;
}

export type Profile = "appointments" | "classes";

/** A place in a session's queue changed. */
export interface QueueChanged {
  /** Whose. */
  client: string;
  /** Which place. */
  entry: string;
  /** Of which session. */
  session: string;
  /** Where it stands now. */
  state: "waiting" | "offered" | "accepted" | "declined" | "expired" | "left" | "closed";
  /** Until when the offer stands (UTC); only while the seat is offered. */
  until?: string;
}

/** A daily span in which phones stay silent; it may cross midnight. */
export interface QuietSpan {
  /** First quiet minute. */
  from: string;
  /** First loud minute. */
  to: string;
}

/** The addressee as an object: one of the two. */
export interface Reader {
  /** True to post on the notice board. */
  board?: boolean | null;
  /** The client whose mailbox it goes to. */
  client?: string | null;
}

/** Gives a booking to another client: the old one is told it is cancelled, the new one that it is confirmed. */
export interface ReassignBooking {
  /** Which booking. */
  booking: string;
  /** Who has it from now on. */
  client: string;
  /** Whether the seat is for somebody whom that client brings along. False where left out. */
  guest?: boolean | null;
}

/** Puts a sale on a client's profile. */
export interface RecordSale {
  /** Whose profile. */
  client: string;
  /** What was sold. */
  description: string;
  /** What it cost. */
  amount?: Money | null;
  /** What the client has left afterwards: in words, or an amount of money. */
  balance?: Balance | null;
}

/** Makes a client known, or known anew, and welcomes them where the tenant does that. */
export interface RegisterClient {
  /** The client's id, chosen by the upstream app. */
  client: string;
  /** How the person is called. */
  name: string;
  /** Who says so. */
  by?: Party | null;
  /** Where email goes; null or an empty string for nowhere. What is not an address does not refuse the client: messages that would go there are recorded as `invalid_address`. */
  email?: string | null;
  /** Whether they proved that the address is theirs; false at first. */
  email_verified?: boolean | null;
  /** Whether they are enrolled in the centre; true at first. */
  enrolled?: boolean | null;
  /** The language they read; null for the tenant's. */
  locale?: string | null;
  /** Where text messages go (E.164, such as `+390212345678`); otherwise like `email`. */
  phone?: string | null;
  /** Their installations of the tenant's app, all of them; null for none. */
  push_tokens?: (string)[] | null;
  /** The tenant's own labels, all of them, for audiences of notices; null for none. */
  tags?: (string)[] | null;
  /** Where they are; null for the venue's zone. */
  timezone?: TimeZone | null;
}

export type RejectionReason = "unknown_tenant" | "unknown_client" | "unknown_booking" | "unknown_plan" | "sender_not_allowed" | "unknown_session" | "unknown_entry" | "unknown_payment" | "booking_exists" | "session_exists" | "entry_exists" | "payment_exists" | "notice_exists" | "session_full" | "session_started" | "session_cancelled" | "seats_taken" | "queue_full" | "already_queued" | "already_booked" | "offer_expired" | "plan_excludes_custom_text" | "invalid_template" | "unknown_language" | "too_many_templates" | "illegal_transition" | "invalid_time" | "client_deleted" | "id_reused" | "invalid_envelope" | "invalid_data" | "unknown_type" | "tenant_parked" | "handler_panicked";

/** How long before the start a reminder goes. */
export type Reminder = string | DayAndTime;

/** Asks for a booking. By a client it waits for approval where the tenant approves by hand; by staff it is agreed at once. */
export interface RequestBooking {
  /** The booking's id, chosen by the upstream app. */
  booking: string;
  /** Who made it. */
  by: Party;
  /** Whose it is. */
  client: string;
  /** When it ends; the service's duration counts where it is left out. */
  ends_at?: string | null;
  /** Whether the seat is for somebody whom the client brings along: a client has one seat of a session for themselves, and asking for another without saying so is refused. False where left out. */
  guest?: boolean | null;
  /** Whether to wait where the session is full; the place in the queue has the booking's id. False where left out. */
  join_queue?: boolean | null;
  /** The tenant's own note; no client sees it. */
  notes?: string | null;
  /** The recurring series it belongs to. The client is told of a series once, with all its dates. */
  series?: string | null;
  /** What is booked: a service of the tenant's settings. */
  service?: string | null;
  /** The session of which it takes a seat. */
  session?: string | null;
  /** When it starts. Required, unless there is a `session`: its times hold, and a start that is given all the same must agree. */
  starts_at?: string | null;
}

/** Asks a client for an in-app payment, or charges it at once where it is direct. */
export interface RequestPayment {
  /** How much; more than nothing. */
  amount: Money;
  /** Who pays. */
  client: string;
  /** The payment's id, chosen by the upstream app; the reference on the receipt. */
  payment: string;
  /** What for. */
  reason: string;
  /** Whether it is charged without asking; the tenant's setting where left out. */
  direct?: boolean | null;
  /** Where the client approves or declines it, in the app or on a page; in the app where left out, and of no use where it is direct. A secret: forgotten after the last attempt. */
  url?: string | null;
}

/** Moves a booking. To the same instant, it changes nothing. */
export interface RescheduleBooking {
  /** Which booking. */
  booking: string;
  /** The new start. */
  starts_at: string;
  /** The new end; the old length is kept where it is left out. */
  ends_at?: string | null;
}

/** Moves a session with all its bookings. */
export interface RescheduleSession {
  /** The new end; after the start. */
  ends_at: string;
  /** Which session. */
  session: string;
  /** The new start. */
  starts_at: string;
}

/** A client wants to set a new password: the link goes at once. */
export interface ResetPassword {
  /** Who. */
  client: string;
  /** From when on the link is dead: it is not sent after that. */
  expires_at: string;
  /** The link. A secret: forgotten after the last attempt. */
  url: string;
}

/** Goes back to the built-in text. */
export interface ResetTemplate {
  /** On which channel. */
  channel: Channel;
  /** About what. */
  kind: MessageKind;
  /** In which language. */
  locale: string;
}

/** Changes the number of seats. New ones are offered to those who wait. */
export interface ResizeSession {
  /** Seats from now on. */
  capacity: number;
  /** Which session. */
  session: string;
}

/** When a review is asked for. */
export interface Review {
  /** How long after the visit. */
  after: string;
  /** At most one per client in this time. */
  every: string;
  /** Where the review is written. */
  url: string;
}

/** Puts a session on the timetable. */
export interface ScheduleSession {
  /** What takes place. */
  activity: string;
  /** Seats. */
  capacity: number;
  /** When it ends; after it starts. */
  ends_at: string;
  /** The session's id, chosen by the upstream app. */
  session: string;
  /** When it starts. */
  starts_at: string;
  /** Until when cancelling costs nothing; not after the start. */
  free_cancel_until?: string | null;
  /** Where it takes place. */
  location?: string | null;
  /** With fewer it is called off; never where left out. */
  min_attendance?: MinAttendance | null;
}

/** Writes to an audience. A second notice of the same id is refused. */
export interface SendNotice {
  /** To whom. */
  audience: Audience;
  /** The text. */
  body: string;
  /** How it is to go, at least one way. */
  channels: (Channel)[];
  /** The notice's id, chosen by the upstream app. */
  notice: string;
  /** The headline. */
  title: string;
}

/** Who the messages come from. */
export interface Sender {
  /** From address of email. */
  email?: string | null;
  /** From name of email; the tenant's name where left out. */
  name?: string | null;
  /** Where answers to email go. */
  reply_to?: string | null;
  /** Sender of text messages: an E.164 number, or up to 11 ASCII characters, which nobody can answer. */
  sms?: string | null;
}

/** A service that can be booked. */
export interface Service {
  /** The name that clients read. */
  name: string;
  /** What to bring: told with a confirmation by email and with every reminder. */
  bring?: string | null;
  /** How long it takes, where a booking names no end. */
  duration?: string | null;
  /** Where it takes place. */
  location?: string | null;
  /** Lead times of its own; the tenant's where left out, none if empty. */
  reminders?: (Reminder)[] | null;
}

/** A session's time, size or state changed. */
export interface SessionChanged {
  /** Its seats now. */
  capacity: number;
  /** Which session. */
  session: string;
  /** Its start now (UTC). */
  starts_at: string;
  /** Its state now. */
  state: "scheduled" | "cancelled";
}

/** Replaces a built-in text by the tenant's own, where the plan allows that. */
export interface SetTemplate {
  /** The text, as a template. */
  body: string;
  /** On which channel. */
  channel: Channel;
  /** About what. */
  kind: MessageKind;
  /** In which language. */
  locale: string;
  /** The subject of an email, the title of a push or an inbox message, as a template; the built-in one where left out. */
  subject?: string | null;
}

/** A client wants to sign in without a password: the link goes at once. */
export interface SignIn {
  /** Who. */
  client: string;
  /** From when on the link is dead: it is not sent after that. */
  expires_at: string;
  /** The link. A secret: forgotten after the last attempt. */
  url: string;
}

export type SkipReason = "kind_off" | "plan_excludes_channel" | "client_deleted" | "not_enrolled" | "no_address" | "invalid_address" | "destination_not_allowed" | "email_unverified" | "opted_out" | "suppressed" | "quota_exhausted" | "spend_capped" | "frequency_capped" | "no_provider" | "too_late" | "booked_inside_lead" | "superseded" | "expired" | "direct_charge" | "booked_ahead" | "attendance_confirmed" | "never_confirmed" | "series_told";

/** How text messages are written, and answered. */
export interface Sms {
  /** Where several tenants share a number, whoever begins a text with one of these words writes to this tenant; none where left out. */
  keywords?: (string)[] | null;
  /** Whether letters that the GSM alphabet lacks (`ç`, `ê`, `œ`, `á`, `í`, `ó`, `ú`) are written in their plain form where that saves a segment; false where left out. */
  transliterate?: boolean | null;
}

/** Which staff are told of what. */
export interface Staff {
  /** Their addresses. */
  emails: (string)[];
  /** The kinds of alert. */
  kinds: (string)[];
}

export type Suppression = "bad_address" | "complained";

/** A time zone by its IANA name, such as Europe/Rome. */
export type TimeZone = string;

/** The client may be written to again where their address was refused: whoever asks for this knows better than the provider who reported it. */
export interface Unsuppress {
  /** Whose address. */
  client: string;
  /** On which channel; on all where left out. */
  channel?: Channel | null;
}

/** Changes some of what is known of a client; nobody is told. What is left out stays as it is; null takes away an address, the language, the zone, the push tokens or the tags. */
export interface UpdateClient {
  /** The client's id, chosen by the upstream app. */
  client: string;
  /** Who says so. */
  by?: Party | null;
  /** Where email goes; null or an empty string for nowhere. What is not an address does not refuse the client: messages that would go there are recorded as `invalid_address`. */
  email?: string | null;
  /** Whether they proved that the address is theirs; false at first. */
  email_verified?: boolean | null;
  /** Whether they are enrolled in the centre; true at first. */
  enrolled?: boolean | null;
  /** The language they read; null for the tenant's. */
  locale?: string | null;
  /** How the person is called. */
  name?: string | null;
  /** Where text messages go (E.164, such as `+390212345678`); otherwise like `email`. */
  phone?: string | null;
  /** Their installations of the tenant's app, all of them; null for none. */
  push_tokens?: (string)[] | null;
  /** The tenant's own labels, all of them, for audiences of notices; null for none. */
  tags?: (string)[] | null;
  /** Where they are; null for the venue's zone. */
  timezone?: TimeZone | null;
}

/** Asks every client whose email address is not proved to prove it. A link that holds nothing but the client's id can be made by everybody who got one: then ask for more than the link where it leads, or give `{mac}` a place, or send each client their own by `account.verify_email`. */
export interface VerifyAllEmails {
  /** The link, with `{client}` behind the host where the client's id goes, percent-encoded, and `{mac}` where a code goes that only who has the key can make: HMAC-SHA-256 of the client's id (UTF-8) in 64 lower-case hexadecimal digits. */
  url_template: string;
  /** From when on the links are dead: none is not sent after that. Left out, they never are. */
  expires_at?: string | null;
  /** The key of the codes, where the link has a place for one. A secret: choose a new one each time; it is forgotten when the last link is made. */
  mac_key?: string | null;
}

/** The client proved that the email address is theirs. */
export interface VerifyClientEmail {
  /** Which one. */
  client: string;
}

/** Asks a client to prove that the email address is theirs. */
export interface VerifyEmail {
  /** Who. */
  client: string;
  /** The link. A secret: forgotten after the last attempt. */
  url: string;
  /** From when on the link is dead: it is not sent after that. Left out, it never is. */
  expires_at?: string | null;
}

/** When a client who stays away is written to. */
export interface WinBack {
  /** How long after the last visit. */
  after: string;
}

/** The data of each type of command. */
export interface CommandData {
  "account.magic_link": SignIn;
  "account.password_reset": ResetPassword;
  "account.verify_all_emails": VerifyAllEmails;
  "account.verify_email": VerifyEmail;
  "booking.annotate": AnnotateBooking;
  "booking.attend": AttendBooking;
  "booking.cancel": CancelBooking;
  "booking.confirm": ConfirmBooking;
  "booking.confirm_attendance": ConfirmAttendance;
  "booking.decline": DeclineBooking;
  "booking.no_show": MissBooking;
  "booking.reassign": ReassignBooking;
  "booking.request": RequestBooking;
  "booking.reschedule": RescheduleBooking;
  "client.delete": DeleteClient;
  "client.erase": EraseClient;
  "client.opt_in": OptIn;
  "client.opt_out": OptOut;
  "client.register": RegisterClient;
  "client.unsuppress": Unsuppress;
  "client.update": UpdateClient;
  "client.verify_email": VerifyClientEmail;
  "inbox.post": PostInbox;
  "notice.send": SendNotice;
  "payment.accept": AcceptPayment;
  "payment.decline": DeclinePayment;
  "payment.request": RequestPayment;
  "queue.accept": AcceptOffer;
  "queue.decline": DeclineOffer;
  "queue.join": JoinQueue;
  "queue.leave": LeaveQueue;
  "sale.record": RecordSale;
  "session.cancel": CancelSession;
  "session.reschedule": RescheduleSession;
  "session.resize": ResizeSession;
  "session.schedule": ScheduleSession;
  "template.reset": ResetTemplate;
  "template.set": SetTemplate;
  "tenant.configure": ConfigureTenant;
}

/** A command: its type and its data. */
export type Command = {
  [T in keyof CommandData]: { type: T; data: CommandData[T] };
}[keyof CommandData];

/** The data of each type of event. */
export interface EventData {
  "booking.changed": BookingChanged;
  "client.replied": ClientReplied;
  "client.suppressed": ClientSuppressed;
  "command.accepted": CommandAccepted;
  "command.rejected": CommandRejected;
  "inbox.read": InboxRead;
  "message.complained": MessageFate;
  "message.dead": MessageFate;
  "message.delivered": MessageFate;
  "message.discarded": MessageFate;
  "message.expired": MessageFate;
  "message.retrying": MessageRetrying;
  "message.sent": MessageFate;
  "message.skipped": MessageSkipped;
  "message.undelivered": MessageUndelivered;
  "message.unknown": MessageFate;
  "message.withdrawn": MessageFate;
  "payment.changed": PaymentChanged;
  "queue.changed": QueueChanged;
  "session.changed": SessionChanged;
}

/** An event in its CloudEvents envelope. */
export type Event = {
  [T in keyof EventData]: {
    /** Always `application/json`. */
    datacontenttype: string;
    /** Drop a second event of the same id: events are published at least once. */
    id: string;
    /** The place in the order of events, as 20 digits, so that text order is event order. With several partitions each has an order of its own. */
    sequence: string;
    /** Always `/bellhop`. */
    source: string;
    /** The version of CloudEvents. */
    specversion: "1.0";
    /** Whose business it is. */
    tenant: string;
    /** When it was decided (UTC). */
    time: string;
    /** The id of the command that caused it. */
    causationid?: string;
    /** Where there are several partitions, which one's order `sequence` is of. A tenant's events are all in one. */
    partition?: number | null;
    /** The trace of the command that caused it (W3C Trace Context), where that had one. */
    traceparent?: string;
    type: T;
    data: EventData[T];
  };
}[keyof EventData];
