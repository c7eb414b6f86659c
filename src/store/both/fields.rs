//! A row of either database, read alike.

use jiff::Timestamp;

use sqlx::postgres::PgRow;
use sqlx::sqlite::SqliteRow;
use sqlx::{Column as _, Row as _, TypeInfo as _};
use uuid::Uuid;

use crate::store::error::StoreError;
use crate::store::record::instant;

/// Which column is meant.
#[derive(Debug, Clone, Copy)]
pub enum At<'a> {
    /// By its place, from 0.
    Nth(usize),
    /// By its name.
    Named(&'a str),
}

impl From<usize> for At<'_> {
    fn from(place: usize) -> Self {
        At::Nth(place)
    }
}

impl<'a> From<&'a str> for At<'a> {
    fn from(name: &'a str) -> Self {
        At::Named(name)
    }
}

/// A row, as far as it is read here.
pub trait Fields {
    /// Text, or an id as text.
    fn text(&self, at: At<'_>) -> Result<Option<String>, StoreError>;
    /// A whole number.
    fn int(&self, at: At<'_>) -> Result<Option<i64>, StoreError>;
    /// A number.
    fn real(&self, at: At<'_>) -> Result<Option<f64>, StoreError>;
    /// Whether something is so.
    fn flag(&self, at: At<'_>) -> Result<Option<bool>, StoreError>;
    /// Bytes, such as a hash.
    fn bytes(&self, at: At<'_>) -> Result<Option<Vec<u8>>, StoreError>;

    /// What a column holds.
    ///
    /// # Errors
    /// If it is something else.
    fn get<'a, T: Field>(&self, at: impl Into<At<'a>>) -> Result<T, StoreError>
    where
        Self: Sized,
    {
        let at = at.into();
        T::found(self, at)?.ok_or_else(|| StoreError::Corrupt {
            what: "row",
            why: format!("nothing in column {at:?}"),
        })
    }
}

/// What a column may hold.
pub trait Field: Sized {
    /// What it holds; `None` where it must hold something and does not.
    fn found(row: &impl Fields, at: At<'_>) -> Result<Option<Self>, StoreError>;
}

impl<T: Field> Field for Option<T> {
    fn found(row: &impl Fields, at: At<'_>) -> Result<Option<Self>, StoreError> {
        T::found(row, at).map(Some)
    }
}

macro_rules! fields {
    ($($method:ident => $type:ty;)*) => {
        $(impl Field for $type {
            fn found(row: &impl Fields, at: At<'_>) -> Result<Option<Self>, StoreError> {
                row.$method(at)
            }
        })*
    };
}
fields! {
    text => String;
    int => i64;
    real => f64;
    flag => bool;
    bytes => Vec<u8>;
}

macro_rules! numbers {
    ($($type:ty)*) => {
        $(impl Field for $type {
            fn found(row: &impl Fields, at: At<'_>) -> Result<Option<Self>, StoreError> {
                let number = row.int(at)?.map(Self::try_from).transpose();
                number.map_err(|error| StoreError::Corrupt { what: "row", why: error.to_string() })
            }
        })*
    };
}
numbers! { u16 u32 u64 }

impl Field for Uuid {
    fn found(row: &impl Fields, at: At<'_>) -> Result<Option<Self>, StoreError> {
        let id = row.text(at)?.map(|text| text.parse()).transpose();
        id.map_err(|error: uuid::Error| StoreError::Corrupt { what: "id", why: error.to_string() })
    }
}

impl Field for Timestamp {
    fn found(row: &impl Fields, at: At<'_>) -> Result<Option<Self>, StoreError> {
        row.int(at)?.map(instant).transpose()
    }
}

/// What sqlx has in a column.
macro_rules! column {
    ($row:ident, $at:ident) => {
        match $at {
            At::Nth(place) => $row.try_get(place)?,
            At::Named(name) => $row.try_get(name)?,
        }
    };
}

impl Fields for SqliteRow {
    fn text(&self, at: At<'_>) -> Result<Option<String>, StoreError> {
        Ok(column!(self, at))
    }

    fn int(&self, at: At<'_>) -> Result<Option<i64>, StoreError> {
        Ok(column!(self, at))
    }

    fn real(&self, at: At<'_>) -> Result<Option<f64>, StoreError> {
        Ok(column!(self, at))
    }

    fn flag(&self, at: At<'_>) -> Result<Option<bool>, StoreError> {
        Ok(column!(self, at))
    }

    fn bytes(&self, at: At<'_>) -> Result<Option<Vec<u8>>, StoreError> {
        Ok(column!(self, at))
    }
}

impl Fields for PgRow {
    fn text(&self, at: At<'_>) -> Result<Option<String>, StoreError> {
        if type_of(self, at)? == "UUID" {
            let id: Option<Uuid> = column!(self, at);
            return Ok(id.map(|id| id.to_string()));
        }
        Ok(column!(self, at))
    }

    fn int(&self, at: At<'_>) -> Result<Option<i64>, StoreError> {
        Ok(match type_of(self, at)? {
            "INT2" => {
                let number: Option<i16> = column!(self, at);
                number.map(i64::from)
            }
            "INT4" => {
                let number: Option<i32> = column!(self, at);
                number.map(i64::from)
            }
            _ => column!(self, at),
        })
    }

    fn real(&self, at: At<'_>) -> Result<Option<f64>, StoreError> {
        Ok(column!(self, at))
    }

    fn flag(&self, at: At<'_>) -> Result<Option<bool>, StoreError> {
        Ok(column!(self, at))
    }

    fn bytes(&self, at: At<'_>) -> Result<Option<Vec<u8>>, StoreError> {
        Ok(column!(self, at))
    }
}

fn type_of<'a>(row: &'a PgRow, at: At<'_>) -> Result<&'a str, StoreError> {
    let column = match at {
        At::Nth(place) => row.try_column(place)?,
        At::Named(name) => row.try_column(name)?,
    };
    Ok(column.type_info().name())
}
