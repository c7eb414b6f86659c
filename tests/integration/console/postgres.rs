//! The same pages over a database of PostgreSQL's.

use super::stage::{OPERATOR, Stage};
use super::{DEADLINE, pages};
use crate::support::{database::Database, eventually};

#[tokio::test]
async fn every_page_reads_a_database_of_postgresql_as_well() {
    let database = Database::create().await;
    let stage = Stage::within(3, "", &[("BELLHOP__STORE__URL", &database.url)]).await;
    let visitor = stage.visitor(OPERATOR).await;
    let (dead, sent) = (stage.dead_letter().await, stage.sent().await);
    for (name, path, says) in pages(&dead, &sent) {
        // What is on the page Now is counted every few seconds.
        eventually(name, DEADLINE, || async {
            visitor.sees(&path).await.contains(says).then_some(())
        })
        .await;
        let (status, twin) = visitor.reads(&path).await;
        assert_eq!(status, 200, "{name}: {twin}");
    }
    stage.alone.finish().await;
}
