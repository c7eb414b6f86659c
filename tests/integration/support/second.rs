//! A second daemon on a world's database.

use std::time::Duration;

use super::{
    daemon::{Daemon, Launch},
    eventually::eventually,
    ports::free_port,
    world::World,
};

const DEADLINE: Duration = Duration::from_secs(60);

/// Of a folder and a port of its own.
#[derive(Debug)]
pub struct Second {
    /// The process.
    pub daemon: Daemon,
    http_port: u16,
}

impl Second {
    /// Returns when it is ready.
    pub async fn beside(world: &World) -> Self {
        Self::told(world, &[]).await
    }

    /// The same with more in its environment.
    pub async fn told(world: &World, environment: &[(&str, &str)]) -> Self {
        let (dir, http_port) = (world.launch.dir.join("second"), free_port());
        std::fs::create_dir_all(&dir).unwrap();
        let mut all = world.launch.environment.clone();
        all.push(("BELLHOP__HTTP__LISTEN".to_owned(), format!("127.0.0.1:{http_port}")));
        all.extend(environment.iter().map(|(name, value)| ((*name).into(), (*value).into())));
        let launch = Launch { dir, http_port, environment: all, ..world.launch.clone() };
        Self { daemon: launch.start().await, http_port }
    }

    /// Where it listens for HTTP, without a final slash.
    pub fn http(&self) -> String {
        format!("http://127.0.0.1:{}", self.http_port)
    }

    /// Whether it says so.
    pub async fn stands_by(&self) -> bool {
        let metric = self.daemon.metric("bellhop_standing_by").await;
        metric.first().is_some_and(|(_, value)| *value == 1.0)
    }

    /// Waits until it has taken over.
    pub async fn wait_active(&self) {
        eventually("the second works", DEADLINE, || async {
            let metric = self.daemon.metric("bellhop_standing_by").await;
            metric.first().is_some_and(|(_, value)| *value == 0.0).then_some(())
        })
        .await;
    }
}
