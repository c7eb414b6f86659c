//! Where a test wants the dispatcher to fall.
#![cfg(test)]

use std::cell::RefCell;

use crate::actors::post::Post;

thread_local! {
    static CLIENT: RefCell<Option<String>> = const { RefCell::new(None) };
}

/// Every dispatcher on this thread falls over this client's messages.
pub fn place(client: Option<&str>) {
    CLIENT.set(client.map(str::to_owned));
}

/// Falls over the message, if it is one to fall over.
pub fn over(post: &Post) {
    let falls = CLIENT.with_borrow(|client| {
        client.as_deref().is_some_and(|client| client == post.stored.message.client.as_str())
    });
    assert!(!falls, "the dispatcher: injected by a test");
}
