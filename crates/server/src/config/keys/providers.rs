//! Sign-in providers.

use super::{Key, Kind, table};

table! {
    GOOGLE_CLIENT_ID = Key::new("providers.google_client_id", &["GOOGLE_CLIENT_ID"], Kind::List,
        "The client ids at Google, one for each client (web, iOS, Android): a token for any of them is taken.")
        .example("1234.apps.googleusercontent.com, 5678.apps.googleusercontent.com");
    GOOGLE_JWKS_URL = Key::new("providers.google_jwks_url", &["VESTIBULE_GOOGLE_JWKS_URL"], Kind::Text,
        "Where Google's keys are; https, or http on this machine.").derived("Google's own").example("https://proxy.example.org/certs");
    GOOGLE_ISSUER = Key::new("providers.google_issuer", &["VESTIBULE_GOOGLE_ISSUER"], Kind::Text,
        "Who must have issued Google's tokens.").derived("Google's two names").example("https://issuer.example.org");
    FACEBOOK_APP_ID = Key::new("providers.facebook_app_id", &["FACEBOOK_APP_ID"], Kind::List,
        "The app ids at Facebook; a token for any of them is taken.").example("1234567890");
    FACEBOOK_APP_SECRET = Key::new("providers.facebook_app_secret", &["FACEBOOK_APP_SECRET"], Kind::Text,
        "The app secret at Facebook; of several apps, their secrets in the same order, separated by commas.").example("the secret").secret();
    FACEBOOK_GRAPH_URL = Key::new("providers.facebook_graph_url", &["VESTIBULE_FACEBOOK_GRAPH_URL"], Kind::Text,
        "Where Facebook's Graph API is, with its version; https, or http on this machine.")
        .derived("Facebook's own").example("https://graph.facebook.com/v2.6");
    FACEBOOK_TRUST_EMAIL = Key::new("providers.facebook_trust_email", &["VESTIBULE_FACEBOOK_TRUST_EMAIL"], Kind::Switch,
        "Whether Facebook vouches for the addresses that it tells.").default("on");
    APPLE_CLIENT_ID = Key::new("providers.apple_client_id", &["APPLE_CLIENT_ID"], Kind::List,
        "The client ids at Apple, services ids and bundle ids: a code for any of them is taken. A code does not say for which \
         it is, so Apple is asked for one after the other: write the most frequent first.")
        .example("org.example.web, org.example.app");
    APPLE_TEAM_ID = Key::new("providers.apple_team_id", &["APPLE_TEAM_ID"], Kind::Text,
        "The team id at Apple.").example("ABCDE12345");
    APPLE_KEY_ID = Key::new("providers.apple_key_id", &["APPLE_KEY_ID"], Kind::Text,
        "The id of the private key at Apple.").example("ABC123DEFG");
    APPLE_PRIVATE_KEY = Key::new("providers.apple_private_key", &["APPLE_PRIVATE_KEY"], Kind::Text,
        "The private key (PKCS#8 PEM); line breaks may be written as a backslash and an n.")
        .example("-----BEGIN PRIVATE KEY-----…").secret();
    APPLE_URL = Key::new("providers.apple_url", &["VESTIBULE_APPLE_URL"], Kind::Text,
        "Base of Apple's `/auth/token` and `/auth/keys`; https, or http on this machine.")
        .derived("Apple's own").example("https://appleid.apple.com");
}
