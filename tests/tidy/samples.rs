//! Bad samples: each rule sees what it is there to see, and lets pass what it should.

use crate::{
    book::{lost_links, lost_pages},
    broken_layers,
    circles::circles,
    docs::{dead_links, riddles, untold_items, wide_comments},
    files::{Source, sources, tracked},
    impure_domain, mentions, paths_of_a_machine, rust_text, strayed_libraries, too_long,
    untold_folder, untold_routes,
    unused::unused,
};

fn source(path: &str, text: &str) -> Source {
    Source { path: path.to_owned(), text: text.to_owned() }
}

/// Asserts that each text breaks the rule, and once only.
fn all_bad(rule: impl Fn(&Source) -> Vec<String>, path: &str, texts: &[&str]) {
    for text in texts {
        assert_eq!(rule(&source(path, text)).len(), 1, "{path}: {text}");
    }
}

fn all_good(rule: impl Fn(&Source) -> Vec<String>, path: &str, texts: &[&str]) {
    for text in texts {
        assert_eq!(rule(&source(path, text)), [""; 0], "{path}: {text}");
    }
}

#[test]
fn there_are_files_to_check() {
    assert!(sources("src").iter().any(|source| source.path == "src/domain/mod.rs"));
    assert!(sources("tests").iter().any(|source| source.path == "tests/tidy/samples.rs"));
    // In a checkout; a packed release has no git.
    let tracked = tracked();
    assert!(tracked.is_empty() || tracked.iter().any(|source| source.path == "Cargo.toml"));
}

#[test]
fn imports_that_go_up_or_sideways_are_seen() {
    all_bad(
        broken_layers,
        "src/domain/booking.rs",
        &[
            "use crate::store::Store;",
            "use crate::clock;",
            "use crate::{domain::Money, store::Store};",
            "use super::super::store;",
            "fn f() { crate::clock::now(); }",
            "fn f<'a>(c: char) { if c == '\"' { crate::store::open() } }",
            "#[cfg(test)]\nmod tests { }\nuse crate::store::Store;",
            "enum Way { A, #[cfg(test)] B(Arc<B>) } use crate::store::Store;",
            "fn f() { X { a, #[cfg(test)] b: None } } use crate::store::Store;",
            "fn f() { match x { #[cfg(test)] X::A(a) => a.f(1, 2), X::B => crate::store::s() } }",
        ],
    );
    all_bad(broken_layers, "src/wire/mod.rs", &["use crate::config::Config;", "use super::app;"]);
    all_bad(broken_layers, "src/store/sqlite/mod.rs", &["use crate::{\n  broker::Link,\n};"]);
    all_bad(broken_layers, "src/ops/health.rs", &["use crate::egress::Pool;"]);
    all_bad(broken_layers, "src/misc/x.rs", &[""]);
}

#[test]
fn imports_that_go_down_pass() {
    all_good(
        broken_layers,
        "src/domain/booking.rs",
        &[
            "use super::money; use crate::domain::Money;",
            "// crate::store\n/* crate::store */ const S: &str = \"crate::store\";",
            "const S: &str = r#\"use \"crate::store\" \"#;",
            "#[cfg(test)]\nmod tests { mod a { use crate::store::S; } fn b() { crate::app::x() } }",
            "pub(crate) fn f() {}",
            "#[cfg(test)] pub fn f<A, B>(a: A, b: fn() -> B) -> C<A, B> { crate::store::open() }",
        ],
    );
    all_good(
        broken_layers,
        "src/store/sqlite.rs",
        &[
            "use crate::{clock, domain::{Money, store::X}, store::Unit};",
            "use super::super::domain;",
        ],
    );
    all_good(broken_layers, "src/wire/mod.rs", &["use crate::clock;"]);
    all_good(broken_layers, "src/main.rs", &["use bellhop::cli;"]);
    all_good(broken_layers, "src/domain/tests.rs", &["use crate::store::Store;"]);
}

