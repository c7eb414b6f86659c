//! How many commands are in flight: in all, and of each tenant those that came over HTTP.
//!
//! Whoever can wait (the broker keeps what is not taken) waits for a seat, and sees to it that no
//! tenant takes them all. Whoever cannot is refused where there is none, or where the tenant has
//! its share already: one tenant's slow commands must not hold every connection.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::domain::id::TenantId;

/// Why there is no room.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Busy {
    /// As many commands as may be in flight are.
    All,
    /// Of this tenant so many are, and no more may be.
    Tenant(TenantId, usize),
}

/// The seats of commands that are in flight.
#[derive(Debug)]
pub struct Room {
    seats: Arc<Semaphore>,
    max: usize,
    tenant_max: usize,
    /// Of each tenant those that could not wait.
    of_tenant: Mutex<HashMap<TenantId, usize>>,
}

/// A command's seat, until dropped.
#[derive(Debug)]
pub struct Seat {
    _permit: Option<OwnedSemaphorePermit>,
    counted: Option<(TenantId, Arc<Room>)>,
}

impl Room {
    /// So many seats. A tenant that has `tenant_max` of them is given no more where it cannot
    /// wait; a batch that comes before that is seated whole.
    pub fn new(max: usize, tenant_max: usize) -> Arc<Self> {
        let seats = Arc::new(Semaphore::new(max));
        Arc::new(Self { seats, max, tenant_max, of_tenant: Mutex::default() })
    }

    /// A seat, once there is one.
    pub async fn wait(&self) -> Seat {
        // The semaphore is never closed.
        Seat { _permit: self.seats.clone().acquire_owned().await.ok(), counted: None }
    }

    /// A seat for each command of these tenants now, or for none.
    ///
    /// # Errors
    /// [`Busy`].
    pub fn now(self: &Arc<Self>, tenants: &[&TenantId]) -> Result<Vec<Seat>, Busy> {
        let mut of_tenant = self.of_tenant();
        let has_share = |tenant: &&&TenantId| {
            of_tenant.get(**tenant).is_some_and(|taken| *taken >= self.tenant_max)
        };
        if let Some(tenant) = tenants.iter().find(has_share) {
            return Err(Busy::Tenant((**tenant).clone(), self.tenant_max));
        }
        let count = u32::try_from(tenants.len()).map_err(|_| Busy::All)?;
        let mut permits =
            self.seats.clone().try_acquire_many_owned(count).map_err(|_| Busy::All)?;
        let mut seats = Vec::with_capacity(tenants.len());
        for tenant in tenants {
            *of_tenant.entry((*tenant).clone()).or_default() += 1;
            let counted = Some(((*tenant).clone(), self.clone()));
            seats.push(Seat { _permit: permits.split(1), counted });
        }
        Ok(seats)
    }

    /// How many seats are taken.
    pub fn taken(&self) -> usize {
        self.max - self.seats.available_permits()
    }

    fn of_tenant(&self) -> MutexGuard<'_, HashMap<TenantId, usize>> {
        self.of_tenant.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        let Some((tenant, room)) = self.counted.take() else { return };
        let mut of_tenant = room.of_tenant();
        if let Some(taken) = of_tenant.get_mut(&tenant) {
            *taken -= 1;
            if *taken == 0 {
                of_tenant.remove(&tenant);
                if of_tenant.capacity() / 4 > of_tenant.len() {
                    of_tenant.shrink_to_fit();
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tenants() -> [TenantId; 2] {
        ["a", "b"].map(|name| TenantId::parse(name).unwrap())
    }

    #[test]
    fn a_tenant_that_has_its_share_is_given_no_more_and_the_others_are() {
        let ([a, b], room) = (tenants(), Room::new(10, 3));
        let first = room.now(&[&a, &a]).unwrap();
        let batch = room.now(&[&a, &b, &a]).unwrap();
        assert_eq!(room.taken(), 5, "a batch is seated whole");
        assert_eq!(room.now(&[&b, &a]).unwrap_err(), Busy::Tenant(a.clone(), 3));
        assert_eq!(room.taken(), 5, "nor is what came beside it");
        let other = room.now(&[&b]).unwrap();
        drop(first);
        assert!(room.now(&[&a]).is_ok());
        drop((batch, other));
        assert!(room.taken() == 0 && room.of_tenant().is_empty());
    }

    #[test]
    fn nobody_is_given_a_seat_that_is_not_there() {
        let ([a, b], room) = (tenants(), Room::new(2, 5));
        let held = room.now(&[&a]).unwrap();
        assert_eq!(room.now(&[&b, &b]).unwrap_err(), Busy::All);
        assert_eq!(room.of_tenant().len(), 1, "who was refused is not counted");
        drop(held);
        assert!(room.now(&[&b, &b]).is_ok());
    }

    #[tokio::test]
    async fn who_can_wait_has_the_next_seat_and_takes_no_share() {
        let ([a, _], room) = (tenants(), Room::new(1, 1));
        let held = room.now(&[&a]).unwrap();
        let waits = room.wait();
        drop(held);
        let seat = waits.await;
        assert_eq!(room.now(&[&a]).unwrap_err(), Busy::All);
        drop(seat);
        assert!(room.now(&[&a]).is_ok());
    }
}
