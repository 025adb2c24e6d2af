//! Where document contents are stored.

use super::{Key, Kind, table};

table! {
    BLOBS = Key::new("blobs.place", &["VESTIBULE_BLOBS"], Kind::Text,
        "`file:DIR`, a folder that must be there, `s3://BUCKET/PREFIX` (the prefix may be left out), or `memory:`. All \
         nodes of one database share one place, and no two databases do: each removes what it does not know.")
        .derived("with SQLite the path of its file and `.blobs`, a folder that is made with mode 0700; with `memory:` in memory; with PostgreSQL none, so that an \
                  upload answers 503")
        .example("file:/var/lib/vestibule/blobs");
    S3_ENDPOINT = Key::new("blobs.s3_endpoint", &["VESTIBULE_S3_ENDPOINT"], Kind::Text,
        "Where the bucket is, without its name; https, or http on this machine.").derived("AWS in the region")
        .example("https://s3.example.org");
    S3_REGION = Key::new("blobs.s3_region", &["VESTIBULE_S3_REGION"], Kind::Text,
        "The region that requests to the bucket are signed for.").default("us-east-1");
    S3_ACCESS_KEY_ID = Key::new("blobs.s3_access_key_id", &["VESTIBULE_S3_ACCESS_KEY_ID"], Kind::Text,
        "The id of the key to the bucket.").example("AKIAIOSFODNN7EXAMPLE");
    S3_SECRET_ACCESS_KEY = Key::new("blobs.s3_secret_access_key", &["VESTIBULE_S3_SECRET_ACCESS_KEY"], Kind::Text,
        "The key to the bucket.").example("the key").secret();
    S3_ALLOW_HTTP = Key::new("blobs.s3_allow_http", &["VESTIBULE_S3_ALLOW_HTTP"], Kind::Switch,
        "Whether an endpoint on another machine may be asked by http. What is sent is sealed, but its names are not.")
        .default("off");
}
