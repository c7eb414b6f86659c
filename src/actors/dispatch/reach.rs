//! Which providers can carry a message at all, by the countries that they take.

use crate::actors::post::Post;
use crate::egress::Terms;
use crate::traffic::Set;

/// The beginnings of the numbers that each provider may carry; none: all.
#[derive(Debug, Clone)]
pub struct Reach(Vec<Vec<String>>);

impl Reach {
    /// By the order of the configuration.
    pub fn new(terms: &[Terms]) -> Self {
        let all = terms.iter().all(|terms| terms.countries.is_empty());
        let of_each = terms.iter().map(|terms| terms.countries.clone());
        Self(if all { Vec::new() } else { of_each.collect() })
    }

    /// The providers that cannot carry a message, whatever they would say.
    pub fn unable(&self, post: &Post) -> Set {
        if self.0.is_empty() {
            return Set::NONE;
        }
        let to = post.client.as_ref().and_then(|client| client.phone.known());
        to.map_or(Set::NONE, |to| self.not_to(to.as_str()))
    }

    fn not_to(&self, number: &str) -> Set {
        let carried = |beginning: &String| number.starts_with(beginning.as_str());
        let unable = self
            .0
            .iter()
            .enumerate()
            .filter(|(_, countries)| !countries.is_empty() && !countries.iter().any(carried));
        unable.fold(Set::NONE, |unable, (place, _)| unable.with(place))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_carries_a_number_is_known_by_its_beginning() {
        let countries = |all: &[&str]| all.iter().map(|of| (*of).to_owned()).collect();
        let reach = Reach(vec![countries(&["+39", "+33"]), countries(&[]), countries(&["+34"])]);
        let unable = |number| [0, 1, 2].map(|place| reach.not_to(number).contains(place));
        assert_eq!(unable("+393331234567"), [false, false, true]);
        assert_eq!(unable("+34600000000"), [true, false, false]);
        assert_eq!(unable("+4911111111"), [true, false, true]);
    }
}
