//! How rows are defined: with their form as JSON, behind the feature `serde`, and the way from one form of times to another.

/// Defines a row. Of each field its type tells what becomes of it: a time (`T`, `Option<T>`) takes another form, and bytes are
/// hexadecimal digits in JSON.
macro_rules! rows {
    ($(#[$meta:meta])* pub struct $row:ident<T> { $($fields:tt)* }) => {
        rows! { @field [$(#[$meta])*] [$row<T>] [] $($fields)* }
    };
    ($(#[$meta:meta])* pub struct $row:ident { $($fields:tt)* }) => {
        rows! { @field [$(#[$meta])*] [$row] [] $($fields)* }
    };
    (@field $head:tt $row:tt [$($done:tt)*] $(#[$meta:meta])* pub $field:ident: T, $($rest:tt)*) => {
        rows! { @field $head $row [$($done)* { $(#[$meta])* pub $field: T [time] }] $($rest)* }
    };
    (@field $head:tt $row:tt [$($done:tt)*] $(#[$meta:meta])* pub $field:ident: Option<T>, $($rest:tt)*) => {
        rows! { @field $head $row [$($done)* { $(#[$meta])* pub $field: Option<T> [optional_time] }] $($rest)* }
    };
    (@field $head:tt $row:tt [$($done:tt)*] $(#[$meta:meta])* pub $field:ident: Vec<u8>, $($rest:tt)*) => {
        rows! {
            @field $head $row [$($done)* {
                $(#[$meta])*
                #[cfg_attr(feature = "serde", serde(with = "crate::stored::digits"))]
                pub $field: Vec<u8> [same]
            }]
            $($rest)*
        }
    };
    (@field $head:tt $row:tt [$($done:tt)*] $(#[$meta:meta])* pub $field:ident: Option<Vec<u8>>, $($rest:tt)*) => {
        rows! {
            @field $head $row [$($done)* {
                $(#[$meta])*
                #[cfg_attr(feature = "serde", serde(with = "crate::stored::digits::optional"))]
                pub $field: Option<Vec<u8>> [same]
            }]
            $($rest)*
        }
    };
    (@field $head:tt $row:tt [$($done:tt)*] $(#[$meta:meta])* pub $field:ident: $type:ty, $($rest:tt)*) => {
        rows! { @field $head $row [$($done)* { $(#[$meta])* pub $field: $type [same] }] $($rest)* }
    };
    (@field [$($head:tt)*] [$row:ident $(<$time:ident>)?]
        [$({ $(#[$meta:meta])* pub $field:ident: $type:ty [$form:ident] })*]) => {
        $($head)*
        #[derive(Clone, PartialEq)]
        #[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize), serde(deny_unknown_fields))]
        pub struct $row $(<$time>)? {
            $($(#[$meta])* pub $field: $type,)*
        }

        rows! { @times [$row $(<$time>)?] $($field $form)* }
    };
    (@times [$row:ident]  $($field:ident $form:ident)*) => {};
    (@times [$row:ident<T>] $($field:ident $form:ident)*) => {
        impl<T: $crate::stored::StoredTime> $row<T> {
            /// The same row with its times in another form.
            pub fn with_times<U: $crate::stored::StoredTime>(self) -> Result<$row<U>, $crate::StoreError> {
                Ok($row { $($field: rows!(@$form self.$field, stringify!($field))),* })
            }
        }
    };
    (@same $value:expr, $what:expr) => { $value };
    (@time $value:expr, $what:expr) => { U::of($crate::stored::time($value, $what)?) };
    (@optional_time $value:expr, $what:expr) => { $crate::stored::optional_time($value, $what)?.map(U::of) };
}
