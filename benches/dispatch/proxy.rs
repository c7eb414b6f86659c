//! A network that takes its time: what comes in at one end leaves the other so much later, however
//! much is under way.

use std::time::{Duration, Instant};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;

/// The most that is read at once, in bytes.
const CHUNK: usize = 64 * 1024;

/// Listens, and hands on to a port of this machine, each way so much later.
pub async fn delaying(to: u16, each_way: Duration) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        loop {
            let (near, _) = listener.accept().await.unwrap();
            tokio::spawn(async move {
                let Ok(far) = TcpStream::connect(("127.0.0.1", to)).await else { return };
                near.set_nodelay(true).unwrap();
                far.set_nodelay(true).unwrap();
                let ((near_in, near_out), (far_in, far_out)) =
                    (near.into_split(), far.into_split());
                tokio::join!(carry(near_in, far_out, each_way), carry(far_in, near_out, each_way));
            });
        }
    });
    port
}

async fn carry(from: OwnedReadHalf, to: OwnedWriteHalf, delay: Duration) {
    let (road, arrivals) = mpsc::unbounded_channel();
    tokio::join!(takes(from, road, delay), gives(to, arrivals));
}

async fn takes(
    mut from: OwnedReadHalf,
    road: mpsc::UnboundedSender<(Instant, Vec<u8>)>,
    delay: Duration,
) {
    let mut chunk = vec![0; CHUNK];
    while let Ok(read @ 1..) = from.read(&mut chunk).await {
        if road.send((Instant::now() + delay, chunk[..read].to_vec())).is_err() {
            return;
        }
    }
}

async fn gives(mut to: OwnedWriteHalf, mut road: mpsc::UnboundedReceiver<(Instant, Vec<u8>)>) {
    while let Some((due, chunk)) = road.recv().await {
        tokio::time::sleep_until(due.into()).await;
        if to.write_all(&chunk).await.is_err() {
            return;
        }
    }
}