/// Asserts which circles these files make, each with its text.
fn assert_circles(files: &[(&str, &str)], expected: &[&str]) {
    let files: Vec<Source> = files.iter().map(|(path, text)| source(path, text)).collect();
    let found: Vec<String> = circles(&files).iter().map(ToString::to_string).collect();
    assert_eq!(found, expected);
}

#[test]
fn a_circle_in_a_folder_is_seen() {
    assert_circles(
        &[
            ("src/a/mod.rs", "mod x; mod y;"),
            ("src/a/x.rs", "fn e() -> impl Sized + use<> {} use super::y::Y;"),
            ("src/a/y.rs", "\nfn f() { crate::a::x::g() }"),
        ],
        &["src/a: a circle: x (src/a/x.rs:1) → y (src/a/y.rs:2) → x"],
    );
    // By what a mod.rs passes on under another name, and by all that it passes on.
    let story = ("src/a/mod.rs", "mod x; mod y; mod z; pub use x::X as W; pub use y::*;");
    assert_circles(
        &[
            story,
            ("src/a/x.rs", "use super::Y;"),
            ("src/a/y.rs", "use super::{z::Z, self}; pub struct Y;"),
            ("src/a/z.rs", "use crate::a::W;"),
        ],
        &["src/a: a circle: x (src/a/x.rs:1) → y (src/a/y.rs:1) → z (src/a/z.rs:1) → x"],
    );
    // By what the mod.rs itself defines.
    assert_circles(
        &[("src/a/mod.rs", "mod x; pub struct A(x::X);"), ("src/a/x.rs", "use super::A;")],
        &["src/a: a circle: mod (src/a/mod.rs:1) → x (src/a/x.rs:1) → mod"],
    );
    // By a folder below.
    assert_circles(
        &[
            ("src/a/b/y.rs", "use super::super::x::X;"),
            ("src/a/x.rs", "use super::b::y::Y;"),
            ("src/a/b/mod.rs", "mod y;"),
            ("src/a/mod.rs", "mod b; mod x;"),
        ],
        &["src/a: a circle: b (src/a/b/y.rs:1) → x (src/a/x.rs:1) → b"],
    );
}

#[test]
fn imports_that_end_somewhere_pass() {
    let story = ("src/a/mod.rs", "mod x; mod y; pub use x::X; pub use y::Y;");
    let files = [
        story,
        ("src/a/x.rs", "use super::Y; #[cfg(test)] mod tests { use super::super::X; }"),
        ("src/a/y.rs", "use std::x::Y; use y::X; // super::x"),
    ];
    assert_circles(&files, &[]);
}

/// Asserts which items of the library nobody uses, each with its text.
fn assert_unused(library: &[(&str, &str)], user: &str, expected: &[&str]) {
    let library: Vec<Source> = library.iter().map(|(path, text)| source(path, text)).collect();
    assert_eq!(unused(&library, &[source("tests/a.rs", user)]), expected);
}

#[test]
fn what_nobody_uses_is_seen() {
    let library = [
        ("src/a/mod.rs", "mod x; pub use x::{f, T};"),
        (
            "src/a/x.rs",
            "// f(T)\npub(crate) async fn f() {}\npub struct T;\nconst MINE: u8 = 1;\n\
             #[cfg(test)]\nmod tests { fn g() { x::f(); T; \"{T} x::f\" } }",
        ),
    ];
    let expected = ["src/a/x.rs:2: nobody uses fn f", "src/a/x.rs:3: nobody uses struct T"];
    assert_unused(&library, "// f(T)", &expected);
    // Unit tests in a file of their own are no users either.
    let tests = ("src/a/tests.rs", "fn g() { x::f(); T; \"{T} x::f\" }");
    assert_unused(&[library[0], library[1], tests], "", &expected);
    assert_unused(&library, "fn g() { f(); }", &expected[1..]);
}

