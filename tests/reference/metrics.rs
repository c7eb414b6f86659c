//! The page of metrics.

use bellhop::telemetry::names::{self, Metric, MetricKind};

use crate::markdown::{code, codes, head, prose, table};

const ABOUT: &str = "`GET /metrics` answers them in Prometheus' text format, without a token. Labels \
are bounded: never a tenant, a client or an address. What counts trouble is there from the start, at \
0; other counters appear with their first event. A histogram has `_bucket`, `_sum` and `_count`. \
What is worth an alarm: [alarms](../watching.md#alarms).";

pub fn page() -> String {
    let rows: Vec<_> = names::ALL.iter().map(row).collect();
    let metrics = table(["metric", "kind", "unit", "labels", "what"], &rows);
    format!("{}\n{metrics}", head("Metrics", ABOUT))
}

fn row(metric: &Metric) -> [String; 5] {
    let kind = match metric.kind {
        MetricKind::Counter => "counter",
        MetricKind::Gauge => "gauge",
        MetricKind::Histogram => "histogram",
    };
    let labels = codes(metric.labels.iter().copied());
    [code(metric.name), kind.to_owned(), unit(metric).to_owned(), labels, prose(metric.help)]
}

fn unit(metric: &Metric) -> &'static str {
    if metric.name.contains("_seconds") { "seconds" } else { "" }
}
