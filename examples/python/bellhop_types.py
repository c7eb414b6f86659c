"""Everything that travels, as `bellhop schema` describes it.

Made from the code by tests/reference; do not edit.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Dict, List, Literal, Optional, TypedDict, Union

if TYPE_CHECKING:
    from typing_extensions import NotRequired


class AcceptOffer(TypedDict):
    """Takes the offered seat: a confirmed booking comes of it."""

    entry: str
    """Whose place."""
    booking: NotRequired[Optional[str]]
    """The id of the new booking; the entry's where left out."""


class AcceptPayment(TypedDict):
    """The client approved the payment: the receipt follows."""

    payment: str
    """Which one."""


class AnnotateBooking(TypedDict):
    """Changes the tenant's own note on a booking; nobody is told."""

    booking: str
    """Which booking."""
    notes: str
    """The note; empty to clear it."""


class AttendBooking(TypedDict):
    """The client came: the visit counts, and a review may be asked for."""

    booking: str
    """Which one."""


class Audience(TypedDict):
    """Whom a notice is for: `{"all": true}`, or at least one filter. A client belongs to it whom no filter leaves out."""

    all: NotRequired[Optional[bool]]
    """True for every client, deleted ones included; goes with no filter."""
    clients: NotRequired[Optional[List[str]]]
    """Only these."""
    deleted: NotRequired[Optional[bool]]
    """Only those deleted, or, if false, those not deleted."""
    enrolled: NotRequired[Optional[bool]]
    """Only those enrolled, or, if false, those not enrolled."""
    tags_any: NotRequired[Optional[List[str]]]
    """Only those with one of these labels."""


class BookingChanged(TypedDict):
    """A booking's state or time changed."""

    booking: str
    """Which booking."""
    starts_at: str
    """Its start now (UTC)."""
    state: BookingState
    """Its state now."""
    attendance: NotRequired[Optional[str]]
    """`confirmed` once the client said that they will come."""


class Brand(TypedDict):
    """How mails look."""

    color: NotRequired[Optional[str]]
    """The colour of headings and buttons, as six hexadecimal digits behind a `#`."""


class CancelBooking(TypedDict):
    """Calls a booking off. On a pending one, staff decline it and a client withdraws it silently."""

    booking: str
    """Which booking."""
    by: Party
    """Who calls it off."""
    reason: NotRequired[Optional[str]]
    """Told to the client."""


class CancelSession(TypedDict):
    """Calls a session off, with all its bookings and its queue."""

    session: str
    """Which session."""
    reason: NotRequired[Optional[str]]
    """Told to the clients."""


class ClientReplied(TypedDict):
    """A client wrote back."""

    channel: Channel
    """On which channel."""
    client: str
    """Who."""
    matched: Optional[str]
    """The type of the command that it became; null where it was no word that means one, or nothing that it answers."""


class ClientSuppressed(TypedDict):
    """Nothing goes to this address of a client any more: it bounced, or its owner complained."""

    channel: Channel
    """On which channel."""
    client: str
    """Who."""
    reason: Suppression
    """Why."""
    since: str
    """Since when (UTC)."""
    address_hash: NotRequired[Optional[str]]
    """SHA-256 of the address as it was registered, or of the token of a device that is gone, in hexadecimal; absent where all devices of a client are meant."""


class CommandAccepted(TypedDict):
    """A command was taken and took effect."""

    already_done: NotRequired[bool]
    """Present and true if nothing changed, because everything already was as asked."""
    remark: NotRequired[Optional[str]]
    """Present where it asks for something that it cannot have: what, for the person who reads it."""


class CommandRejected(TypedDict):
    """A command was refused."""

    detail: str
    """Why, for the person who reads it."""
    reason: RejectionReason
    """Why, by name."""


class ConfigureTenant(TypedDict):
    """Sets a tenant's whole settings: what is left out is the profile's default, whatever it was before."""

    approval: Approval
    """Whether a client's booking stands at once or waits for staff."""
    locale: str
    """The language where a client has none."""
    name: str
    """The name that clients read."""
    plan: str
    """The plan, one of those that the operator configured."""
    profile: Profile
    """The line of business; it sets which kinds of message are on."""
    timezone: TimeZone
    """The venue's zone: dates are shown and lead times counted in it."""
    app_links: NotRequired[Optional[Dict[str, str]]]
    """Where in the app a notification of a kind leads; `{booking}` stands for the booking's id."""
    brand: NotRequired[Optional[Brand]]
    """How mails look."""
    client_links: NotRequired[Optional[bool]]
    """Whether mails about a booking carry a link by which the client cancels it or puts it into their calendar, where the installation has links; false where left out."""
    direct_charge: NotRequired[Optional[bool]]
    """Whether in-app payments are charged without asking; false where left out."""
    fallback: NotRequired[Optional[Dict[str, Channel]]]
    """By which other channel goes what is given up on a channel; none where left out. What takes the place of another falls back no further."""
    last_call: NotRequired[Optional[LastCall]]
    """When too little time is left for an offer: offer to everybody who waits, or to nobody; `stop` where left out."""
    late_grace: NotRequired[Optional[str]]
    """How long before the start a delayed reminder is still sent; PT1H where left out."""
    late_reminder: NotRequired[Optional[LateReminder]]
    """What to do with a reminder whose lead time has passed at booking; `skip` where left out."""
    notice_cap: NotRequired[Optional[int]]
    """Manual notices by email per client in 24 hours; the profile's default where left out (2 for `classes`, unlimited for `appointments`)."""
    offer_cutoff: NotRequired[Optional[str]]
    """Offers end this long before the start; PT15M where left out."""
    offer_min: NotRequired[Optional[str]]
    """With less time than this left, no offer of its own is made; PT5M where left out."""
    offer_respects_quiet_hours: NotRequired[Optional[bool]]
    """Whether the time of an offer made in quiet hours runs from their end; false where left out."""
    offer_window: NotRequired[Optional[str]]
    """How long an offer of a free seat stands; PT30M where left out."""
    quiet_hours: NotRequired[Optional[QuietSpan]]
    """A daily span in which phones stay silent."""
    reminders: NotRequired[Optional[List[Reminder]]]
    """Lead times of reminders; `["P1D"]` where left out, none if empty."""
    require_verified_email: NotRequired[Optional[bool]]
    """Whether email goes to verified addresses only; true for `classes` where left out."""
    review: NotRequired[Optional[Review]]
    """When a review is asked for; never where left out."""
    sender: NotRequired[Optional[Sender]]
    """Who the messages come from; the installation's address where left out."""
    services: NotRequired[Optional[Dict[str, Service]]]
    """What can be booked, by id."""
    sms: NotRequired[Optional[Sms]]
    """How text messages are written, and answered."""
    sms_quota: NotRequired[Optional[int]]
    """SMS segments per month; unlimited where left out."""
    staff: NotRequired[Optional[Staff]]
    """Which staff are told of what."""
    toggles: NotRequired[Optional[Dict[str, Dict[str, bool]]]]
    """Switches a kind of message on or off on a channel, against the profile's default."""
    win_back: NotRequired[Optional[WinBack]]
    """When a client who stays away is written to; never where left out."""


