//! Values to try a tenant's own text on: everything known, and as little as can be.

use std::borrow::Cow;

use crate::content::clocks::Moment;
use crate::content::variables::needs_link;
use crate::content::view::View;
use crate::domain::booking::Party;
use crate::domain::kind::Kind;

/// The samples of a kind; without a link where there need not be one.
pub(super) fn views(kind: Kind) -> [View<'static>; 2] {
    let bare = bare();
    let link = bare.link.clone().filter(|_| needs_link(kind));
    [full(), View { link, ..bare }]
}

/// Everything known.
pub(in crate::content) fn full() -> View<'static> {
    View {
        client: Cow::Borrowed("Anna Rossi"),
        tenant: Cow::Borrowed("Salone Uno"),
        service: Some(Cow::Borrowed("Haircut")),
        location: Some(Cow::Borrowed("Via Roma 1, Milano")),
        bring: Some(Cow::Borrowed("A towel")),
        when: Some(moment("18:00")),
        by: Some(Party::Staff),
        reason: Some(Cow::Borrowed("Marco is ill.")),
        moved_from: Some(moment("16:00")),
        awaits_confirmation: true,
        too_few: true,
        cancelled: true,
        until: Some(moment("17:30")),
        shared: true,
        passed_on: true,
        accepted: true,
        amount: Some("€12.50".to_owned()),
        payment: Some(Cow::Borrowed("P-1042")),
        direct: true,
        description: Some(Cow::Borrowed("10 lessons")),
        balance: Some(Cow::Borrowed("8 lessons")),
        link: Some(Cow::Borrowed("https://example.com/a/b?c=d")),
        required: true,
        title: Some(Cow::Borrowed("Closed on Friday")),
        body: Some(Cow::Borrowed("We are back on Monday.")),
        last_visit: Some(moment("18:00")),
    }
}

fn bare() -> View<'static> {
    View {
        client: Cow::Borrowed("Anna Rossi"),
        tenant: Cow::Borrowed("Salone Uno"),
        when: Some(moment("18:00")),
        reason: None,
        amount: Some("€12.50".to_owned()),
        payment: Some(Cow::Borrowed("P-1042")),
        description: Some(Cow::Borrowed("10 lessons")),
        link: Some(Cow::Borrowed("https://example.com/a/b?c=d")),
        title: Some(Cow::Borrowed("Closed on Friday")),
        body: Some(Cow::Borrowed("We are back on Monday.")),
        last_visit: Some(moment("18:00")),
        ..View::default()
    }
}

fn moment(time: &str) -> Moment {
    Moment {
        full: format!("Thursday, 10 December 2026 at {time}"),
        brief: format!("Thu 10 Dec 2026, {time}"),
        short: format!("Thu 10 Dec 2026 {time}"),
        date: "Thursday, 10 December 2026".to_owned(),
        time: time.to_owned(),
        weekday: "Thursday".to_owned(),
    }
}
