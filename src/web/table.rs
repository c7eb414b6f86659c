//! Routes that say what they are for: whoever registers one describes it, so that what is served
//! and what is described are one table.

use axum::Router;
use axum::handler::Handler;
use axum::routing::{MethodRouter, delete, get, post};

use super::operation::Operation;

/// A route, as it is told of.
#[derive(Debug, Clone)]
pub struct Described {
    /// In small letters.
    pub method: &'static str,
    /// Such as `/v1/tenants/{tenant}/park`.
    pub path: &'static str,
    pub operation: Operation,
}

/// Routes that are answered from one state.
pub struct Table<S> {
    router: Router<S>,
    described: Vec<Described>,
}

impl<S: Clone + Send + Sync + 'static> Table<S> {
    /// The route is answered by GET.
    #[must_use]
    pub fn get<H, T>(self, path: &'static str, handler: H, operation: Operation) -> Self
    where
        H: Handler<T, S>,
        T: 'static,
    {
        self.on("get", path, get(handler), operation)
    }

    /// The route is answered by POST.
    #[must_use]
    pub fn post<H, T>(self, path: &'static str, handler: H, operation: Operation) -> Self
    where
        H: Handler<T, S>,
        T: 'static,
    {
        self.on("post", path, post(handler), operation)
    }

    /// The route is answered by DELETE.
    #[must_use]
    pub fn delete<H, T>(self, path: &'static str, handler: H, operation: Operation) -> Self
    where
        H: Handler<T, S>,
        T: 'static,
    {
        self.on("delete", path, delete(handler), operation)
    }

    fn on(
        mut self,
        method: &'static str,
        path: &'static str,
        router: MethodRouter<S>,
        operation: Operation,
    ) -> Self {
        self.described.push(Described { method, path, operation });
        Self { router: self.router.route(path, router), described: self.described }
    }

    /// Each as it was registered.
    pub fn described(&self) -> &[Described] {
        &self.described
    }

    /// They are answered from this.
    pub fn with_state(self, state: S) -> Routes {
        Routes { router: self.router.with_state(state), described: self.described }
    }
}

impl<S: Clone + Send + Sync + 'static> Default for Table<S> {
    fn default() -> Self {
        Self { router: Router::new(), described: Vec::new() }
    }
}

/// Routes that are ready to be served.
#[derive(Clone, Default)]
pub struct Routes {
    router: Router,
    described: Vec<Described>,
}

impl Routes {
    /// Both served together.
    #[must_use]
    pub fn merge(mut self, other: Self) -> Self {
        self.described.extend(other.described);
        Self { router: self.router.merge(other.router), described: self.described }
    }

    /// The same behind something that is asked first, or looks at the answers.
    #[must_use]
    pub fn behind(self, layer: impl FnOnce(Router) -> Router) -> Self {
        Self { router: layer(self.router), described: self.described }
    }

    /// Each as it was registered.
    pub fn described(&self) -> &[Described] {
        &self.described
    }

    /// What serves them.
    pub fn into_router(self) -> Router {
        self.router
    }
}
