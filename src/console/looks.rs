//! What pages look like, and the one script they have. Their names change with what is in them, so
//! that a browser keeps them for good.

use std::sync::{Arc, LazyLock};

use axum::extract::{Path, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse as _, Response};

use super::desk::Console;
use crate::web::keys::digest;

struct File {
    name: &'static str,
    ending: &'static str,
    media: &'static str,
    text: &'static str,
}

const FILES: [File; 3] = [
    File {
        name: "console",
        ending: "css",
        media: "text/css; charset=utf-8",
        text: include_str!("looks/console.css"),
    },
    File {
        name: "console",
        ending: "js",
        media: "text/javascript; charset=utf-8",
        text: include_str!("looks/console.js"),
    },
    File {
        name: "bell",
        ending: "svg",
        media: "image/svg+xml",
        text: include_str!("looks/bell.svg"),
    },
];

/// The name of each, in the order of [`FILES`].
static NAMES: LazyLock<[String; 3]> = LazyLock::new(|| {
    FILES.each_ref().map(|File { name, ending, text, .. }| {
        let of: String = digest(text).iter().take(6).map(|byte| format!("{byte:02x}")).collect();
        format!("{name}-{of}.{ending}")
    })
});

/// Where a page finds its style, its script and its icon.
pub fn addresses() -> [String; 3] {
    NAMES.each_ref().map(|name| format!("/console/looks/{name}"))
}

/// `GET /console/looks/{file}`; needs no session, for there is nothing in it.
pub async fn file(State(_): State<Arc<Console>>, Path(name): Path<String>) -> Response {
    let Some(place) = NAMES.iter().position(|known| *known == name) else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let File { media, text, .. } = &FILES[place];
    let kept = "public, max-age=31536000, immutable";
    ([(header::CONTENT_TYPE, *media), (header::CACHE_CONTROL, kept)], *text).into_response()
}
