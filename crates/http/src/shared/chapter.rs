//! What the OpenAPI document says of a dialect: its routes, each by its row, and how its token travels.

use utoipa::openapi::{
    ComponentsBuilder, PathsBuilder,
    security::{Http, HttpAuthScheme, SecurityScheme},
};
use vestibule_domain::PasswordRules;

use super::{
    describe::{Answer, Parameter, Place},
    kind::Kind,
    routes::{Access, RouteRow},
};

/// The part of the document that describes a dialect.
pub(crate) struct Chapter {
    /// How its token travels, where it has one.
    pub(crate) token: Option<Token>,
    /// What every route answers beside its own cases, by what it asks for and whether it takes a body.
    pub(crate) common: fn(Access, bool) -> Vec<Answer>,
    /// What a parameter of a path may be, by its name.
    pub(crate) segment: fn(&str) -> Option<Parameter>,
}

/// The access token of a dialect.
pub(crate) struct Token {
    /// The name of the security scheme.
    pub(crate) scheme: &'static str,
    /// Where a token comes from and how long it works.
    pub(crate) told: &'static str,
}

/// A table of routes, and where it is mounted.
pub(crate) struct Section<'a> {
    /// What its operations are tagged with.
    pub(crate) name: &'a str,
    pub(crate) rows: &'a [RouteRow],
    pub(crate) prefix: &'a str,
    /// The rules of new passwords.
    pub(crate) rules: PasswordRules,
}

impl Chapter {
    /// Adds the routes that have a description, behind the prefix, and the kind of token.
    pub(crate) fn write(
        &self,
        section: &Section<'_>,
        paths: PathsBuilder,
        components: ComponentsBuilder,
    ) -> (PathsBuilder, ComponentsBuilder) {
        let paths = section.rows.iter().fold(paths, |paths, row| {
            let Some(describe) = row.describe else { return paths };
            let (path, description) = (format!("{}{}", section.prefix, row.path), describe());
            // A form, and a body with pictures, is read in other words than JSON, which its description has.
            let has_own_words = matches!(row.kind, Kind::Upload { .. } | Kind::Pictures { .. });
            let takes_json = description.takes_body() && !has_own_words;
            let common = (self.common)(row.access, takes_json);
            let place = Place {
                method: &row.method,
                kind: row.kind,
                path: &path,
                tag: section.name,
                scheme: self.token.as_ref().filter(|_| row.access != Access::Public).map(|token| token.scheme),
                is_optional: row.access == Access::Optional,
                segment: self.segment,
                rules: section.rules,
            };
            let item = description.answering(common).item(&place);
            paths.path(path.clone(), item)
        });
        let Some(Token { scheme, told }) = self.token else { return (paths, components) };
        let mut bearer = Http::new(HttpAuthScheme::Bearer);
        bearer.bearer_format = Some("JWT".to_owned());
        bearer.description = Some(told.to_owned());
        (paths, components.security_scheme(scheme, SecurityScheme::Http(bearer)))
    }
}
