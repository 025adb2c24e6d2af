//! What the OpenAPI document says of a dialect: its routes, each by its row, and how its token travels.

use utoipa::openapi::{
    ComponentsBuilder, PathsBuilder,
    security::{Http, HttpAuthScheme, SecurityScheme},
};

use super::{
    describe::Answer,
    kind::Kind,
    routes::{Access, RouteRow},
};

/// The part of the document that describes a dialect.
pub(crate) struct Chapter {
    /// The name of the security scheme.
    pub(crate) scheme: &'static str,
    /// Where a token comes from and how long it works.
    pub(crate) token: &'static str,
    /// What every route answers beside its own cases, by what it asks for and whether it takes a body.
    pub(crate) common: fn(Access, bool) -> Vec<Answer>,
}

impl Chapter {
    /// Adds the routes that have a description, behind `prefix`, and the kind of token.
    pub(crate) fn write(
        &self,
        (name, rows): (&str, &[RouteRow]),
        prefix: &str,
        paths: PathsBuilder,
        components: ComponentsBuilder,
    ) -> (PathsBuilder, ComponentsBuilder) {
        let paths = rows.iter().fold(paths, |paths, row| {
            let Some(describe) = row.describe else { return paths };
            let (path, description) = (format!("{prefix}{}", row.path), describe());
            // A form, and a body with pictures, is read in other words than JSON, which its description has.
            let has_own_words = matches!(row.kind, Kind::Upload { .. } | Kind::Pictures { .. });
            let takes_json = description.takes_body() && !has_own_words;
            let common = (self.common)(row.access, takes_json);
            let scheme = row.access.needs_token().then_some(self.scheme);
            let item = description.answering(common).item((&row.method, row.kind), &path, name, scheme);
            paths.path(path, item)
        });
        let mut bearer = Http::new(HttpAuthScheme::Bearer);
        bearer.bearer_format = Some("JWT".to_owned());
        bearer.description = Some(self.token.to_owned());
        (paths, components.security_scheme(self.scheme, SecurityScheme::Http(bearer)))
    }
}
