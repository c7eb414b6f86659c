//! The broker's address (<https://www.rabbitmq.com/docs/uri-spec>).

use lapin::uri::AMQPUri;

use crate::config::SecretUrl;

/// Whether the client library understands the address: otherwise no connection would ever be made.
///
/// # Errors
/// Completes "<key> …" and repeats nothing of the address.
pub fn check_url(url: &SecretUrl) -> Result<(), &'static str> {
    match url.expose().parse::<AMQPUri>() {
        Ok(_) => Ok(()),
        Err(_) => {
            Err("cannot be understood: amqp://user:password@host:port/vhost, with %2f for a / \
                       and after ? numbers for heartbeat and the like")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Config;

    #[test]
    fn what_the_library_cannot_read_is_refused_without_a_word_of_it() {
        let checked = |rest: &str| {
            let text = format!("[amqp]\nurl = \"amqp://anna:hunter2@mq.example{rest}\"\n");
            check_url(&Config::parse("f", &text).unwrap().amqp.unwrap().url)
        };
        for good in ["", "/", "/%2f", "/prod?heartbeat=5"] {
            assert_eq!(checked(good), Ok(()), "{good}");
        }
        for bad in ["?heartbeat=soon", "/%2f?auth_mechanism=none"] {
            assert!(!checked(bad).unwrap_err().contains("hunter2"), "{bad}");
        }
    }
}
