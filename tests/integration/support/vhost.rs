//! One RabbitMQ vhost per test: its own exchanges and queues on the shared broker.

use std::{sync::Arc, time::Duration};

use lapin::{Connection, ConnectionProperties, options::QueueDeleteOptions};
use uuid::Uuid;

use super::{broker::Broker, eventually::eventually};

/// For the last acknowledgements to reach the broker's counters.
const DRAIN_DEADLINE: Duration = Duration::from_secs(20);

/// A fresh vhost, deleted on drop.
#[derive(Debug)]
pub struct Vhost {
    broker: Arc<Broker>,
    name: String,
}

/// What one queue holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QueueCounts {
    /// The queue.
    pub name: String,
    /// Messages waiting.
    pub ready: u64,
    /// Messages handed to a consumer that has not acknowledged them.
    pub unacked: u64,
}

impl Vhost {
    /// A vhost in which `guest` may do everything.
    pub async fn create(broker: Arc<Broker>) -> Self {
        Self::create_named(broker, format!("test-{}", Uuid::now_v7().simple())).await
    }

    /// [`Vhost::create`] with a name, which may hold any character.
    pub async fn create_named(broker: Arc<Broker>, name: String) -> Self {
        let vhost = binary(&name);
        let all = "<<\".*\">>";
        let answer = broker
            .eval(format!(
                "rabbit_vhost:add({vhost}, <<\"tests\">>), \
                 rabbit_auth_backend_internal:set_permissions(\
                 <<\"guest\">>, {vhost}, {all}, {all}, {all}, <<\"tests\">>)"
            ))
            .await;
        assert_eq!(answer, "{ok, ok}", "creating vhost {name}");
        Self { broker, name }
    }

    /// The address that clients connect to.
    pub fn url(&self) -> String {
        format!("{}/{}", self.broker.base_url(), percent_encoded(&self.name))
    }

    /// What it is called.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Whether there are so many partition queues, each with one consumer.
    pub async fn is_read(&self, partitions: u16) -> bool {
        let answer = self
            .broker
            .eval(format!(
                "L = [N || [{{name, {{resource, _, queue, <<\"bellhop.p.\", _/binary>>}}}}, \
                 {{consumers, N}}] <- rabbit_amqqueue:info_all({}, [name, consumers])], \
                 {{length(L), length([N || N <- L, N =:= 1])}}",
                binary(&self.name)
            ))
            .await;
        answer == format!("{{ok, {{{partitions}, {partitions}}}}}")
    }

    /// Another user who may do everything in this vhost; returns the full name and the address
    /// that this user connects to.
    pub async fn add_user(&self, name: &str) -> (String, String) {
        let user = format!("{name}-{}", Uuid::now_v7().simple());
        let (name, all) = (binary(&user), "<<\".*\">>");
        let answer = self
            .broker
            .eval(format!(
                "rabbit_auth_backend_internal:add_user({name}, {name}, <<\"tests\">>), \
                 rabbit_auth_backend_internal:set_permissions(\
                 {name}, {}, {all}, {all}, {all}, <<\"tests\">>)",
                binary(&self.name)
            ))
            .await;
        assert_eq!(answer, "{ok, ok}", "adding user {user}");
        let url = self.url().replace("guest:guest@", &format!("{user}:{user}@"));
        (user, url)
    }

    /// Every queue of the vhost and what it holds, at most a quarter of a second old.
    pub async fn queues(&self) -> Vec<QueueCounts> {
        let answer = self
            .broker
            .eval(format!(
                "lists:flatten([io_lib:format(\"~s ~p ~p|\", [N, R, U]) || \
                 [{{name, {{resource, _, queue, N}}}}, {{messages_ready, R}}, \
                 {{messages_unacknowledged, U}}] <- rabbit_amqqueue:info_all({}, \
                 [name, messages_ready, messages_unacknowledged])])",
                binary(&self.name)
            ))
            .await;
        // An empty list is printed as [], a string in quotes.
        let rows = answer.strip_prefix("{ok, ").and_then(|rest| rest.strip_suffix('}')).unwrap();
        rows.trim_matches(['"', '[', ']']).split_terminator('|').map(queue_counts).collect()
    }