class ConfirmAttendance(TypedDict):
    """The client said that they will come: they are not asked any more."""

    booking: str
    """Which one."""


class ConfirmBooking(TypedDict):
    """Agrees to a pending booking, or reinstates a cancelled one before its start."""

    booking: str
    """Which one."""


class DayAndTime(TypedDict):
    """So many days before the start, at a wall-clock time in the venue's zone."""

    at: str
    """Wall-clock time in the venue's zone."""
    days_before: int
    """Calendar days before the start."""


class DeclineBooking(TypedDict):
    """Refuses a booking that is still pending."""

    booking: str
    """Which booking."""
    reason: NotRequired[Optional[str]]
    """Told to the client."""


class DeclineOffer(TypedDict):
    """Leaves the offered seat to the next who waits."""

    entry: str
    """Which one."""


class DeclinePayment(TypedDict):
    """The client refused the payment."""

    payment: str
    """Which one."""


class DeleteClient(TypedDict):
    """The tenant deleted the client: only notices reach them still."""

    client: str
    """Which one."""


class EraseClient(TypedDict):
    """Forgets everything personal about the client, everywhere; counts are kept."""

    client: str
    """Which one."""


class InboxRead(TypedDict):
    """A client has read an item of their mailbox in the app: told once, until it is marked as unread."""

    client: str
    """Who."""
    message: str
    """The message that brought it."""


class JoinQueue(TypedDict):
    """Takes a place in a session's queue."""

    client: str
    """Who waits."""
    entry: str
    """The place's id, chosen by the upstream app."""
    session: str
    """Which session."""


class LeaveQueue(TypedDict):
    """Leaves the queue."""

    entry: str
    """Which one."""


class MessageFate(TypedDict):
    """What became of a message."""

    attempt: int
    """How often it was tried."""
    channel: Channel
    """How it goes."""
    client: str
    """To whom."""
    kind: AnyMessageKind
    """What it is about."""
    message: str
    """The message's id, the same on every attempt."""
    provider: str
    """Who was asked to deliver it, by the name in the configuration; empty if nobody was."""
    reply: str
    """What they said."""
    fallback_of: NotRequired[str]
    """The message that was given up on another channel, if this one takes its place."""
    reference: NotRequired[Optional[str]]
    """What they call the message, if they say so."""


class MessageRetrying(TypedDict):
    """What became of a message that will be tried again."""

    attempt: int
    """How often it was tried."""
    channel: Channel
    """How it goes."""
    client: str
    """To whom."""
    kind: AnyMessageKind
    """What it is about."""
    message: str
    """The message's id, the same on every attempt."""
    next_attempt_at: str
    """When it is tried next (UTC)."""
    provider: str
    """Who was asked to deliver it, by the name in the configuration; empty if nobody was."""
    reply: str
    """What they said."""
    fallback_of: NotRequired[str]
    """The message that was given up on another channel, if this one takes its place."""
    reference: NotRequired[Optional[str]]
    """What they call the message, if they say so."""


class MessageSkipped(TypedDict):
    """A message will not be sent."""

    channel: Channel
    """How it would have gone."""
    client: str
    """To whom."""
    kind: AnyMessageKind
    """What it would have been about."""
    reason: SkipReason
    """Why not."""
    booking: NotRequired[str]
    """About which booking."""
    entry: NotRequired[str]
    """About which place in a queue."""
    fallback_of: NotRequired[str]
    """The message that was given up on another channel, if this one would have taken its place."""
    payment: NotRequired[str]
    """About which payment."""


class MessageUndelivered(TypedDict):
    """A provider reported that a message did not arrive which it had taken."""

    attempt: int
    """How often it was tried."""
    channel: Channel
    """How it goes."""
    client: str
    """To whom."""
    kind: AnyMessageKind
    """What it is about."""
    message: str
    """The message's id, the same on every attempt."""
    provider: str
    """Who was asked to deliver it, by the name in the configuration; empty if nobody was."""
    reason: Failure
    """`failed`, or `bad_address` where nothing will ever arrive there."""
    reply: str
    """What they said."""
    fallback_of: NotRequired[str]
    """The message that was given up on another channel, if this one takes its place."""
    reference: NotRequired[Optional[str]]
    """What they call the message, if they say so."""


class MinAttendance(TypedDict):
    """With fewer confirmed bookings at that time, the session is called off."""

    count: int
    """Confirmed bookings that it takes; no more than there are seats."""
    decide_at: str
    """When it is decided; before the start."""


class MissBooking(TypedDict):
    """The client did not come."""

    booking: str
    """Which one."""


class OptIn(TypedDict):
    """The client wants these messages after all. The latest word of a client counts."""

    client: str
    """Whose wish."""
    channel: NotRequired[Optional[Channel]]
    """On which channel; on all where left out."""
    kind: NotRequired[Optional[MessageKind]]
    """Of which kind; of all where left out."""


class OptOut(TypedDict):
    """The client does not want these messages. The latest word of a client counts."""

    client: str
    """Whose wish."""
    channel: NotRequired[Optional[Channel]]
    """On which channel; on all where left out."""
    kind: NotRequired[Optional[MessageKind]]
    """Of which kind; of all where left out."""


class PaymentChanged(TypedDict):
    """A payment changed."""

    payment: str
    """Which payment."""
    state: PaymentState
    """Where it stands now."""


class PostInbox(TypedDict):
    """Posts into the tenant's app, to exactly one addressee: a client, or the board for everybody."""

    body: str
    """The text."""
    title: str
    """The headline."""
    board: NotRequired[Optional[bool]]
    """True to post on the notice board."""
    client: NotRequired[Optional[str]]
    """The client whose mailbox it goes to."""
    to: NotRequired[Optional[Addressee]]
    """The addressee in another form, instead of `client` or `board`."""


