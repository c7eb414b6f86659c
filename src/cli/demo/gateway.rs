//! A gateway for text messages of the demo's own: it takes what the daemon sends, leaves it in the
//! outbox, and reports by and by that it arrived, signed, as real ones do.
//!
//! ```text
//!   daemon ── POST /messages ──▶ Gateway ──▶ outbox
//!      ▲                            │
//!      └── POST /hooks/gateway ◀────┘  "delivered", with an HMAC of the body
//! ```

use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use anyhow::Context as _;
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::routing::post;
use reqwest::Client;
use reqwest::header::CONTENT_TYPE;
use secrecy::ExposeSecret as _;
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::sync::mpsc;

use crate::cli::client::client_for;
use crate::clock;
use crate::gateways::http::SignaturePlan;

/// Its name in the configuration, and in the address that it reports to.
const NAME: &str = "gateway";
const SIGNATURE: &str = "x-demo-signature";
/// The most messages of which nothing was reported yet.
const UNREPORTED_MAX: usize = 1000;
/// A report that the daemon does not take is tried again after this.
const AGAIN: Duration = Duration::from_millis(50);
const REPORT_TIMEOUT: Duration = Duration::from_secs(5);

/// See the module.
pub struct Gateway {
    at: SocketAddr,
    signature: SignaturePlan,
    taken: mpsc::Receiver<String>,
    count: Arc<Count>,
}

/// How many messages came in, and of how many the daemon knows that they arrived.
#[derive(Debug, Default)]
pub struct Count {
    taken: AtomicUsize,
    reported: AtomicUsize,
}

impl Count {
    /// Whether the daemon knows of all of them.
    pub fn is_even(&self) -> bool {
        let count = |of: &AtomicUsize| of.load(Ordering::Acquire);
        count(&self.reported) == count(&self.taken)
    }
}

struct Desk {
    outbox: PathBuf,
    taken: mpsc::Sender<String>,
    count: Arc<Count>,
}

impl Gateway {
    /// Listens on a free port of this machine.
    ///
    /// # Errors
    /// If there is none.
    pub async fn open(outbox: PathBuf) -> anyhow::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await;
        let listener = listener.context("no port is free for the demo's gateway")?;
        let at = listener.local_addr()?;
        let (sender, taken) = mpsc::channel(UNREPORTED_MAX);
        let count = Arc::<Count>::default();
        let desk = Desk { outbox, taken: sender, count: count.clone() };
        let service = post(take).with_state(Arc::new(desk)).into_make_service();
        tokio::spawn(async move { axum::serve(listener, service).await });
        let signature = SignaturePlan {
            header: SIGNATURE.to_owned(),
            algorithm: "hmac-sha256".to_owned(),
            encoding: "hex".to_owned(),
            secret: uuid::Uuid::now_v7().simple().to_string().into(),
        };
        Ok(Self { at, signature, taken, count })
    }

    /// The provider's table in the daemon's configuration.
    pub fn table(&self) -> String {
        let (at, key) = (self.at, self.signature.secret.expose_secret());
        format!(
            "[[sms.providers]]\nname = \"{NAME}\"\nkind = \"http\"\n\
             url = \"http://{at}/messages\"\nmethod = \"POST\"\n\
             body = '{{\"channel\":\"sms\",\"message\":{{{{ message|tojson }}}},\
             \"to\":{{{{ to|tojson }}}},\"text\":{{{{ text|tojson }}}},\
             \"segments\":{{{{ segments|tojson }}}}}}'\n\
             id = \"/id\"\n\
             receipts = {{ signature = {{ header = \"{SIGNATURE}\", algorithm = \"hmac-sha256\", \
             encoding = \"hex\", secret = \"{key}\" }}, message = \"/message\", \
             status = \"/status\", delivered = [\"delivered\"] }}\n"
        )
    }

    /// Reports to the daemon at this address from now on.
    ///
    /// # Errors
    /// If there can be no HTTP client.
    pub fn reports_to(self, daemon: SocketAddr) -> anyhow::Result<Arc<Count>> {
        let Self { signature, mut taken, count, .. } = self;
        let (url, told) = (format!("http://{daemon}/hooks/{NAME}"), count.clone());
        let client = client_for(&url).no_proxy().timeout(REPORT_TIMEOUT).build()?;
        tokio::spawn(async move {
            while let Some(message) = taken.recv().await {
                let report = json!({ "message": message, "status": "delivered" }).to_string();
                while !is_taken(&client, &url, &signature, &report).await {
                    tokio::time::sleep(AGAIN).await;
                }
                told.reported.fetch_add(1, Ordering::AcqRel);
            }
        });
        Ok(count)
    }
}

async fn is_taken(client: &Client, url: &str, signature: &SignaturePlan, report: &str) -> bool {
    let request = client.post(url).header(CONTENT_TYPE, "application/json");
    let request = request.header(SIGNATURE, signature.sign(report.as_bytes()));
    let answer = request.body(report.to_owned()).send().await;
    answer.is_ok_and(|answer| answer.status() == StatusCode::NO_CONTENT)
}

/// Takes a message: it is in the outbox before it is answered.
async fn take(
    State(desk): State<Arc<Desk>>,
    Json(sent): Json<Value>,
) -> Result<Json<Value>, StatusCode> {
    let message = sent["message"].as_str().ok_or(StatusCode::BAD_REQUEST)?.to_owned();
    let named = uuid::Uuid::parse_str(&message).map_err(|_| StatusCode::BAD_REQUEST)?;
    let millis = clock::now().as_millisecond();
    let name = format!("{millis}-{named}.json");
    let write = tokio::fs::write(desk.outbox.join(&name), format!("{sent:#}\n")).await;
    write.map_err(|_| StatusCode::INTERNAL_SERVER_ERROR)?;
    desk.count.taken.fetch_add(1, Ordering::AcqRel);
    let queued = desk.taken.try_send(message);
    queued.map_err(|_| StatusCode::TOO_MANY_REQUESTS)?;
    Ok(Json(json!({ "id": name })))
}
