//! Where a name leads that a stranger has given.

use ::http::HeaderValue;

use super::*;
use crate::egress::http::dial::Dialer;
use crate::gateways::{Network, Target};

#[tokio::test]
async fn a_name_that_leads_to_this_machine_is_not_dialled() {
    let gateway = Gateway::that(vec![says(OK)]).await;
    let mut expected = 0;
    for (network, is_dialled) in [
        (Network::Any, true),
        (Network::Public { or_loopback: true }, true),
        (Network::Public { or_loopback: false }, false),
    ] {
        let authority = HeaderValue::from_static("localhost");
        let host = "localhost".to_owned();
        let target = Target { is_encrypted: false, host, port: gateway.port, authority };
        let tls = tls_client_config().unwrap();
        let dialled = Dialer::new(tls, Duration::from_secs(5), network).dial(&target).await;
        match dialled.map(|_| ()) {
            Ok(()) => {
                assert!(is_dialled);
                expected += 1;
                accepted(&gateway, expected).await;
            }
            Err(failure) => {
                let tried = failure.tried(&target);
                assert_eq!(tried.outcome, Outcome::Permanent(Scope::Message));
                assert!(!is_dialled && !tried.of_provider);
                let said = format!("connect localhost:{}: not at a public address", gateway.port);
                assert_eq!(tried.said.to_string(), said);
                assert_eq!(gateway.connections(), expected);
            }
        }
    }
}

/// The gateway hears of a connection a moment after whoever dialled.
async fn accepted(gateway: &Gateway, connections: usize) {
    let all = async {
        while gateway.connections() < connections {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(Duration::from_secs(5), all).await.unwrap();
}
