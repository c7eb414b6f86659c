//! Several dates in one text: those of a series, which are told together.
//!
//! The first dates are written out, and how many more there are. One more is never counted: it is
//! written out as well.

use serde::Deserialize;

use super::clocks::Moment;

/// The most dates of a sentence or a table.
pub(super) const IN_FULL_MAX: usize = 10;
/// The most dates of a subject line.
const BRIEF_MAX: usize = 1;
/// The most dates of an SMS.
const SHORT_MAX: usize = 3;
/// Dates may hold commas.
const BETWEEN: &str = "; ";

/// How a language writes a list. There are `{before}`, `{last}` and `{count}`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Together {
    /// Where the last one is written out.
    and: String,
    /// Where so many are left out.
    more: String,
}

/// How many of so many are written out.
pub(super) fn shown(count: usize, most: usize) -> usize {
    if count <= most + 1 { count } else { most }
}

impl Together {
    /// The moments of all in one. Its day and time are those of the first.
    pub fn moment(&self, all: &[Moment]) -> Option<Moment> {
        let first = all.first()?;
        Some(Moment {
            full: self.list(all, IN_FULL_MAX, |moment| &moment.full),
            brief: self.list(all, BRIEF_MAX, |moment| &moment.brief),
            short: self.list(all, SHORT_MAX, |moment| &moment.short),
            ..first.clone()
        })
    }

    fn list<'m>(
        &self,
        all: &'m [Moment],
        most: usize,
        text: impl Fn(&'m Moment) -> &'m String,
    ) -> String {
        let texts: Vec<&str> =
            all.iter().take(shown(all.len(), most)).map(|moment| text(moment).as_str()).collect();
        let left_out = all.len() - texts.len();
        match texts.as_slice() {
            [before @ .., last] if left_out == 0 && !before.is_empty() => {
                self.and.replace("{before}", &before.join(BETWEEN)).replace("{last}", last)
            }
            all if left_out == 0 => all.concat(),
            all => {
                let more = self.more.replace("{before}", &all.join(BETWEEN));
                more.replace("{count}", &left_out.to_string())
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn moments(count: usize) -> Vec<Moment> {
        let named = |name: String| Moment {
            full: format!("day {name}"),
            brief: format!("d {name}"),
            short: name,
            date: String::new(),
            time: String::new(),
            weekday: String::new(),
        };
        (1..=count).map(|number| named(number.to_string())).collect()
    }

    #[test]
    fn the_first_are_written_out_and_the_others_counted() {
        let more = "{before} and {count} more".to_owned();
        let together = Together { and: "{before} and {last}".to_owned(), more };
        let table = [
            (1, "day 1", "d 1", "1"),
            (2, "day 1 and day 2", "d 1 and d 2", "1 and 2"),
            (4, "day 1; day 2; day 3 and day 4", "d 1 and 3 more", "1; 2; 3 and 4"),
            (5, "day 1; day 2; day 3; day 4 and day 5", "d 1 and 4 more", "1; 2; 3 and 2 more"),
        ];
        for (count, full, brief, short) in table {
            let moment = together.moment(&moments(count)).unwrap();
            let said = [moment.full, moment.brief, moment.short];
            assert_eq!(said, [full, brief, short], "{count}");
        }
        let many = together.moment(&moments(12)).unwrap().full;
        assert!(many.ends_with("day 9; day 10 and 2 more"), "{many}");
    }
}