class QueueChanged(TypedDict):
    """A place in a session's queue changed."""

    client: str
    """Whose."""
    entry: str
    """Which place."""
    session: str
    """Of which session."""
    state: Literal["waiting", "offered", "accepted", "declined", "expired", "left", "closed"]
    """Where it stands now."""
    until: NotRequired[str]
    """Until when the offer stands (UTC); only while the seat is offered."""


QuietSpan = TypedDict(
    "QuietSpan",
    {
        "from": 'str',
        "to": 'str',
    },
)
"""A daily span in which phones stay silent; it may cross midnight."""


class Reader(TypedDict):
    """The addressee as an object: one of the two."""

    board: NotRequired[Optional[bool]]
    """True to post on the notice board."""
    client: NotRequired[Optional[str]]
    """The client whose mailbox it goes to."""


class ReassignBooking(TypedDict):
    """Gives a booking to another client: the old one is told it is cancelled, the new one that it is confirmed."""

    booking: str
    """Which booking."""
    client: str
    """Who has it from now on."""
    guest: NotRequired[Optional[bool]]
    """Whether the seat is for somebody whom that client brings along. False where left out."""


class RecordSale(TypedDict):
    """Puts a sale on a client's profile."""

    client: str
    """Whose profile."""
    description: str
    """What was sold."""
    amount: NotRequired[Optional[Money]]
    """What it cost."""
    balance: NotRequired[Optional[Balance]]
    """What the client has left afterwards: in words, or an amount of money."""


class RegisterClient(TypedDict):
    """Makes a client known, or known anew, and welcomes them where the tenant does that."""

    client: str
    """The client's id, chosen by the upstream app."""
    name: str
    """How the person is called."""
    by: NotRequired[Optional[Party]]
    """Who says so."""
    email: NotRequired[Optional[str]]
    """Where email goes; null or an empty string for nowhere. What is not an address does not refuse the client: messages that would go there are recorded as `invalid_address`."""
    email_verified: NotRequired[Optional[bool]]
    """Whether they proved that the address is theirs; false at first."""
    enrolled: NotRequired[Optional[bool]]
    """Whether they are enrolled in the centre; true at first."""
    locale: NotRequired[Optional[str]]
    """The language they read; null for the tenant's."""
    phone: NotRequired[Optional[str]]
    """Where text messages go (E.164, such as `+390212345678`); otherwise like `email`."""
    push_tokens: NotRequired[Optional[List[str]]]
    """Their installations of the tenant's app, all of them; null for none."""
    tags: NotRequired[Optional[List[str]]]
    """The tenant's own labels, all of them, for audiences of notices; null for none."""
    timezone: NotRequired[Optional[TimeZone]]
    """Where they are; null for the venue's zone."""


class RequestBooking(TypedDict):
    """Asks for a booking. By a client it waits for approval where the tenant approves by hand; by staff it is agreed at once."""

    booking: str
    """The booking's id, chosen by the upstream app."""
    by: Party
    """Who made it."""
    client: str
    """Whose it is."""
    ends_at: NotRequired[Optional[str]]
    """When it ends; the service's duration counts where it is left out."""
    guest: NotRequired[Optional[bool]]
    """Whether the seat is for somebody whom the client brings along: a client has one seat of a session for themselves, and asking for another without saying so is refused. False where left out."""
    join_queue: NotRequired[Optional[bool]]
    """Whether to wait where the session is full; the place in the queue has the booking's id. False where left out."""
    notes: NotRequired[Optional[str]]
    """The tenant's own note; no client sees it."""
    series: NotRequired[Optional[str]]
    """The recurring series it belongs to. The client is told of a series once, with all its dates."""
    service: NotRequired[Optional[str]]
    """What is booked: a service of the tenant's settings."""
    session: NotRequired[Optional[str]]
    """The session of which it takes a seat."""
    starts_at: NotRequired[Optional[str]]
    """When it starts. Required, unless there is a `session`: its times hold, and a start that is given all the same must agree."""


class RequestPayment(TypedDict):
    """Asks a client for an in-app payment, or charges it at once where it is direct."""

    amount: Money
    """How much; more than nothing."""
    client: str
    """Who pays."""
    payment: str
    """The payment's id, chosen by the upstream app; the reference on the receipt."""
    reason: str
    """What for."""
    direct: NotRequired[Optional[bool]]
    """Whether it is charged without asking; the tenant's setting where left out."""
    url: NotRequired[Optional[str]]
    """Where the client approves or declines it, in the app or on a page; in the app where left out, and of no use where it is direct. A secret: forgotten after the last attempt."""


class RescheduleBooking(TypedDict):
    """Moves a booking. To the same instant, it changes nothing."""

    booking: str
    """Which booking."""
    starts_at: str
    """The new start."""
    ends_at: NotRequired[Optional[str]]
    """The new end; the old length is kept where it is left out."""


class RescheduleSession(TypedDict):
    """Moves a session with all its bookings."""

    ends_at: str
    """The new end; after the start."""
    session: str
    """Which session."""
    starts_at: str
    """The new start."""


class ResetPassword(TypedDict):
    """A client wants to set a new password: the link goes at once."""

    client: str
    """Who."""
    expires_at: str
    """From when on the link is dead: it is not sent after that."""
    url: str
    """The link. A secret: forgotten after the last attempt."""


class ResetTemplate(TypedDict):
    """Goes back to the built-in text."""

    channel: Channel
    """On which channel."""
    kind: MessageKind
    """About what."""
    locale: str
    """In which language."""


class ResizeSession(TypedDict):
    """Changes the number of seats. New ones are offered to those who wait."""

    capacity: int
    """Seats from now on."""
    session: str
    """Which session."""


class Review(TypedDict):
    """When a review is asked for."""

    after: str
    """How long after the visit."""
    every: str
    """At most one per client in this time."""
    url: str
    """Where the review is written."""


class ScheduleSession(TypedDict):
    """Puts a session on the timetable."""

    activity: str
    """What takes place."""
    capacity: int
    """Seats."""
    ends_at: str
    """When it ends; after it starts."""
    session: str
    """The session's id, chosen by the upstream app."""
    starts_at: str
    """When it starts."""
    free_cancel_until: NotRequired[Optional[str]]
    """Until when cancelling costs nothing; not after the start."""
    location: NotRequired[Optional[str]]
    """Where it takes place."""
    min_attendance: NotRequired[Optional[MinAttendance]]
    """With fewer it is called off; never where left out."""


class SendNotice(TypedDict):
    """Writes to an audience. A second notice of the same id is refused."""

    audience: Audience
    """To whom."""
    body: str
    """The text."""
    channels: List[Channel]
    """How it is to go, at least one way."""
    notice: str
    """The notice's id, chosen by the upstream app."""
    title: str
    """The headline."""


