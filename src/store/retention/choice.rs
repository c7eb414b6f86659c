//! Which rows are to go.

use std::collections::HashSet;

use uuid::Uuid;

use super::{Candidate, Key, Page, What};

/// What becomes of a page.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Choice {
    /// The rows that are to go, in order.
    pub keys: Vec<Key>,
    /// Since when the first that is to go was only kept.
    pub oldest_ms: Option<i64>,
    /// Behind which to go on; nothing where there can be no more.
    pub next: Option<Key>,
}

/// Which rows of a page have been kept since before `cut_ms`. A row from the future (the clock was
/// set) does not tell how old those behind it are.
pub fn choose(what: What, page: Page, cut_ms: i64, now_ms: i64) -> Choice {
    let Page { candidates, next, others } = page;
    let is_old = |row: &Candidate| row.since_ms.is_some_and(|since| since < cut_ms);
    let is_young = |row: &Candidate| {
        row.since_ms.is_some_and(|since| (cut_ms..=now_ms.max(cut_ms)).contains(&since))
    };
    let oldest_ms =
        candidates.iter().filter(|row| is_old(row)).filter_map(|row| row.since_ms).min();
    let over = what.is_in_order() && oldest_ms.is_none() && candidates.iter().any(is_young);
    let next = if over { others } else { next };
    let keys: Vec<Key> = match what {
        // What stands before an old event is as old, whatever its clock said.
        What::Events => {
            let old = candidates.iter().rposition(is_old).map_or(0, |last| last + 1);
            candidates.into_iter().take(old).map(|row| row.key).collect()
        }
        What::Tellings => chained(candidates.iter().filter(|row| is_old(row))),
        _ => candidates.into_iter().filter(is_old).map(|row| row.key).collect(),
    };
    // Of a job only a part goes at once: it is looked at again.
    let again = what == What::Jobs && !keys.is_empty();
    let next = if again { Some(Key::Id(Uuid::nil())) } else { next };
    Choice { oldest_ms: oldest_ms.filter(|_| !keys.is_empty()), keys, next }
}

/// Those whose tenant told nothing before them that stays.
fn chained<'a>(old: impl Iterator<Item = &'a Candidate>) -> Vec<Key> {
    let mut gone = HashSet::new();
    let mut keys = Vec::new();
    for row in old {
        let Key::Number(seq) = row.key else { continue };
        if row.behind.is_none_or(|before| gone.contains(&before)) {
            gone.insert(seq);
            keys.push(Key::Number(seq));
        }
    }
    keys
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page(rows: &[(i64, Option<i64>, Option<i64>)]) -> Page {
        let candidate = |(key, since_ms, behind): &(i64, Option<i64>, Option<i64>)| Candidate {
            key: Key::Number(*key),
            since_ms: *since_ms,
            behind: *behind,
        };
        let candidates: Vec<Candidate> = rows.iter().map(candidate).collect();
        let next = candidates.last().map(|row| row.key.clone());
        Page { candidates, next, others: Some(Key::Number(1000)) }
    }

    const CUT: i64 = 100;
    const NOW: i64 = 200;

    /// The chosen keys, and behind which it goes on.
    fn chosen(what: What, rows: &[(i64, Option<i64>, Option<i64>)]) -> (Vec<i64>, Option<i64>) {
        let number = |key: &Key| match key {
            Key::Number(number) => *number,
            other => panic!("{other:?}"),
        };
        let choice = choose(what, page(rows), CUT, NOW);
        (choice.keys.iter().map(number).collect(), choice.next.as_ref().map(number))
    }

    #[test]
    fn what_was_kept_before_the_cut_goes_and_nothing_else() {
        let rows = [(1, Some(99), None), (2, Some(100), None), (3, None, None), (4, Some(0), None)];
        for what in [What::Messages, What::Inbox, What::Mailbox, What::Audit, What::LaidAside] {
            assert_eq!(chosen(what, &rows), (vec![1, 4], Some(4)), "{what:?}");
        }
        let choice = choose(What::Messages, page(&rows), CUT, NOW);
        assert_eq!(choice.oldest_ms, Some(0));
    }

    #[test]
    fn where_age_follows_the_key_nothing_is_looked_for_behind_what_is_young() {
        let young = [(1, Some(150), None), (2, Some(160), None)];
        for what in [What::Mailbox, What::Audit, What::LaidAside, What::Tellings] {
            assert_eq!(chosen(what, &young), (vec![], Some(1000)), "{what:?}");
        }
        for what in [What::Messages, What::Inbox] {
            assert_eq!(chosen(what, &young), (vec![], Some(2)), "{what:?}");
        }
        let future = [(1, Some(900), None), (2, None, None)];
        assert_eq!(chosen(What::Audit, &future), (vec![], Some(2)), "says nothing of the next");
    }

    #[test]
    fn events_go_from_the_first_to_the_last_that_is_old() {
        let rows = [(1, Some(50), None), (2, Some(900), None), (3, Some(60), None)];
        assert_eq!(chosen(What::Events, &rows), (vec![1, 2, 3], Some(3)));
        let rows = [(1, Some(50), None), (2, Some(150), None)];
        assert_eq!(chosen(What::Events, &rows), (vec![1], Some(2)));
        let young = [(7, Some(150), None)];
        assert_eq!(chosen(What::Events, &young), (vec![], Some(1000)), "another partition's");
    }

    #[test]
    fn a_telling_goes_only_behind_what_its_tenant_told_before() {
        let rows = [
            (1, Some(50), None),
            // In use: a message of it is still there.
            (2, None, None),
            (3, Some(60), Some(1)),
            (4, Some(70), Some(2)),
            (5, Some(80), Some(4)),
            (6, Some(90), Some(3)),
        ];
        assert_eq!(chosen(What::Tellings, &rows), (vec![1, 3, 6], Some(6)));
    }

    #[test]
    fn a_job_is_looked_at_again_until_it_is_gone() {
        let rows = |since_ms| {
            let key = Key::Id(Uuid::max());
            let candidates = vec![Candidate { key, since_ms: Some(since_ms), behind: None }];
            Page { candidates, ..Page::default() }
        };
        let first = Some(Key::Id(Uuid::nil()));
        assert_eq!(choose(What::Jobs, rows(50), CUT, NOW).next, first);
        assert_eq!(choose(What::Jobs, rows(150), CUT, NOW), Choice::default());
    }
}
