//! The labels of the keys of tokens.

/// A key is derived by its label: where one of these changes, every token of that key that is in the hands of clients ends.
#[test]
fn the_labels_of_all_keys_stay_as_they_are() {
    let labels: Vec<_> = vestibule_http::token_keys().iter().map(vestibule_application::TokenKey::label).collect();
    let expected = [
        "token/contacts/access/Hs256",
        "token/contacts/reset/Hs256",
        "token/mern/access/Hs512",
        "token/ego/access/Hs256",
        "token/ego/refresh/Hs256",
        "token/rococoins/access/Hs256",
        "token/looking/access/Hs256",
    ];
    assert_eq!(labels, expected);
}