#[test]
fn what_somebody_uses_passes() {
    let item = ("src/a.rs", "pub const fn f() {} #[cfg(test)] pub fn of_tests() {}");
    for text in ["use crate::a::f;", "#[serde(with = \"a::f\")]", "const S: &str = \"{f}\";"] {
        assert_unused(&[item, ("src/b.rs", text)], "", &[]);
    }
    assert_unused(&[item], "bellhop::a::f();", &[]);
}

#[test]
fn a_library_away_from_home_is_seen() {
    all_bad(
        strayed_libraries,
        "src/ops/health.rs",
        &[
            "use sqlx::Row;",
            "use ::sqlx::Row;",
            "use {sqlx::Row, std::fs};",
            "use lapin;",
            "fn f() -> Result<(), sqlx::Error> {}",
            "#[actix::main] async fn f() {}",
        ],
    );
    all_bad(strayed_libraries, "src/lib.rs", &["pub use reqwest::Url;"]);
    all_good(
        strayed_libraries,
        "src/ops/health.rs",
        &[
            "use axum::Router;",
            "use crate::store::sqlx::Row;",
            "let lapin = 1;",
            "/// [`sqlx::Row`]\nfn f() {}",
        ],
    );
}

#[test]
fn a_route_without_a_word_is_seen() {
    let bad = ["Router::new().route(\"/x\", get(x))", "router\n    .nest(\"/x\", other)"];
    all_bad(untold_routes, "src/ops/api.rs", &bad);
    let good = ["Table::default().get(\"/x\", x, told)", "fn route() { route(1) }"];
    all_good(untold_routes, "src/ops/api.rs", &good);
    all_good(untold_routes, "src/web/table.rs", &bad);
}

#[test]
fn a_clock_in_the_domain_is_seen() {
    all_bad(
        impure_domain,
        "src/domain/plan.rs",
        &[
            "let now = jiff::Timestamp::now();",
            "let now = Zoned::now();",
            "let t = std::time::Instant::now();",
            "use std::time::SystemTime;",
            "use tokio::sync::mpsc;",
            "std::fs::read(path)",
        ],
    );
    all_good(
        impure_domain,
        "src/domain/plan.rs",
        &["fn f(now: jiff::Timestamp) {}", "// Zoned::now()"],
    );
    all_good(impure_domain, "src/clock.rs", &["Timestamp::now()"]);
}

#[test]
fn length_and_missing_stories_are_seen() {
    assert!(too_long(&source("src/a.rs", &"\n".repeat(401))).is_some());
    assert!(too_long(&source("src/a.rs", &"\n".repeat(400))).is_none());

    let silent = source("src/a/mod.rs", "mod b;");
    let told = source("src/a/mod.rs", "//! The story.\nmod b;");
    let member = source("src/a/b.rs", "");
    assert!(untold_folder(&silent, &[]).is_some());
    assert!(untold_folder(&told, &[]).is_none());
    assert!(untold_folder(&member, &[]).is_some());
    assert!(untold_folder(&member, &[told]).is_none());
    assert!(untold_folder(&source("src/clock.rs", ""), &[]).is_none());
}

#[test]
fn what_nothing_is_said_of_is_seen() {
    all_bad(
        untold_items,
        "src/a.rs",
        &[
            "pub struct A;",
            "#[derive(Debug)]\npub enum A {}",
            "/// Said.\npub fn a() {}\n\npub async fn b() {}",
            "/// Said.\npub trait A {\n    fn a();\n}\npub type B = u8;",
        ],
    );
    all_good(
        untold_items,
        "src/a.rs",
        &[
            "/// Said.\n#[derive(\n    Debug,\n)]\npub struct A {\n    pub a: u8,\n}",
            "impl A {\n    pub fn new() -> Self {}\n}",
            "fn a() {}\npub(super) struct B;\npub use a::B;\npub mod c;",
            "#[cfg(test)]\npub fn a() {}",
        ],
    );
}

