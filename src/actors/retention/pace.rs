//! How much goes at once, and how long it is waited then: whoever commits is not to notice.

use std::time::Duration;

use crate::store::{Shed, What};

/// So long a transaction is to take: a commit waits for one of them at most.
const TARGET: Duration = Duration::from_millis(4);
/// Fewer are not worth a transaction…
const ROWS_MIN: usize = 8;
/// …and more are too much memory at once.
const ROWS_MAX: usize = 500;
/// What the last transaction counts for, against all before it.
const SHARE_OF_LAST: u64 = 4;

/// A pause is so many times what the writer was taken for…
const REST: u32 = 9;
/// …and so many times that, where so many wait for it.
const REST_WHERE_QUEUED: u32 = 4;
const QUEUED: u64 = 32;
const PAUSE_MIN: Duration = Duration::from_millis(1);
/// However slow it all is, something goes.
const PAUSE_MAX: Duration = Duration::from_secs(2);
/// Who only looks keeps nobody waiting, but takes a part of the machine.
const REST_OF_LOOKING: u32 = 4;

/// What goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sort {
    Rows(What),
    /// Of the file.
    Pages,
}

impl Sort {
    fn place(self) -> usize {
        match self {
            Self::Rows(what) => what as usize,
            Self::Pages => What::ALL.len(),
        }
    }
}

/// What a row took lately, of each sort, in nanoseconds.
#[derive(Debug)]
pub struct Pace([u64; What::ALL.len() + 1]);

impl Default for Pace {
    /// As if the disk were slow, until it has shown how it is.
    fn default() -> Self {
        Self([each(TARGET, ROWS_MIN); What::ALL.len() + 1])
    }
}

impl Pace {
    /// How many go in the next transaction.
    pub fn most(&self, sort: Sort) -> usize {
        let target = u64::try_from(TARGET.as_nanos()).unwrap_or(u64::MAX);
        let rows = target / self.0[sort.place()].max(1);
        usize::try_from(rows).unwrap_or(usize::MAX).clamp(ROWS_MIN, ROWS_MAX)
    }

    /// So many took so long.
    pub fn took(&mut self, sort: Sort, rows: usize, took: Duration) {
        let row = &mut self.0[sort.place()];
        let others = row.saturating_mul(SHARE_OF_LAST - 1);
        *row = others.saturating_add(each(took, rows)) / SHARE_OF_LAST;
    }
}

fn each(took: Duration, rows: usize) -> u64 {
    let rows = u64::try_from(rows).unwrap_or(u64::MAX).max(1);
    u64::try_from(took.as_nanos()).unwrap_or(u64::MAX) / rows
}

/// How long it is waited after a transaction, while so many wait for the one that writes. Where
/// commits are slow, so is getting at the writer.
pub fn after(shed: &Shed, waiting: u64) -> Duration {
    let rest = if waiting >= QUEUED { REST * REST_WHERE_QUEUED } else { REST };
    let pause = shed.took.saturating_mul(rest).saturating_add(shed.waited.saturating_mul(2));
    pause.clamp(PAUSE_MIN, PAUSE_MAX)
}

/// How long it is waited after looking for what is old.
pub fn after_looking(took: Duration) -> Duration {
    took.saturating_mul(REST_OF_LOOKING).clamp(PAUSE_MIN, PAUSE_MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ms(ms: u64) -> Duration {
        Duration::from_millis(ms)
    }

    #[test]
    fn as_much_goes_as_is_written_in_its_time() {
        let mut pace = Pace::default();
        let (inbox, audit) = (Sort::Rows(What::Inbox), Sort::Rows(What::Audit));
        assert_eq!(pace.most(inbox), ROWS_MIN, "nothing is known");
        (0..50).for_each(|_| pace.took(inbox, 100, ms(4)));
        assert!((95..=105).contains(&pace.most(inbox)), "{}", pace.most(inbox));
        assert_eq!(pace.most(audit), ROWS_MIN, "another sort");
        (0..50).for_each(|_| pace.took(Sort::Pages, 500, ms(1)));
        assert_eq!(pace.most(Sort::Pages), ROWS_MAX);
        pace.took(inbox, 100, ms(5000));
        assert_eq!(pace.most(inbox), ROWS_MIN, "a disk that hangs");
        (0..50).for_each(|_| pace.took(inbox, 8, ms(1)));
        assert!((30..=34).contains(&pace.most(inbox)), "it is well again");
    }

    #[test]
    fn pauses_are_in_proportion_and_longer_where_others_write() {
        let shed = |took, waited| Shed { gone: 1, waited: ms(waited), took: ms(took) };
        for (took, waited, waiting, pause) in [
            (4, 0, 0, 36),
            (4, 0, 31, 36),
            (4, 0, 32, 144),
            (4, 25, 0, 86),
            (4, 25, 4096, 194),
            (0, 0, 0, 1),
            (500, 0, 0, 2000),
            (4, 5000, 0, 2000),
        ] {
            assert_eq!(after(&shed(took, waited), waiting), ms(pause), "{took} {waited} {waiting}");
        }
        assert_eq!([after_looking(ms(0)), after_looking(ms(3))], [ms(1), ms(12)]);
    }
}
