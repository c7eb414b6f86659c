//! A tenant's settings.

pub mod parts;

use schemars::JsonSchema;
use serde::Deserialize;

use crate::domain::channel::Channel;
use crate::domain::command::Command;
use crate::domain::id::ServiceId;
use crate::domain::kind::{Kind, Profile};
use crate::domain::locale::Locale;
use crate::domain::settings::{Approval, LastCall, LateReminder, Settings};
use crate::domain::zone::Zone;
use crate::wire::scalar::Parsed;
use crate::wire::scalar::app_link::AppLink;
use crate::wire::scalar::span::{Margin, OfferWindow};
use crate::wire::scalar::text::{Label, Name};
use crate::wire::shape::{Object, Table};
use crate::wire::whole::Whole;

use super::data::parsed;
use super::reminder::Reminders;
use parts::{
    Brand, Fallback, OtherChannels, Quiet, QuietSpan, Review, Sender, Service, Sms, Staff, WinBack,
};

/// The highest cap of notices in 24 hours; as many of their times are kept for each client.
pub const NOTICE_CAP_MAX: u32 = 100;
/// The most services of a tenant.
pub const SERVICES_MAX: usize = 1000;

/// Sets a tenant's whole settings: what is left out is the profile's default, whatever it was
/// before.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ConfigureTenant {
    /// The name that clients read.
    name: Parsed<Name>,
    /// The line of business; it sets which kinds of message are on.
    profile: Parsed<Profile>,
    /// The plan, one of those that the operator configured.
    plan: Parsed<Label>,
    /// The language where a client has none.
    locale: Parsed<Locale>,
    /// The venue's zone: dates are shown and lead times counted in it.
    timezone: Parsed<Zone>,
    /// Whether a client's booking stands at once or waits for staff.
    approval: Parsed<Approval>,
    /// Switches a kind of message on or off on a channel, against the profile's default.
    toggles: Option<Table<Kind, Table<Channel, bool, { Channel::ALL.len() }>, { Kind::ALL.len() }>>,
    /// Lead times of reminders; `["P1D"]` where left out, none if empty.
    reminders: Option<Reminders>,
    /// What can be booked, by id.
    services: Option<Table<ServiceId, Object<Service>, SERVICES_MAX>>,
    /// Who the messages come from; the installation's address where left out.
    sender: Option<Object<Sender>>,
    /// A daily span in which phones stay silent.
    #[schemars(with = "Option<QuietSpan>")]
    quiet_hours: Option<Quiet>,
    /// How long an offer of a free seat stands; PT30M where left out.
    offer_window: Option<Parsed<OfferWindow>>,
    /// With less time than this left, no offer of its own is made; PT5M where left out.
    offer_min: Option<Parsed<Margin>>,
    /// Offers end this long before the start; PT15M where left out.
    offer_cutoff: Option<Parsed<Margin>>,
    /// Whether the time of an offer made in quiet hours runs from their end; false where left out.
    offer_respects_quiet_hours: Option<bool>,
    /// When too little time is left for an offer: offer to everybody who waits, or to nobody;
    /// `stop` where left out.
    last_call: Option<Parsed<LastCall>>,
    /// What to do with a reminder whose lead time has passed at booking; `skip` where left out.
    late_reminder: Option<Parsed<LateReminder>>,
    /// How long before the start a delayed reminder is still sent; PT1H where left out.
    late_grace: Option<Parsed<Margin>>,
    /// When a review is asked for; never where left out.
    review: Option<Object<Review>>,
    /// When a client who stays away is written to; never where left out.
    win_back: Option<Object<WinBack>>,
    /// Manual notices by email per client in 24 hours; the profile's default where left out (2 for
    /// `classes`, unlimited for `appointments`).
    notice_cap: Option<Whole<0, NOTICE_CAP_MAX>>,
    /// Whether email goes to verified addresses only; true for `classes` where left out.
    require_verified_email: Option<bool>,
    /// Whether in-app payments are charged without asking; false where left out.
    direct_charge: Option<bool>,
    /// Whether mails about a booking carry a link by which the client cancels it or puts it into
    /// their calendar, where the installation has links; false where left out.
    client_links: Option<bool>,
    /// SMS segments per month; unlimited where left out.
    sms_quota: Option<Whole<0, { u32::MAX }>>,
    /// Which staff are told of what.
    staff: Option<Object<Staff>>,
    /// How mails look.
    brand: Option<Object<Brand>>,
    /// By which other channel goes what is given up on a channel; none where left out. What takes
    /// the place of another falls back no further.
    #[schemars(with = "Option<OtherChannels>")]
    fallback: Option<Fallback>,
    /// Where in the app a notification of a kind leads; `{booking}` stands for the booking's id.
    app_links: Option<Table<Kind, Parsed<AppLink>, { Kind::ALL.len() }>>,
    /// How text messages are written, and answered.
    sms: Option<Object<Sms>>,
}

