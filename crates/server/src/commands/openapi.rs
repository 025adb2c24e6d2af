//! `openapi`: the document of all enabled dialects.

use crate::{
    compose::http_options,
    config::Config,
    exit::Exit,
    terminal::{complain, output},
};

pub(super) fn run(config: &Config) -> Exit {
    let options = http_options(config, &config.server.public_url_at(config.server.listen));
    match vestibule_http::openapi_document(&options, config.policy.password).to_pretty_json() {
        Ok(document) => output(&document),
        Err(error) => {
            complain(&format!("the document cannot be written: {error}"));
            Exit::Failure
        }
    }
}
