//! Why a request over HTTP is refused as such, whatever commands it has: by name.

use axum::http::StatusCode;

use crate::domain::RejectionReason;

/// A name that does not change, of a list that the reference shows.
pub trait Reason {
    fn name(&self) -> &'static str;
}

impl Reason for RejectionReason {
    fn name(&self) -> &'static str {
        self.as_str()
    }
}

macro_rules! refusals {
    ($($variant:ident $status:ident $name:literal $doc:literal)*) => {
        /// Why a request is refused; the names are part of the interface.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum Refusal { $(#[doc = $doc] $variant,)* }

        impl Refusal {
            /// Every one, as the reference shows them.
            pub const ALL: &'static [Refusal] = &[$(Refusal::$variant,)*];

            /// The status it has, but where another is said.
            pub fn status(self) -> StatusCode {
                match self { $(Refusal::$variant => StatusCode::$status,)* }
            }

            /// What it means, in a sentence or two, for the reference.
            pub fn meaning(self) -> &'static str {
                match self { $(Refusal::$variant => $doc,)* }
            }
        }

        impl Reason for Refusal {
            fn name(&self) -> &'static str {
                match self { $(Refusal::$variant => $name,)* }
            }
        }
    };
}

refusals! {
    BadRequest BAD_REQUEST "bad_request" "The HTTP library cannot understand the request; any 4xx that has no name of its own."
    InvalidHost BAD_REQUEST "invalid_host" "There is no `Host`, more than one, or one that names no host."
    InvalidQuery BAD_REQUEST "invalid_query" "A parameter of the query is unknown, missing or malformed: see `field`."
    InvalidBody BAD_REQUEST "invalid_body" "The body is not what the path takes: see `field` and `detail`."
    InvalidForm BAD_REQUEST "invalid_form" "A field of the console's form is missing or malformed: see `detail`."
    UnreadableBody BAD_REQUEST "unreadable_body" "The body broke off. Nothing was taken."
    Unauthorized UNAUTHORIZED "unauthorized" "There is no bearer token, or none that is configured; at the console, no session."
    Unsigned UNAUTHORIZED "unsigned" "A provider's report has neither its signature nor the code of a message."
    Forbidden FORBIDDEN "forbidden" "The token's role is not enough: `detail` names the role that is."
    ForeignOrigin FORBIDDEN "foreign_origin" "The console does what its own pages ask for, and this comes from none of them."
    NotFound NOT_FOUND "not_found" "Nothing is at this path, or what it names does not exist."
    MethodNotAllowed METHOD_NOT_ALLOWED "method_not_allowed" "The path knows other methods: see `Allow`."
    TooSlow REQUEST_TIMEOUT "too_slow" "The request did not come in time. Nothing was taken."
    JobOver CONFLICT "job_over" "The job has ended, and cannot be moved any more."
    NotTakenOver CONFLICT "not_taken_over" "The new configuration cannot be taken over. The old one holds."
    NotWritten CONFLICT "not_written" "The message has no text that can be shown."
    TooMany CONFLICT "too_many" "There are more than are allowed: `detail` names what, and how many."
    TooManyJobs CONFLICT "too_many_jobs" "Too many jobs have not ended: wait for one, or cancel one."
    EventsNotKept GONE "events_not_kept" "The events behind `after` were deleted; the member `after` says where those that are left begin."
    TooLarge PAYLOAD_TOO_LARGE "too_large" "The body, or what it lists, is beyond the limit that `detail` names."
    UnsupportedMediaType UNSUPPORTED_MEDIA_TYPE "unsupported_media_type" "The body has another content type, charset or coding than the path takes."
    Unreadable UNPROCESSABLE_ENTITY "unreadable" "A provider's report is neither a receipt nor a reply, as the provider is configured."
    TenantBusy TOO_MANY_REQUESTS "tenant_busy" "Too many commands, or bytes, of this tenant are in flight. Send it again after `Retry-After`."
    TooBusy TOO_MANY_REQUESTS "too_busy" "Too many commands, or bytes, of all tenants are in flight; with status 503, too many connections. Send it again after `Retry-After`."
    Failed INTERNAL_SERVER_ERROR "failed" "The daemon could not answer: the fault is in Bellhop."
    NotReady SERVICE_UNAVAILABLE "not_ready" "A check of `/readyz` does not hold: `detail` names it."
    Unavailable SERVICE_UNAVAILABLE "unavailable" "It cannot be done now, or is not known to be durable. Send the same again."
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn each_has_a_name_of_its_own_and_the_status_of_an_error() {
        let names: HashSet<_> = Refusal::ALL.iter().map(Reason::name).collect();
        assert_eq!(names.len(), Refusal::ALL.len());
        for refusal in Refusal::ALL {
            let status = refusal.status();
            assert!(status.is_client_error() || status.is_server_error(), "{refusal:?}");
        }
    }
}
