//! One transaction for many units and outcomes.

use std::collections::{BTreeMap, BTreeSet};

use sqlx::sqlite::SqliteConnection;

use super::{Sqlite, outgoing, write};
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
        writer.begin().await?;
        let written = write_all(writer.connection()?, batch, lease).await;
        writer.end(written).await
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
    outgoing::messages(connection, &batch.units, lease).await?;
    outgoing::superseded(connection, &batch.units).await?;
    let settled = outgoing::settled(connection, &batch.settled, lease).await?;
    outgoing::events(connection, batch, &settled).await?;
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
