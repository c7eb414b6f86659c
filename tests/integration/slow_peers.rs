//! Peers over HTTP that are slow, and many.

use std::time::{Duration, Instant};

use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::support::{
    Options, World,
    http::{self, MANY},
    salon,
};

const SALON: &str = "salon-uno";

/// Half a body takes room for what has come of it, as long as nobody else needs it.
#[tokio::test]
async fn peers_that_drip_keep_nobody_out() {
    const PEERS: usize = 64;
    let world = World::start(Options {
        environment: vec![
            ("BELLHOP__HTTP__BODY_MAX", "4096".to_owned()),
            ("BELLHOP__HTTP__BODIES_MAX", "200000".to_owned()),
            ("BELLHOP__HTTP__CONNECTIONS_MAX", "70".to_owned()),
        ],
        ..Options::default()
    })
    .await;
    let base = world.http();
    let address = base.replace("http://", "");
    let head = format!(
        "POST /v1/commands HTTP/1.1\r\nHost: bellhop\r\nContent-Type: {MANY}\r\n\
         Content-Length: 4096\r\n\r\n"
    );
    let mut drips = Vec::new();
    for _ in 0..PEERS {
        let mut half = TcpStream::connect(&address).await.unwrap();
        half.write_all(&[head.as_bytes(), &[b' '; 4000]].concat()).await.unwrap();
        drips.push(tokio::spawn(async move {
            let (mut reading, mut writing) = half.into_split();
            let mut every = tokio::time::interval(Duration::from_millis(100));
            let mut answer = String::new();
            tokio::select! {
                _ = reading.read_to_string(&mut answer) => answer,
                () = async {
                    loop {
                        every.tick().await;
                        let _ = writing.write_all(b" ").await;
                    }
                } => unreachable!(),
            }
        }));
    }
    let began = Instant::now();
    for id in 0..20 {
        let booked = http::post_one(&base, &salon::client(SALON, &format!("c{id}"))).await;
        // There is no such tenant yet; it was heard.
        assert_eq!((booked.status, &booked.body["reason"]), (422, &json!("unknown_tenant")));
    }
    assert!(began.elapsed() < Duration::from_secs(4), "{:?}", began.elapsed());
    let mut reasons = [0, 0];
    for drip in drips {
        let answer = drip.await.unwrap();
        reasons[0] += usize::from(answer.contains("\"reason\":\"too_slow\""));
        reasons[1] += usize::from(answer.contains("\"reason\":\"too_busy\""));
    }
    // None of them waited until its time was up.
    assert!(began.elapsed() < Duration::from_secs(25), "{:?}", began.elapsed());
    assert!(reasons[0] > 0 && reasons[1] > 0, "{reasons:?}");
    world.finish().await;
}