#[test]
fn a_comment_that_only_repeats_the_name_is_seen() {
    all_bad(
        riddles,
        "src/a.rs",
        &[
            "/// The tenant.\npub tenant: TenantId,",
            "    /// To whom.\n    #[serde(\n        default\n    )]\n    client: ClientId,",
            "/// Which bookings.\nbooking: Vec<BookingId>,",
            "/// What is refused.\nRefused(Rejection),",
        ],
    );
    all_good(
        riddles,
        "src/a.rs",
        &[
            "/// The tenant that asked.\npub tenant: TenantId,",
            "/// How long, in seconds.\npub length: u32,",
            "/// The tenant.\n///\n/// # Errors\n/// If there is none.\npub fn tenant() {}",
            "/// `a/b`.\npub path: String,",
            "use clap::Args;\n/// The tenant.\ntenant: TenantId,",
        ],
    );
    all_good(riddles, "src/wire/a.rs", &["/// The tenant.\ntenant: TenantId,"]);
}

#[test]
fn a_comment_that_runs_over_the_page_is_seen() {
    let wide = "é".repeat(98);
    all_bad(wide_comments, "src/a.rs", &[&format!("// {wide}"), &format!("a\n    /// {wide}")]);
    let text = format!("//{wide}\nconst A: &str = \"\n// {wide}\";\nlet b = 1; // {wide}");
    all_good(wide_comments, "src/a.rs", &[&text]);
}

#[test]
fn a_link_that_leads_nowhere_is_seen() {
    let bad =
        ["[a](../src/no_such.rs)", "[a](no_such.md#part)", "see `src/no_such.rs`", "`src/no/`"];
    all_bad(dead_links, "docs/a.md", &bad);
    let good = ["[a](../Cargo.toml), `src/lib.rs`", "[a](#part)", "[a](https://example.com/a)"];
    all_good(dead_links, "docs/a.md", &good);
    all_good(dead_links, "src/a.rs", &["// [a](no_such.md)"]);
}

#[test]
fn a_page_outside_the_summary_and_a_lost_heading_are_seen() {
    let page = |text: &str| source("docs/a.md", text);
    let summary = |text: &str| source("docs/SUMMARY.md", text);
    let lost = |sources: &[Source]| (lost_pages(sources).len(), lost_links(sources).len());
    let once = || summary("- [A](a.md)");
    assert_eq!(lost(&[page("")]), (1, 0));
    assert_eq!(lost(&[page(""), summary("- [B](b.md)")]), (1, 0));
    assert_eq!(lost(&[page(""), summary("- [A](a.md)\n- [A](a.md)")]), (1, 0));
    for bad in ["[x](#no)", "[x](b/c.md#a)", "[x](../README.md)", "```\n# A\n```\n[x](#a)"] {
        assert_eq!(lost(&[page(bad), once()]), (0, 1), "{bad}");
    }
    let good = "# A `b`, c\n# A `b`, c\n[x](#a-b-c) [x](#a-b-c-1) [x](https://a.example/#b)\n\
                ```\n[x](#no)\n```";
    assert_eq!(lost(&[page(good), once()]), (0, 0));
    let outside = source("README.md", "[x](docs/a.md#a-b-c) [x](Cargo.toml)");
    assert_eq!(lost(&[page(good), once(), outside]), (0, 0));
}

#[test]
fn a_path_of_a_machine_is_seen() {
    for word in paths_of_a_machine() {
        let bad = source("README.md", &format!("first\nsee {word} for more"));
        assert_eq!(
            mentions(&bad, &paths_of_a_machine()),
            [format!("README.md:2: mentions {word}")]
        );
    }
}

#[test]
fn lines_keep_their_numbers() {
    let text = "/* é\n */ const A: &str = \"è\n\n\"; // ü\nuse crate::store;\n";
    let found = broken_layers(&source("src/domain/a.rs", text));
    assert_eq!(found, ["src/domain/a.rs:5: domain may not import store"]);
    assert_eq!(rust_text::production_code(text).lines().count(), 5);
}
