//! One transaction for many units and outcomes.

use std::collections::{BTreeMap, BTreeSet};

use sqlx::sqlite::SqliteConnection;

use super::{Sqlite, write};
use crate::domain::id::TenantId;
use crate::store::error::CommitError;
use crate::store::unit::{Batch, Incarnation, Unit};

impl Sqlite {
    /// See [`crate::store::Store::commit`].
    pub async fn commit(
        &self,
        batch: &Batch<'_>,
        lease: Incarnation,
    ) -> Result<Vec<usize>, CommitError> {
        let mut writer = self.writer().await?;
        let connection = writer.connection()?;
        sqlx::query("BEGIN IMMEDIATE").execute(&mut *connection).await?;
        let written = write_all(connection, batch, lease).await;
        let end = if written.is_ok() { "COMMIT" } else { "ROLLBACK" };
        match (written, sqlx::query(end).execute(&mut *connection).await) {
            (Ok(settled), Ok(_)) => Ok(settled),
            (Ok(_), Err(error)) => {
                // A COMMIT that failed may leave the transaction open.
                let _ = sqlx::query("ROLLBACK").execute(&mut *connection).await;
                Err(error.into())
            }
            (Err(error), _) => Err(error),
        }
    }
}

async fn write_all(
    connection: &mut SqliteConnection,
    batch: &Batch<'_>,
    lease: Incarnation,
) -> Result<Vec<usize>, CommitError> {
    let stale = fence(connection, &batch.units).await?;
    if !stale.is_empty() {
        return Err(CommitError::Stale(stale.into_iter().collect()));
    }
    let repeated = write::inbox(connection, &batch.units).await?;
    if !repeated.is_empty() {
        return Err(CommitError::Stale(repeated.into_iter().collect()));
    }
    write::records(connection, &batch.units).await?;
    write::tellings(connection, &batch.units).await?;
    write::messages(connection, &batch.units, lease).await?;
    write::superseded(connection, &batch.units).await?;
    let settled = write::settled(connection, &batch.settled, lease).await?;
    write::events(connection, batch, &settled).await?;
    Ok(settled)
}

/// Raises each tenant's revision over all its units at once; returns the tenants whose stored
/// revision is not the one that their first unit rests on, or whose units do not follow on each
/// other.
async fn fence(
    connection: &mut SqliteConnection,
    units: &[&Unit],
) -> Result<BTreeSet<TenantId>, CommitError> {
    let mut steps: BTreeMap<&TenantId, write::Revisions> = BTreeMap::new();
    let mut stale = BTreeSet::new();
    for unit in units {
        let Some(claim) = &unit.claim else { continue };
        let step = steps
            .entry(&unit.tenant)
            .or_insert(write::Revisions { from: claim.revision, to: claim.revision });
        if step.to != claim.revision {
            stale.insert(unit.tenant.clone());
        }
        step.to = claim.revision + 1;
    }
    let raised = write::raise_revisions(connection, &steps).await?;
    stale.extend(steps.into_keys().filter(|tenant| !raised.contains(tenant.as_str())).cloned());
    Ok(stale)
}