class Sender(TypedDict):
    """Who the messages come from."""

    email: NotRequired[Optional[str]]
    """From address of email."""
    name: NotRequired[Optional[str]]
    """From name of email; the tenant's name where left out."""
    reply_to: NotRequired[Optional[str]]
    """Where answers to email go."""
    sms: NotRequired[Optional[str]]
    """Sender of text messages: an E.164 number, or up to 11 ASCII characters, which nobody can answer."""


class Service(TypedDict):
    """A service that can be booked."""

    name: str
    """The name that clients read."""
    bring: NotRequired[Optional[str]]
    """What to bring: told with a confirmation by email and with every reminder."""
    duration: NotRequired[Optional[str]]
    """How long it takes, where a booking names no end."""
    location: NotRequired[Optional[str]]
    """Where it takes place."""
    reminders: NotRequired[Optional[List[Reminder]]]
    """Lead times of its own; the tenant's where left out, none if empty."""


class SessionChanged(TypedDict):
    """A session's time, size or state changed."""

    capacity: int
    """Its seats now."""
    session: str
    """Which session."""
    starts_at: str
    """Its start now (UTC)."""
    state: Literal["scheduled", "cancelled"]
    """Its state now."""


class SetTemplate(TypedDict):
    """Replaces a built-in text by the tenant's own, where the plan allows that."""

    body: str
    """The text, as a template."""
    channel: Channel
    """On which channel."""
    kind: MessageKind
    """About what."""
    locale: str
    """In which language."""
    subject: NotRequired[Optional[str]]
    """The subject of an email, the title of a push or an inbox message, as a template; the built-in one where left out."""


class SignIn(TypedDict):
    """A client wants to sign in without a password: the link goes at once."""

    client: str
    """Who."""
    expires_at: str
    """From when on the link is dead: it is not sent after that."""
    url: str
    """The link. A secret: forgotten after the last attempt."""


class Sms(TypedDict):
    """How text messages are written, and answered."""

    keywords: NotRequired[Optional[List[str]]]
    """Where several tenants share a number, whoever begins a text with one of these words writes to this tenant; none where left out."""
    transliterate: NotRequired[Optional[bool]]
    """Whether letters that the GSM alphabet lacks (`ç`, `ê`, `œ`, `á`, `í`, `ó`, `ú`) are written in their plain form where that saves a segment; false where left out."""


class Staff(TypedDict):
    """Which staff are told of what."""

    emails: List[str]
    """Their addresses."""
    kinds: List[str]
    """The kinds of alert."""


class Unsuppress(TypedDict):
    """The client may be written to again where their address was refused: whoever asks for this knows better than the provider who reported it."""

    client: str
    """Whose address."""
    channel: NotRequired[Optional[Channel]]
    """On which channel; on all where left out."""


class UpdateClient(TypedDict):
    """Changes some of what is known of a client; nobody is told. What is left out stays as it is; null takes away an address, the language, the zone, the push tokens or the tags."""

    client: str
    """The client's id, chosen by the upstream app."""
    by: NotRequired[Optional[Party]]
    """Who says so."""
    email: NotRequired[Optional[str]]
    """Where email goes; null or an empty string for nowhere. What is not an address does not refuse the client: messages that would go there are recorded as `invalid_address`."""
    email_verified: NotRequired[Optional[bool]]
    """Whether they proved that the address is theirs; false at first."""
    enrolled: NotRequired[Optional[bool]]
    """Whether they are enrolled in the centre; true at first."""
    locale: NotRequired[Optional[str]]
    """The language they read; null for the tenant's."""
    name: NotRequired[Optional[str]]
    """How the person is called."""
    phone: NotRequired[Optional[str]]
    """Where text messages go (E.164, such as `+390212345678`); otherwise like `email`."""
    push_tokens: NotRequired[Optional[List[str]]]
    """Their installations of the tenant's app, all of them; null for none."""
    tags: NotRequired[Optional[List[str]]]
    """The tenant's own labels, all of them, for audiences of notices; null for none."""
    timezone: NotRequired[Optional[TimeZone]]
    """Where they are; null for the venue's zone."""


class VerifyAllEmails(TypedDict):
    """Asks every client whose email address is not proved to prove it. A link that holds nothing but the client's id can be made by everybody who got one: then ask for more than the link where it leads, or give `{mac}` a place, or send each client their own by `account.verify_email`."""

    url_template: str
    """The link, with `{client}` behind the host where the client's id goes, percent-encoded, and `{mac}` where a code goes that only who has the key can make: HMAC-SHA-256 of the client's id (UTF-8) in 64 lower-case hexadecimal digits."""
    expires_at: NotRequired[Optional[str]]
    """From when on the links are dead: none is not sent after that. Left out, they never are."""
    mac_key: NotRequired[Optional[str]]
    """The key of the codes, where the link has a place for one. A secret: choose a new one each time; it is forgotten when the last link is made."""


class VerifyClientEmail(TypedDict):
    """The client proved that the email address is theirs."""

    client: str
    """Which one."""


class VerifyEmail(TypedDict):
    """Asks a client to prove that the email address is theirs."""

    client: str
    """Who."""
    url: str
    """The link. A secret: forgotten after the last attempt."""
    expires_at: NotRequired[Optional[str]]
    """From when on the link is dead: it is not sent after that. Left out, it never is."""


class WinBack(TypedDict):
    """When a client who stays away is written to."""

    after: str
    """How long after the last visit."""

Addressee = Union[Literal["board", "client"], Reader]
"""The word `client` refers to the field `client`."""

AnyMessageKind = Literal["booking.pending", "booking.confirmed", "booking.declined", "booking.cancelled", "booking.rescheduled", "booking.reminder", "session.cancelled", "queue.offered", "queue.expired", "queue.accepted", "queue.closed", "attendance.check", "payment.requested", "payment.receipt", "sale.recorded", "account.welcome", "account.password_reset", "account.magic_link", "account.verify_email", "review.requested", "notice.manual", "inbox.message", "inbox.board", "client.win_back", "staff.booking_requested", "staff.booking_cancelled", "staff.queue_joined", "staff.queue_accepted", "staff.payment_accepted", "staff.payment_declined"]

Approval = Literal["automatic", "manual"]

BookingState = Literal["pending", "confirmed", "declined", "cancelled", "attended", "no_show"]

Channel = Literal["email", "sms", "push", "inbox"]

Failure = Literal["failed", "bad_address"]

LastCall = Literal["broadcast", "stop"]

