//! In whose name mail leaves.

use super::salon::{SALON, books, opens_as, registers};
use super::universe::Universe;

#[test]
fn a_tenant_whose_domain_is_not_its_to_use_any_more_writes_in_the_name_of_the_house() {
    let mut universe = Universe::with(
        "[email]\nfrom = \"no-reply@house.example\"\nsender_domains = [\"salon.example\"]",
    );
    universe.lives(async |life| {
        life.does(opens_as(SALON, "hello@salon.example")).await;
        life.does(registers(SALON, "anna")).await;
        life.does(books(SALON, "b1", "anna")).await;
    });
    // The operator takes the domain off the list.
    universe.configure("[email]\nfrom = \"no-reply@house.example\"");
    universe.lives(async |life| life.does(books(SALON, "b2", "anna")).await);
    let senders: Vec<_> = universe.provider.tried().into_iter().map(|mail| mail.from).collect();
    assert_eq!(senders, ["hello@salon.example", "no-reply@house.example"]);
}
