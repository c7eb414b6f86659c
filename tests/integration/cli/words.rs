//! What is said where something is wrong: one sentence, in our own words.

use super::{code, dir, err, run};

#[test]
fn one_sentence_and_no_word_of_a_library() {
    let dir = dir();
    let file = |name: &str, text: &str| {
        let path = dir.path().join(name);
        std::fs::write(&path, text).unwrap();
        path.to_str().unwrap().to_owned()
    };
    let none = dir.path().join("none.toml").to_str().unwrap().to_owned();
    let filter = file("filter.toml", "[log]\n\nfilter = \"bellhop=nonsense,,==\"\n");
    let folder = file("folder.toml", "[store]\nurl = \"sqlite:///tmp\"\n");
    let commands = file("c.jsonl", "{\"tenant\":\"t\",\"id\":\"1\",\"type\":\"client.erase\"}\n");
    let closed = "http://127.0.0.1:1";
    for (args, status, expected) in [
        (
            vec!["check-config", "--config", &none],
            1,
            format!("bellhop: {none}: cannot be read: No such file or directory (os error 2)\n"),
        ),
        (
            vec!["check-config", "--config", &filter],
            1,
            format!("bellhop: {filter}:3: log.filter must be levels (error, warn, info, debug, "),
        ),
        (
            vec!["check-config", "--config", &folder],
            1,
            format!("bellhop: {folder}:2: store.url names a folder: write sqlite:///tmp/"),
        ),
        (
            vec!["publish", &commands, "--url", closed],
            1,
            format!("bellhop: nobody answers at {closed}/v1/commands; is the daemon running?\n"),
        ),
    ] {
        let output = run(&args);
        let said = err(&output);
        assert_eq!(code(&output), status, "{said}");
        assert!(said.starts_with(&expected), "{args:?}\n  said {said}\n  want {expected}");
        assert_eq!(said.lines().count(), 1, "{said}");
    }
}

#[test]
fn an_id_that_cannot_be_is_a_mistake_in_the_usage() {
    for args in [
        &["explain", "--tenant", "T T", "--booking", "b1"][..],
        &["explain", "--tenant", "t", "--booking", ""],
        &["explain", "--tenant", "t", "--client", ""],
        &["explain", "--tenant", "t", "--message", "nope"],
        &["template", "preview", "--kind", "booking.reminder", "--channel", "sms", "--tenant", "T"],
    ] {
        let output = run(args);
        assert_eq!(code(&output), 2, "{args:?}: {}", err(&output));
        assert!(err(&output).contains("invalid value"), "{}", err(&output));
    }
}
