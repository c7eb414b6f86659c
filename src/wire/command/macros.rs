//! What every command type repeats, written once.

/// Ties each type of data to its name, an example, and the command that it becomes. The command's
/// expression may refuse fields that contradict each other with `?`.
macro_rules! commands {
    ($($data:ident $name:literal $example:literal |$it:ident| $command:expr;)*) => {$(
        impl $crate::wire::command::data::CommandData for $data {
            const TYPE: &'static str = $name;
            const EXAMPLE: &'static str = $example;
            fn command(
                self,
            ) -> Result<$crate::domain::command::Command, $crate::wire::field::FieldError> {
                let $it = self;
                Ok($command)
            }
        }
    )*};
}

/// Commands that say no more than about what they are.
macro_rules! commands_by_id {
    ($(
        $(#[$doc:meta])*
        $data:ident $name:literal $field:ident: $id:ident = $example:literal
        => $command:path;
    )*) => {$(
        $(#[$doc])*
        #[derive(serde::Deserialize, schemars::JsonSchema)]
        #[serde(deny_unknown_fields)]
        pub struct $data {
            /// Which one.
            $field: $crate::wire::scalar::Parsed<$id>,
        }

        impl $crate::wire::command::data::CommandData for $data {
            const TYPE: &'static str = $name;
            const EXAMPLE: &'static str =
                concat!("{\"", stringify!($field), "\":\"", $example, "\"}");
            fn command(
                self,
            ) -> Result<$crate::domain::command::Command, $crate::wire::field::FieldError> {
                Ok($command(self.$field.0))
            }
        }
    )*};
}
