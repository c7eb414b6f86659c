//! Which partition a tenant belongs to.
//!
//! It is the one whose queue RabbitMQ chooses for the tenant's commands, so that whoever reads a
//! queue owns what its tenants are to write. An `x-modulus-hash` exchange puts its queues in order
//! and takes Erlang's `phash2` of the routing keys, modulo their number
//! (<https://www.rabbitmq.com/docs/modulus-hash-exchange>). That hash is the same for ever, says
//! Erlang (<https://www.erlang.org/doc/apps/erts/erlang.html#phash2/2>), and so the partition is.

use std::fmt;
use std::sync::Arc;

use super::id::TenantId;

/// The range of the exchange's hash.
const HASH_RANGE: u32 = 1 << 27;
/// 2³² over the golden ratio.
const GOLDEN: u32 = 0x9e37_79b9;
/// What `phash2` begins a binary with.
const BINARY: u32 = GOLDEN.wrapping_mul(13);
/// What it mixes in for the end of a list.
const END: [u32; 2] = [GOLDEN.wrapping_mul(2).wrapping_add(2), GOLDEN.wrapping_mul(2)];

/// One of the partitions, by its number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Part(u16);

impl Part {
    /// The partition of that number, from 0.
    pub fn new(number: u16) -> Self {
        Self(number)
    }

    /// Its number, from 0.
    pub fn number(self) -> u16 {
        self.0
    }

    /// The queue of its tenants' commands.
    pub fn queue(self) -> String {
        format!("bellhop.p.{:02}", self.0)
    }
}

impl fmt::Display for Part {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// How tenants are spread over so many of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Partitions {
    /// In the order that the broker puts their queues in, which is that of their names: of more
    /// than 100 it is not that of their numbers.
    ordered: Arc<[Part]>,
}

impl Partitions {
    /// So many partitions; at least one.
    pub fn new(count: u16) -> Self {
        let mut ordered: Vec<Part> = (0..count.max(1)).map(Part).collect();
        ordered.sort_by_cached_key(|part| part.queue());
        Self { ordered: ordered.into() }
    }

    /// How many there are.
    pub fn count(&self) -> u16 {
        u16::try_from(self.ordered.len()).unwrap_or(u16::MAX)
    }

    /// All of them, by number.
    pub fn all(&self) -> impl Iterator<Item = Part> + use<> {
        (0..self.count()).map(Part)
    }

    /// The tenant's.
    pub fn of(&self, tenant: &TenantId) -> Part {
        let [only] = *self.ordered else {
            let hash = hash(format!("cmd.{tenant}").as_bytes()) % HASH_RANGE;
            return self.ordered[hash as usize % self.ordered.len()];
        };
        only
    }
}

/// Erlang's `phash2` of a list of one binary that is not empty, before it is brought into a range.
/// Within it is Bob Jenkins's hash of 1996 (<https://burtleburtle.net/bob/hash/evahash.html>).
fn hash(binary: &[u8]) -> u32 {
    let mut state = [GOLDEN, GOLDEN, BINARY];
    let (blocks, rest) = binary.as_chunks::<12>();
    for block in blocks {
        state = mix(sum(state, block));
    }
    // The lowest byte of the last word is the length's.
    let mut last = [0; 12];
    for (place, byte) in rest.iter().enumerate() {
        last[if place < 8 { place } else { place + 1 }] = *byte;
    }
    let mut state = sum(state, &last);
    state[2] = state[2].wrapping_add(binary.len() as u32);
    let [.., hash] = mix(state);
    let [.., hash] = mix([END[0], END[1], hash]);
    hash
}

fn sum([a, b, c]: [u32; 3], block: &[u8; 12]) -> [u32; 3] {
    let word =
        |at: usize| u32::from_le_bytes([block[at], block[at + 1], block[at + 2], block[at + 3]]);
    [a.wrapping_add(word(0)), b.wrapping_add(word(4)), c.wrapping_add(word(8))]
}

fn mix([mut a, mut b, mut c]: [u32; 3]) -> [u32; 3] {
    for [first, second, third] in [[13, 8, 13], [12, 16, 5], [3, 10, 15]] {
        a = a.wrapping_sub(b).wrapping_sub(c) ^ (c >> first);
        b = b.wrapping_sub(c).wrapping_sub(a) ^ (a << second);
        c = c.wrapping_sub(a).wrapping_sub(b) ^ (b >> third);
    }
    [a, b, c]
}

#[cfg(test)]
mod tests {
    use super::*;

    /// As `erlang:phash2([<<"…">>], 134217728)` says.
    #[test]
    fn the_hash_is_erlangs() {
        for (key, expected) in [
            ("cmd.a", 4626751),
            ("cmd.salon", 64711734),
            ("cmd.salon-7", 17778359),
            ("cmd.salon-77", 117154740),
            ("cmd.salon-777", 130166247),
            ("cmd.salon-eule", 90989649),
            ("cmd.a-very-long-tenant-name-for-the-hash-of-forty-and-more", 54297646),
        ] {
            assert_eq!(hash(key.as_bytes()) % HASH_RANGE, expected, "{key}");
        }
    }

    #[test]
    fn a_tenant_keeps_its_partition() {
        let part =
            |count, tenant| Partitions::new(count).of(&TenantId::parse(tenant).unwrap()).number();
        assert_eq!(part(1, "salon"), 0);
        let all = ["salon", "salon-eule", "salon-uno", "a"];
        assert_eq!(all.map(|tenant| part(4, tenant)), [2, 1, 3, 3]);
        assert_eq!(all.map(|tenant| part(64, tenant)), [54, 17, 3, 63]);
    }

    #[test]
    fn the_broker_orders_queues_by_name() {
        let ordered = |count| Partitions::new(count).ordered.to_vec();
        assert_eq!(ordered(100), (0..100).map(Part).collect::<Vec<_>>());
        assert_eq!(ordered(102)[10..14], [10, 100, 101, 11].map(Part));
        assert_eq!(Part(7).queue(), "bellhop.p.07");
    }
}