LateReminder = Literal["skip", "send_now"]

MessageKind = Literal["booking.pending", "booking.confirmed", "booking.declined", "booking.cancelled", "booking.rescheduled", "booking.reminder", "session.cancelled", "queue.offered", "queue.expired", "queue.accepted", "queue.closed", "attendance.check", "payment.requested", "payment.receipt", "sale.recorded", "account.welcome", "account.password_reset", "account.magic_link", "account.verify_email", "review.requested", "notice.manual", "inbox.message", "inbox.board", "client.win_back"]

Money = Union[Any, Any, Any, Any]
"""An amount of money."""

Party = Literal["client", "staff"]

PaymentState = Literal["requested", "paid", "declined"]

Profile = Literal["appointments", "classes"]

RejectionReason = Literal["unknown_tenant", "unknown_client", "unknown_booking", "unknown_plan", "sender_not_allowed", "unknown_session", "unknown_entry", "unknown_payment", "booking_exists", "session_exists", "entry_exists", "payment_exists", "notice_exists", "session_full", "session_started", "session_cancelled", "seats_taken", "queue_full", "already_queued", "already_booked", "offer_expired", "plan_excludes_custom_text", "invalid_template", "unknown_language", "too_many_templates", "illegal_transition", "invalid_time", "client_deleted", "id_reused", "invalid_envelope", "invalid_data", "unknown_type", "tenant_parked", "handler_panicked"]

Reminder = Union[str, DayAndTime]
"""How long before the start a reminder goes."""

SkipReason = Literal["kind_off", "plan_excludes_channel", "client_deleted", "not_enrolled", "no_address", "invalid_address", "destination_not_allowed", "email_unverified", "opted_out", "suppressed", "quota_exhausted", "spend_capped", "frequency_capped", "no_provider", "too_late", "booked_inside_lead", "superseded", "expired", "direct_charge", "booked_ahead", "attendance_confirmed", "never_confirmed", "series_told"]

Suppression = Literal["bad_address", "complained"]

TimeZone = str
"""A time zone by its IANA name, such as Europe/Rome."""

Balance = Union[str, Money]
"""In words, or an amount of money."""


class AccountMagicLinkCommand(TypedDict):
    type: Literal["account.magic_link"]
    data: SignIn


class AccountPasswordResetCommand(TypedDict):
    type: Literal["account.password_reset"]
    data: ResetPassword


class AccountVerifyAllEmailsCommand(TypedDict):
    type: Literal["account.verify_all_emails"]
    data: VerifyAllEmails


class AccountVerifyEmailCommand(TypedDict):
    type: Literal["account.verify_email"]
    data: VerifyEmail


class BookingAnnotateCommand(TypedDict):
    type: Literal["booking.annotate"]
    data: AnnotateBooking


class BookingAttendCommand(TypedDict):
    type: Literal["booking.attend"]
    data: AttendBooking


class BookingCancelCommand(TypedDict):
    type: Literal["booking.cancel"]
    data: CancelBooking


class BookingConfirmCommand(TypedDict):
    type: Literal["booking.confirm"]
    data: ConfirmBooking


class BookingConfirmAttendanceCommand(TypedDict):
    type: Literal["booking.confirm_attendance"]
    data: ConfirmAttendance


class BookingDeclineCommand(TypedDict):
    type: Literal["booking.decline"]
    data: DeclineBooking


class BookingNoShowCommand(TypedDict):
    type: Literal["booking.no_show"]
    data: MissBooking


class BookingReassignCommand(TypedDict):
    type: Literal["booking.reassign"]
    data: ReassignBooking


class BookingRequestCommand(TypedDict):
    type: Literal["booking.request"]
    data: RequestBooking


class BookingRescheduleCommand(TypedDict):
    type: Literal["booking.reschedule"]
    data: RescheduleBooking


class ClientDeleteCommand(TypedDict):
    type: Literal["client.delete"]
    data: DeleteClient


class ClientEraseCommand(TypedDict):
    type: Literal["client.erase"]
    data: EraseClient


class ClientOptInCommand(TypedDict):
    type: Literal["client.opt_in"]
    data: OptIn


class ClientOptOutCommand(TypedDict):
    type: Literal["client.opt_out"]
    data: OptOut


class ClientRegisterCommand(TypedDict):
    type: Literal["client.register"]
    data: RegisterClient


class ClientUnsuppressCommand(TypedDict):
    type: Literal["client.unsuppress"]
    data: Unsuppress


class ClientUpdateCommand(TypedDict):
    type: Literal["client.update"]
    data: UpdateClient


class ClientVerifyEmailCommand(TypedDict):
    type: Literal["client.verify_email"]
    data: VerifyClientEmail


class InboxPostCommand(TypedDict):
    type: Literal["inbox.post"]
    data: PostInbox


class NoticeSendCommand(TypedDict):
    type: Literal["notice.send"]
    data: SendNotice


class PaymentAcceptCommand(TypedDict):
    type: Literal["payment.accept"]
    data: AcceptPayment


class PaymentDeclineCommand(TypedDict):
    type: Literal["payment.decline"]
    data: DeclinePayment


class PaymentRequestCommand(TypedDict):
    type: Literal["payment.request"]
    data: RequestPayment


class QueueAcceptCommand(TypedDict):
    type: Literal["queue.accept"]
    data: AcceptOffer


class QueueDeclineCommand(TypedDict):
    type: Literal["queue.decline"]
    data: DeclineOffer


class QueueJoinCommand(TypedDict):
    type: Literal["queue.join"]
    data: JoinQueue


class QueueLeaveCommand(TypedDict):
    type: Literal["queue.leave"]
    data: LeaveQueue


class SaleRecordCommand(TypedDict):
    type: Literal["sale.record"]
    data: RecordSale


class SessionCancelCommand(TypedDict):
    type: Literal["session.cancel"]
    data: CancelSession


class SessionRescheduleCommand(TypedDict):
    type: Literal["session.reschedule"]
    data: RescheduleSession


class SessionResizeCommand(TypedDict):
    type: Literal["session.resize"]
    data: ResizeSession


class SessionScheduleCommand(TypedDict):
    type: Literal["session.schedule"]
    data: ScheduleSession


class TemplateResetCommand(TypedDict):
    type: Literal["template.reset"]
    data: ResetTemplate


class TemplateSetCommand(TypedDict):
    type: Literal["template.set"]
    data: SetTemplate


class TenantConfigureCommand(TypedDict):
    type: Literal["tenant.configure"]
    data: ConfigureTenant


