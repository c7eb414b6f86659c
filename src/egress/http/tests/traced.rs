//! In which trace a request says that it is sent.

use super::*;
use crate::domain::trace::TraceContext;

const TRACE: &str = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

#[tokio::test]
async fn a_request_says_in_which_trace_it_is_sent() {
    let gateway = Gateway::that(vec![says(OK)]).await;
    let own = gateway.client("headers = { traceparent = \"of-the-operator\" }");
    let client = gateway.client("");
    let heading = Heading { trace: TraceContext::parse(TRACE), ..sms().heading };
    let traced = Sms { heading, ..sms() };
    for (client, message) in [(&client, &sms()), (&client, &traced), (&own, &traced)] {
        client.send(message, &|| true).await.unwrap();
    }
    let heard = gateway.requests.lock().unwrap();
    let line = |request: &str| {
        let mut lines = request.lines().filter_map(|line| line.strip_prefix("traceparent: "));
        let first = lines.next().map(str::to_owned);
        assert_eq!(lines.next(), None, "{request}");
        first
    };
    let said: Vec<_> = heard.iter().map(|request| line(request)).collect();
    let expected = [None, Some(TRACE), Some("of-the-operator")];
    assert_eq!(said, expected.map(|line| line.map(str::to_owned)));
}
