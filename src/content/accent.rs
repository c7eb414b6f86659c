//! The colour of a mail.

use crate::domain::kind::Kind;
use crate::domain::settings::Color;

/// On which of black and white text reads better is told by this relative luminance: both have
/// the same contrast there (WCAG 2.2, "contrast ratio").
const EVEN_LUMINANCE: f64 = 0.179;

/// The colour at the head of the card and of the button: the tenant's own where it has one, else
/// by what is told: good news, a wait, bad news, a change, anything else.
pub(super) fn accent(color: Option<&Color>, kind: Kind) -> &str {
    if let Some(color) = color {
        return color.as_str();
    }
    match kind {
        Kind::BookingConfirmed
        | Kind::QueueAccepted
        | Kind::QueueOffered
        | Kind::PaymentReceipt => "#1a7f4f",
        Kind::BookingPending | Kind::AttendanceCheck => "#d99a1c",
        Kind::BookingDeclined
        | Kind::BookingCancelled
        | Kind::SessionCancelled
        | Kind::QueueExpired
        | Kind::QueueClosed => "#c8483f",
        Kind::BookingRescheduled => "#2f6fde",
        _ => "#5a67d8",
    }
}

/// The colour of text on that colour.
pub(super) fn ink_on(color: &str) -> &'static str {
    if luminance(color) > EVEN_LUMINANCE { "#1b2126" } else { "#ffffff" }
}

/// Relative luminance, from 0 to 1 (WCAG 2.2); 0 for what is no `#rrggbb`.
fn luminance(color: &str) -> f64 {
    let channel = |at: usize| {
        let byte = color.get(at..at + 2).and_then(|digits| u8::from_str_radix(digits, 16).ok());
        let share = f64::from(byte.unwrap_or(0)) / 255.0;
        if share <= 0.040_45 { share / 12.92 } else { ((share + 0.055) / 1.055).powf(2.4) }
    };
    0.2126 * channel(1) + 0.7152 * channel(3) + 0.0722 * channel(5)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_reads_on_every_colour() {
        for (color, ink) in [
            ("#ffffff", "#1b2126"),
            ("#ffe066", "#1b2126"),
            ("#000000", "#ffffff"),
            ("#5a67d8", "#ffffff"),
        ] {
            assert_eq!(ink_on(color), ink, "{color}");
        }
    }

    #[test]
    fn a_tenant_s_colour_comes_first() {
        let own = Color::parse("#ABCDEF").unwrap();
        assert_eq!(accent(Some(&own), Kind::BookingConfirmed), "#abcdef");
        assert_eq!(accent(None, Kind::BookingConfirmed), "#1a7f4f");
    }
}