Command = Union[
    AccountMagicLinkCommand,
    AccountPasswordResetCommand,
    AccountVerifyAllEmailsCommand,
    AccountVerifyEmailCommand,
    BookingAnnotateCommand,
    BookingAttendCommand,
    BookingCancelCommand,
    BookingConfirmCommand,
    BookingConfirmAttendanceCommand,
    BookingDeclineCommand,
    BookingNoShowCommand,
    BookingReassignCommand,
    BookingRequestCommand,
    BookingRescheduleCommand,
    ClientDeleteCommand,
    ClientEraseCommand,
    ClientOptInCommand,
    ClientOptOutCommand,
    ClientRegisterCommand,
    ClientUnsuppressCommand,
    ClientUpdateCommand,
    ClientVerifyEmailCommand,
    InboxPostCommand,
    NoticeSendCommand,
    PaymentAcceptCommand,
    PaymentDeclineCommand,
    PaymentRequestCommand,
    QueueAcceptCommand,
    QueueDeclineCommand,
    QueueJoinCommand,
    QueueLeaveCommand,
    SaleRecordCommand,
    SessionCancelCommand,
    SessionRescheduleCommand,
    SessionResizeCommand,
    SessionScheduleCommand,
    TemplateResetCommand,
    TemplateSetCommand,
    TenantConfigureCommand,
]
"""A command: its type and its data."""


class BookingChangedEvent(TypedDict):
    datacontenttype: str
    """Always `application/json`."""
    id: str
    """Drop a second event of the same id: events are published at least once."""
    sequence: str
    """The place in the order of events, as 20 digits, so that text order is event order. With several partitions each has an order of its own."""
    source: str
    """Always `/bellhop`."""
    specversion: Literal["1.0"]
    """The version of CloudEvents."""
    tenant: str
    """Whose business it is."""
    time: str
    """When it was decided (UTC)."""
    causationid: NotRequired[str]
    """The id of the command that caused it."""
    partition: NotRequired[Optional[int]]
    """Where there are several partitions, which one's order `sequence` is of. A tenant's events are all in one."""
    traceparent: NotRequired[str]
    """The trace of the command that caused it (W3C Trace Context), where that had one."""
    type: Literal["booking.changed"]
    data: BookingChanged


class ClientRepliedEvent(TypedDict):
    datacontenttype: str
    """Always `application/json`."""
    id: str
    """Drop a second event of the same id: events are published at least once."""
    sequence: str
    """The place in the order of events, as 20 digits, so that text order is event order. With several partitions each has an order of its own."""
    source: str
    """Always `/bellhop`."""
    specversion: Literal["1.0"]
    """The version of CloudEvents."""
    tenant: str
    """Whose business it is."""
    time: str
    """When it was decided (UTC)."""
    causationid: NotRequired[str]
    """The id of the command that caused it."""
    partition: NotRequired[Optional[int]]
    """Where there are several partitions, which one's order `sequence` is of. A tenant's events are all in one."""
    traceparent: NotRequired[str]
    """The trace of the command that caused it (W3C Trace Context), where that had one."""
    type: Literal["client.replied"]
    data: ClientReplied


class ClientSuppressedEvent(TypedDict):
    datacontenttype: str
    """Always `application/json`."""
    id: str
    """Drop a second event of the same id: events are published at least once."""
    sequence: str
    """The place in the order of events, as 20 digits, so that text order is event order. With several partitions each has an order of its own."""
    source: str
    """Always `/bellhop`."""
    specversion: Literal["1.0"]
    """The version of CloudEvents."""
    tenant: str
    """Whose business it is."""
    time: str
    """When it was decided (UTC)."""
    causationid: NotRequired[str]
    """The id of the command that caused it."""
    partition: NotRequired[Optional[int]]
    """Where there are several partitions, which one's order `sequence` is of. A tenant's events are all in one."""
    traceparent: NotRequired[str]
    """The trace of the command that caused it (W3C Trace Context), where that had one."""
    type: Literal["client.suppressed"]
    data: ClientSuppressed


class CommandAcceptedEvent(TypedDict):
    datacontenttype: str
    """Always `application/json`."""
    id: str
    """Drop a second event of the same id: events are published at least once."""
    sequence: str
    """The place in the order of events, as 20 digits, so that text order is event order. With several partitions each has an order of its own."""
    source: str
    """Always `/bellhop`."""
    specversion: Literal["1.0"]
    """The version of CloudEvents."""
    tenant: str
    """Whose business it is."""
    time: str
    """When it was decided (UTC)."""
    causationid: NotRequired[str]
    """The id of the command that caused it."""
    partition: NotRequired[Optional[int]]
    """Where there are several partitions, which one's order `sequence` is of. A tenant's events are all in one."""
    traceparent: NotRequired[str]
    """The trace of the command that caused it (W3C Trace Context), where that had one."""
    type: Literal["command.accepted"]
    data: CommandAccepted


class CommandRejectedEvent(TypedDict):
    datacontenttype: str
    """Always `application/json`."""
    id: str
    """Drop a second event of the same id: events are published at least once."""
    sequence: str
    """The place in the order of events, as 20 digits, so that text order is event order. With several partitions each has an order of its own."""
    source: str
    """Always `/bellhop`."""
    specversion: Literal["1.0"]
    """The version of CloudEvents."""
    tenant: str
    """Whose business it is."""
    time: str
    """When it was decided (UTC)."""
    causationid: NotRequired[str]
    """The id of the command that caused it."""
    partition: NotRequired[Optional[int]]
    """Where there are several partitions, which one's order `sequence` is of. A tenant's events are all in one."""
    traceparent: NotRequired[str]
    """The trace of the command that caused it (W3C Trace Context), where that had one."""
    type: Literal["command.rejected"]
    data: CommandRejected


class InboxReadEvent(TypedDict):
    datacontenttype: str
    """Always `application/json`."""
    id: str
    """Drop a second event of the same id: events are published at least once."""
    sequence: str
    """The place in the order of events, as 20 digits, so that text order is event order. With several partitions each has an order of its own."""
    source: str
    """Always `/bellhop`."""
    specversion: Literal["1.0"]
    """The version of CloudEvents."""
    tenant: str
    """Whose business it is."""
    time: str
    """When it was decided (UTC)."""
    causationid: NotRequired[str]
    """The id of the command that caused it."""
    partition: NotRequired[Optional[int]]
    """Where there are several partitions, which one's order `sequence` is of. A tenant's events are all in one."""
    traceparent: NotRequired[str]
    """The trace of the command that caused it (W3C Trace Context), where that had one."""
    type: Literal["inbox.read"]
    data: InboxRead