    /// Waits until no command is left: none waiting, none taken and not acknowledged. Asks the
    /// queues themselves, since counters are late.
    ///
    /// # Panics
    /// At the deadline.
    pub async fn wait_until_drained(&self) {
        let count = format!(
            "L = [N || Q <- rabbit_amqqueue:list({}), \
             {{resource, _, queue, <<\"bellhop.p.\", _/binary>>}} <- [amqqueue:get_name(Q)], \
             {{ok, N, _}} <- [ra:consistent_query(amqqueue:get_pid(Q), \
             fun rabbit_fifo:query_messages_total/1)]], {{length(L), lists:sum(L)}}",
            binary(&self.name)
        );
        eventually("every command is acknowledged", DRAIN_DEADLINE, || async {
            let answer = self.broker.eval(count.clone()).await;
            (answer.ends_with(", 0}}") && answer != "{ok, {0, 0}}").then_some(())
        })
        .await;
    }

    /// Tells the process behind a quorum queue to `suspend` or to `resume`.
    pub async fn tell_queue(&self, queue: &str, what: &str) {
        let answer = self
            .broker
            .eval(format!(
                "sys:{what}(element(1, amqqueue:get_pid(element(2, rabbit_amqqueue:lookup(\
                 rabbit_misc:r({}, queue, {}))))))",
                binary(&self.name),
                binary(queue)
            ))
            .await;
        assert_eq!(answer, "{ok, ok}", "{what} {queue}");
    }

    /// Deletes a queue with what is in it, as an operator may.
    pub async fn delete_queue(&self, queue: &str) {
        let connection =
            Connection::connect(&self.url(), ConnectionProperties::default()).await.unwrap();
        let channel = connection.create_channel().await.unwrap();
        channel.queue_delete(queue.into(), QueueDeleteOptions::default()).await.unwrap();
    }

    /// Cuts every client's connection to this vhost, as a network fault would.
    pub async fn close_connections(&self) {
        let answer = self
            .broker
            .eval(format!(
                "lists:foreach(fun([{{pid, P}}, {{vhost, V}}]) when V =:= {} -> \
                 rabbit_networking:close_connection(P, \"cut by a test\"); (_) -> ok end, \
                 rabbit_networking:connection_info_all([pid, vhost]))",
                binary(&self.name)
            ))
            .await;
        assert_eq!(answer, "{ok, ok}");
    }
}

impl Drop for Vhost {
    fn drop(&mut self) {
        // A broker of the test's own may be down, and is thrown away as a whole.
        if !self.broker.is_own() {
            let delete = format!("rabbit_vhost:delete({}, <<\"tests\">>)", binary(&self.name));
            self.broker.eval_blocking(&delete);
        }
    }
}

fn queue_counts(row: &str) -> QueueCounts {
    let mut words = row.rsplitn(3, ' ');
    // A queue that has no leader yet says '' instead of a number.
    let mut number = || words.next().and_then(|word| word.parse().ok()).unwrap_or(0);
    let (unacked, ready) = (number(), number());
    QueueCounts { name: words.next().unwrap_or_default().to_owned(), ready, unacked }
}

/// An Erlang binary, byte by byte, so that no character needs quoting.
fn binary(text: &str) -> String {
    let bytes: Vec<String> = text.bytes().map(|byte| byte.to_string()).collect();
    format!("<<{}>>", bytes.join(","))
}

/// RFC 3986 §2.1, lower case: the vhost `/` is `%2f` in an AMQP URI.
fn percent_encoded(name: &str) -> String {
    let mut encoded = String::new();
    for byte in name.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            encoded.push_str(&format!("%{byte:02x}"));
        }
    }
    encoded
}