commands! {
    ConfigureTenant "tenant.configure"
        r##"{"name":"Salone Uno","profile":"appointments","plan":"pro","locale":"it","timezone":"Europe/Rome","approval":"manual","toggles":{"booking.declined":{"sms":false}},"reminders":["P1D",{"days_before":0,"at":"08:00"}],"services":{"haircut":{"name":"Taglio","duration":"PT45M"}},"sender":{"name":"Salone Uno","reply_to":"ciao@salone.example"},"quiet_hours":{"from":"21:00","to":"08:00"},"brand":{"color":"#1f9d61"}}"##
        |data| Command::ConfigureTenant(Box::new(data.into_settings()));
}

impl ConfigureTenant {
    fn into_settings(self) -> Settings {
        let mut all = Settings::of_profile(&self.name.0.0, self.profile.0);
        all.plan = self.plan.0.0;
        all.locale = self.locale.0;
        all.timezone = self.timezone.0;
        all.approval = self.approval.0;
        if let Some(Table(kinds)) = self.toggles {
            all.toggles = kinds.into_iter().map(|(kind, Table(on))| (kind, on)).collect();
        }
        replace(&mut all.reminders, self.reminders.map(Into::into));
        if let Some(Table(services)) = self.services {
            all.services =
                services.into_iter().map(|(id, Object(service))| (id, service.into())).collect();
        }
        replace(&mut all.sender, self.sender.map(|Object(sender)| sender.into()));
        all.quiet_hours = self.quiet_hours.map(|Quiet(hours)| hours);
        replace(&mut all.offer.window, self.offer_window.map(|span| span.0.0));
        replace(&mut all.offer.min, self.offer_min.map(|span| span.0.0));
        replace(&mut all.offer.cutoff, self.offer_cutoff.map(|span| span.0.0));
        replace(&mut all.offer.respects_quiet_hours, self.offer_respects_quiet_hours);
        replace(&mut all.offer.last_call, parsed(self.last_call));
        replace(&mut all.late_reminder, parsed(self.late_reminder));
        replace(&mut all.late_grace, self.late_grace.map(|span| span.0.0));
        all.review = self.review.map(|Object(review)| review.into());
        all.win_back_after = self.win_back.map(|Object(win_back)| win_back.after.0.0);
        all.notice_cap = self.notice_cap.map(|cap| cap.0).or(all.notice_cap);
        replace(&mut all.require_verified_email, self.require_verified_email);
        replace(&mut all.direct_charge, self.direct_charge);
        replace(&mut all.client_links, self.client_links);
        all.sms_quota = self.sms_quota.map(|quota| quota.0).or(all.sms_quota);
        all.staff = self.staff.map(|Object(staff)| staff.into());
        all.fallback = self.fallback.map(|Fallback(ways)| ways).unwrap_or_default();
        if let Some(Table(links)) = self.app_links {
            let links = links.into_iter().map(|(kind, Parsed(AppLink(link)))| (kind, link));
            all.app_links = links.collect();
        }
        replace(&mut all.sms, self.sms.map(|Object(sms)| sms.into()));
        all.color = self.brand.and_then(|Object(brand)| parsed(brand.color));
        all
    }
}

fn replace<T>(default: &mut T, given: Option<T>) {
    if let Some(given) = given {
        *default = given;
    }
}

#[cfg(test)]
mod tests;