class MessageComplainedEvent(TypedDict):
    datacontenttype: str
    """Always `application/json`."""
    id: str
    """Drop a second event of the same id: events are published at least once."""
    sequence: str
    """The place in the order of events, as 20 digits, so that text order is event order. With several partitions each has an order of its own."""
    source: str
    """Always `/bellhop`."""
    specversion: Literal["1.0"]
    """The version of CloudEvents."""
    tenant: str
    """Whose business it is."""
    time: str
    """When it was decided (UTC)."""
    causationid: NotRequired[str]
    """The id of the command that caused it."""
    partition: NotRequired[Optional[int]]
    """Where there are several partitions, which one's order `sequence` is of. A tenant's events are all in one."""
    traceparent: NotRequired[str]
    """The trace of the command that caused it (W3C Trace Context), where that had one."""
    type: Literal["message.complained"]
    data: MessageFate


class MessageDeadEvent(TypedDict):
    datacontenttype: str
    """Always `application/json`."""
    id: str
    """Drop a second event of the same id: events are published at least once."""
    sequence: str
    """The place in the order of events, as 20 digits, so that text order is event order. With several partitions each has an order of its own."""
    source: str
    """Always `/bellhop`."""
    specversion: Literal["1.0"]
    """The version of CloudEvents."""
    tenant: str
    """Whose business it is."""
    time: str
    """When it was decided (UTC)."""
    causationid: NotRequired[str]
    """The id of the command that caused it."""
    partition: NotRequired[Optional[int]]
    """Where there are several partitions, which one's order `sequence` is of. A tenant's events are all in one."""
    traceparent: NotRequired[str]
    """The trace of the command that caused it (W3C Trace Context), where that had one."""
    type: Literal["message.dead"]
    data: MessageFate


class MessageDeliveredEvent(TypedDict):
    datacontenttype: str
    """Always `application/json`."""
    id: str
    """Drop a second event of the same id: events are published at least once."""
    sequence: str
    """The place in the order of events, as 20 digits, so that text order is event order. With several partitions each has an order of its own."""
    source: str
    """Always `/bellhop`."""
    specversion: Literal["1.0"]
    """The version of CloudEvents."""
    tenant: str
    """Whose business it is."""
    time: str
    """When it was decided (UTC)."""
    causationid: NotRequired[str]
    """The id of the command that caused it."""
    partition: NotRequired[Optional[int]]
    """Where there are several partitions, which one's order `sequence` is of. A tenant's events are all in one."""
    traceparent: NotRequired[str]
    """The trace of the command that caused it (W3C Trace Context), where that had one."""
    type: Literal["message.delivered"]
    data: MessageFate


class MessageDiscardedEvent(TypedDict):
    datacontenttype: str
    """Always `application/json`."""
    id: str
    """Drop a second event of the same id: events are published at least once."""
    sequence: str
    """The place in the order of events, as 20 digits, so that text order is event order. With several partitions each has an order of its own."""
    source: str
    """Always `/bellhop`."""
    specversion: Literal["1.0"]
    """The version of CloudEvents."""
    tenant: str
    """Whose business it is."""
    time: str
    """When it was decided (UTC)."""
    causationid: NotRequired[str]
    """The id of the command that caused it."""
    partition: NotRequired[Optional[int]]
    """Where there are several partitions, which one's order `sequence` is of. A tenant's events are all in one."""
    traceparent: NotRequired[str]
    """The trace of the command that caused it (W3C Trace Context), where that had one."""
    type: Literal["message.discarded"]
    data: MessageFate


class MessageExpiredEvent(TypedDict):
    datacontenttype: str
    """Always `application/json`."""
    id: str
    """Drop a second event of the same id: events are published at least once."""
    sequence: str
    """The place in the order of events, as 20 digits, so that text order is event order. With several partitions each has an order of its own."""
    source: str
    """Always `/bellhop`."""
    specversion: Literal["1.0"]
    """The version of CloudEvents."""
    tenant: str
    """Whose business it is."""
    time: str
    """When it was decided (UTC)."""
    causationid: NotRequired[str]
    """The id of the command that caused it."""
    partition: NotRequired[Optional[int]]
    """Where there are several partitions, which one's order `sequence` is of. A tenant's events are all in one."""
    traceparent: NotRequired[str]
    """The trace of the command that caused it (W3C Trace Context), where that had one."""
    type: Literal["message.expired"]
    data: MessageFate


class MessageRetryingEvent(TypedDict):
    datacontenttype: str
    """Always `application/json`."""
    id: str
    """Drop a second event of the same id: events are published at least once."""
    sequence: str
    """The place in the order of events, as 20 digits, so that text order is event order. With several partitions each has an order of its own."""
    source: str
    """Always `/bellhop`."""
    specversion: Literal["1.0"]
    """The version of CloudEvents."""
    tenant: str
    """Whose business it is."""
    time: str
    """When it was decided (UTC)."""
    causationid: NotRequired[str]
    """The id of the command that caused it."""
    partition: NotRequired[Optional[int]]
    """Where there are several partitions, which one's order `sequence` is of. A tenant's events are all in one."""
    traceparent: NotRequired[str]
    """The trace of the command that caused it (W3C Trace Context), where that had one."""
    type: Literal["message.retrying"]
    data: MessageRetrying


class MessageSentEvent(TypedDict):
    datacontenttype: str
    """Always `application/json`."""
    id: str
    """Drop a second event of the same id: events are published at least once."""
    sequence: str
    """The place in the order of events, as 20 digits, so that text order is event order. With several partitions each has an order of its own."""
    source: str
    """Always `/bellhop`."""
    specversion: Literal["1.0"]
    """The version of CloudEvents."""
    tenant: str
    """Whose business it is."""
    time: str
    """When it was decided (UTC)."""
    causationid: NotRequired[str]
    """The id of the command that caused it."""
    partition: NotRequired[Optional[int]]
    """Where there are several partitions, which one's order `sequence` is of. A tenant's events are all in one."""
    traceparent: NotRequired[str]
    """The trace of the command that caused it (W3C Trace Context), where that had one."""
    type: Literal["message.sent"]
    data: MessageFate


