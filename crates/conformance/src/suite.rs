//! The list of all cases, and the tests that are made of it.

/// Makes one `#[test]` per case, in one module per aggregate.
///
/// The argument is the path of an `async fn() -> Fixture` (or `-> Option<Fixture>`, see [`crate::run`]) that gives a
/// fresh, migrated store at each call.
#[macro_export]
macro_rules! conformance_suite {
    ($fresh:path) => {
        $crate::__every_case! { __tests $fresh }
    };
}

/// Hands the names of all cases to another macro of this crate, behind its arguments.
#[doc(hidden)]
#[macro_export]
macro_rules! __every_case {
    ($then:ident $($argument:tt)*) => {
        $crate::$then! {
            ($($argument)*)
            store {
                a_store_answers_a_ping
                migrating_twice_at_once_leaves_every_migration_applied
            }
            accounts {
                every_field_of_an_account_comes_back
                of_many_inserts_of_one_email_one_wins
            }
        }
    };
}

/// One test per case.
#[doc(hidden)]
#[macro_export]
macro_rules! __tests {
    (($fresh:path) $($aggregate:ident { $($case:ident)* })*) => {
        $(mod $aggregate {
            #[allow(unused_imports, reason = "the path to the fixture may be relative to the module above")]
            use super::*;

            $(#[test]
            fn $case() {
                $crate::run(
                    concat!(stringify!($aggregate), "::", stringify!($case)),
                    $fresh,
                    $crate::cases::$aggregate::$case,
                );
            })*
        })*
    };
}

/// The public face of each case: only what is in the list is called, so a forgotten case is dead code.
macro_rules! faces {
    (() $($aggregate:ident { $($case:ident)* })*) => {
        /// Every case by aggregate, for [`crate::conformance_suite`]; the promises are told where the cases are.
        pub mod cases {
            $(#[doc = concat!("The promises of `", stringify!($aggregate), "`.")]
            pub mod $aggregate {
                $(#[doc = concat!("Checks that ", stringify!($case), ".")]
                pub async fn $case(store: std::sync::Arc<dyn vestibule_ports::Store>) {
                    crate::$aggregate::$case(store).await;
                })*
            })*
        }
    };
}
pub(crate) use faces as __faces;

__every_case! { __faces }