class MessageSkippedEvent(TypedDict):
    datacontenttype: str
    """Always `application/json`."""
    id: str
    """Drop a second event of the same id: events are published at least once."""
    sequence: str
    """The place in the order of events, as 20 digits, so that text order is event order. With several partitions each has an order of its own."""
    source: str
    """Always `/bellhop`."""
    specversion: Literal["1.0"]
    """The version of CloudEvents."""
    tenant: str
    """Whose business it is."""
    time: str
    """When it was decided (UTC)."""
    causationid: NotRequired[str]
    """The id of the command that caused it."""
    partition: NotRequired[Optional[int]]
    """Where there are several partitions, which one's order `sequence` is of. A tenant's events are all in one."""
    traceparent: NotRequired[str]
    """The trace of the command that caused it (W3C Trace Context), where that had one."""
    type: Literal["message.skipped"]
    data: MessageSkipped


class MessageUndeliveredEvent(TypedDict):
    datacontenttype: str
    """Always `application/json`."""
    id: str
    """Drop a second event of the same id: events are published at least once."""
    sequence: str
    """The place in the order of events, as 20 digits, so that text order is event order. With several partitions each has an order of its own."""
    source: str
    """Always `/bellhop`."""
    specversion: Literal["1.0"]
    """The version of CloudEvents."""
    tenant: str
    """Whose business it is."""
    time: str
    """When it was decided (UTC)."""
    causationid: NotRequired[str]
    """The id of the command that caused it."""
    partition: NotRequired[Optional[int]]
    """Where there are several partitions, which one's order `sequence` is of. A tenant's events are all in one."""
    traceparent: NotRequired[str]
    """The trace of the command that caused it (W3C Trace Context), where that had one."""
    type: Literal["message.undelivered"]
    data: MessageUndelivered


class MessageUnknownEvent(TypedDict):
    datacontenttype: str
    """Always `application/json`."""
    id: str
    """Drop a second event of the same id: events are published at least once."""
    sequence: str
    """The place in the order of events, as 20 digits, so that text order is event order. With several partitions each has an order of its own."""
    source: str
    """Always `/bellhop`."""
    specversion: Literal["1.0"]
    """The version of CloudEvents."""
    tenant: str
    """Whose business it is."""
    time: str
    """When it was decided (UTC)."""
    causationid: NotRequired[str]
    """The id of the command that caused it."""
    partition: NotRequired[Optional[int]]
    """Where there are several partitions, which one's order `sequence` is of. A tenant's events are all in one."""
    traceparent: NotRequired[str]
    """The trace of the command that caused it (W3C Trace Context), where that had one."""
    type: Literal["message.unknown"]
    data: MessageFate


class MessageWithdrawnEvent(TypedDict):
    datacontenttype: str
    """Always `application/json`."""
    id: str
    """Drop a second event of the same id: events are published at least once."""
    sequence: str
    """The place in the order of events, as 20 digits, so that text order is event order. With several partitions each has an order of its own."""
    source: str
    """Always `/bellhop`."""
    specversion: Literal["1.0"]
    """The version of CloudEvents."""
    tenant: str
    """Whose business it is."""
    time: str
    """When it was decided (UTC)."""
    causationid: NotRequired[str]
    """The id of the command that caused it."""
    partition: NotRequired[Optional[int]]
    """Where there are several partitions, which one's order `sequence` is of. A tenant's events are all in one."""
    traceparent: NotRequired[str]
    """The trace of the command that caused it (W3C Trace Context), where that had one."""
    type: Literal["message.withdrawn"]
    data: MessageFate


class PaymentChangedEvent(TypedDict):
    datacontenttype: str
    """Always `application/json`."""
    id: str
    """Drop a second event of the same id: events are published at least once."""
    sequence: str
    """The place in the order of events, as 20 digits, so that text order is event order. With several partitions each has an order of its own."""
    source: str
    """Always `/bellhop`."""
    specversion: Literal["1.0"]
    """The version of CloudEvents."""
    tenant: str
    """Whose business it is."""
    time: str
    """When it was decided (UTC)."""
    causationid: NotRequired[str]
    """The id of the command that caused it."""
    partition: NotRequired[Optional[int]]
    """Where there are several partitions, which one's order `sequence` is of. A tenant's events are all in one."""
    traceparent: NotRequired[str]
    """The trace of the command that caused it (W3C Trace Context), where that had one."""
    type: Literal["payment.changed"]
    data: PaymentChanged


class QueueChangedEvent(TypedDict):
    datacontenttype: str
    """Always `application/json`."""
    id: str
    """Drop a second event of the same id: events are published at least once."""
    sequence: str
    """The place in the order of events, as 20 digits, so that text order is event order. With several partitions each has an order of its own."""
    source: str
    """Always `/bellhop`."""
    specversion: Literal["1.0"]
    """The version of CloudEvents."""
    tenant: str
    """Whose business it is."""
    time: str
    """When it was decided (UTC)."""
    causationid: NotRequired[str]
    """The id of the command that caused it."""
    partition: NotRequired[Optional[int]]
    """Where there are several partitions, which one's order `sequence` is of. A tenant's events are all in one."""
    traceparent: NotRequired[str]
    """The trace of the command that caused it (W3C Trace Context), where that had one."""
    type: Literal["queue.changed"]
    data: QueueChanged


class SessionChangedEvent(TypedDict):
    datacontenttype: str
    """Always `application/json`."""
    id: str
    """Drop a second event of the same id: events are published at least once."""
    sequence: str
    """The place in the order of events, as 20 digits, so that text order is event order. With several partitions each has an order of its own."""
    source: str
    """Always `/bellhop`."""
    specversion: Literal["1.0"]
    """The version of CloudEvents."""
    tenant: str
    """Whose business it is."""
    time: str
    """When it was decided (UTC)."""
    causationid: NotRequired[str]
    """The id of the command that caused it."""
    partition: NotRequired[Optional[int]]
    """Where there are several partitions, which one's order `sequence` is of. A tenant's events are all in one."""
    traceparent: NotRequired[str]
    """The trace of the command that caused it (W3C Trace Context), where that had one."""
    type: Literal["session.changed"]
    data: SessionChanged


Event = Union[
    BookingChangedEvent,
    ClientRepliedEvent,
    ClientSuppressedEvent,
    CommandAcceptedEvent,
    CommandRejectedEvent,
    InboxReadEvent,
    MessageComplainedEvent,
    MessageDeadEvent,
    MessageDeliveredEvent,
    MessageDiscardedEvent,
    MessageExpiredEvent,
    MessageRetryingEvent,
    MessageSentEvent,
    MessageSkippedEvent,
    MessageUndeliveredEvent,
    MessageUnknownEvent,
    MessageWithdrawnEvent,
    PaymentChangedEvent,
    QueueChangedEvent,
    SessionChangedEvent,
]
"""An event in its CloudEvents envelope."""
