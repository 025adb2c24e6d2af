//! Finding and rendering templates.

use std::{
    collections::BTreeMap,
    fs, io,
    path::{Path, PathBuf},
};

use minijinja::{Environment, UndefinedBehavior, Value};
use vestibule_domain::mail::MailContent;
use vestibule_ports::{Language, Letter, LetterError, Letters};

use crate::builtin::{Builtin, LETTERS};

const SUBJECT: &str = "Subject: ";

/// Why the templates cannot be used; found at start.
#[derive(Debug, thiserror::Error)]
pub enum TemplatesError {
    /// A file of the folder cannot be read.
    #[error("cannot read the mail template {}", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The folder is missing, so none of its templates would be used.
    #[error("there is no folder of mail templates at {}", path.display())]
    Missing {
        /// The folder.
        path: PathBuf,
    },
    /// A file of the folder belongs to no letter, most often because of a typo in its name.
    #[error("{} is no mail template: the names are <en|fr>/<letter>.<txt|html>, with one of {known}", path.display())]
    Unknown {
        /// The file.
        path: PathBuf,
        /// The names of all letters.
        known: String,
    },
    /// A template is wrong.
    #[error("the mail template {name} is wrong")]
    Wrong {
        /// The template, as `<language>/<letter>`.
        name: String,
        /// Why.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
}

/// A text template does not begin with its subject.
#[derive(Debug, thiserror::Error)]
#[error("the first line of the text must be `Subject: …`, the second empty")]
struct NoSubject;

/// Letters from the built-in templates and from a folder, which takes precedence.
pub struct TemplateLetters(Environment<'static>);

impl TemplateLetters {
    /// Reads the folder, if there is one, and renders every letter once as a test.
    pub fn new(folder: Option<&Path>) -> Result<Self, TemplatesError> {
        let mut files = builtin_files();
        if let Some(folder) = folder {
            replace_from(folder, &mut files)?;
        }
        let mut environment = Environment::new();
        environment.set_undefined_behavior(UndefinedBehavior::Strict);
        for (name, source) in files {
            environment
                .add_template_owned(name.clone(), source)
                .map_err(|error| TemplatesError::Wrong { name, source: error.into() })?;
        }
        let letters = Self(environment);
        letters.try_all()?;
        Ok(letters)
    }

    fn try_all(&self) -> Result<(), TemplatesError> {
        for (letter, language) in LETTERS.iter().flat_map(|letter| [(letter, "en"), (letter, "fr")]) {
            let fields = letter.samples.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
            let fields: BTreeMap<String, String> = fields.collect();
            self.render(language, letter.name, &Value::from(fields))
                .map_err(|source| TemplatesError::Wrong { name: format!("{language}/{}", letter.name), source })?;
        }
        Ok(())
    }

    fn render(
        &self,
        language: &str,
        name: &str,
        fields: &Value,
    ) -> Result<MailContent, Box<dyn std::error::Error + Send + Sync>> {
        let part = |ending: &str| self.0.get_template(&format!("{language}/{name}.{ending}"))?.render(fields.clone());
        let (text, html) = (part("txt")?, part("html")?);
        let (head, text) = text.split_once("\n\n").ok_or(NoSubject)?;
        let subject = head.strip_prefix(SUBJECT).ok_or(NoSubject)?;
        // A field may hold untrusted text, and a subject is one line.
        let subject = subject.split(['\r', '\n']).map(str::trim).collect::<Vec<_>>().join(" ");
        Ok(MailContent { subject, text: text.to_owned(), html })
    }
}

impl Letters for TemplateLetters {
    fn compose(&self, letter: &Letter) -> Result<MailContent, LetterError> {
        let language = match letter.language {
            Language::English => "en",
            Language::French => "fr",
        };
        let fields: BTreeMap<String, String> =
            letter.fields.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect();
        self.render(language, letter.template, &Value::from(fields))
            .map_err(|source| LetterError { template: letter.template, source })
    }
}

fn builtin_files() -> BTreeMap<String, String> {
    let files = |Builtin { name, english, french, .. }: &Builtin| {
        [("en", *english), ("fr", *french)].map(|(language, [text, html])| {
            [(format!("{language}/{name}.txt"), text.to_owned()), (format!("{language}/{name}.html"), html.to_owned())]
        })
    };
    LETTERS.iter().flat_map(files).flatten().collect()
}

/// Replaces built-in templates by the files of a folder.
fn replace_from(folder: &Path, files: &mut BTreeMap<String, String>) -> Result<(), TemplatesError> {
    if !folder.is_dir() {
        return Err(TemplatesError::Missing { path: folder.to_owned() });
    }
    for language in ["en", "fr"] {
        let folder = folder.join(language);
        let entries = match fs::read_dir(&folder) {
            Ok(entries) => entries,
            Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
            Err(source) => return Err(TemplatesError::Read { path: folder, source }),
        };
        for entry in entries {
            let path = entry.map_err(|source| TemplatesError::Read { path: folder.clone(), source })?.path();
            let name =
                path.file_name().map(|name| format!("{language}/{}", name.to_string_lossy())).unwrap_or_default();
            let Some(file) = files.get_mut(&name) else {
                let known = LETTERS.iter().map(|letter| letter.name).collect::<Vec<_>>().join(", ");
                return Err(TemplatesError::Unknown { path, known });
            };
            *file = fs::read_to_string(&path).map_err(|source| TemplatesError::Read { path, source })?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn link(title: &str) -> Letter {
        let fields = vec![
            ("title", title.to_owned()),
            ("team", title.to_owned()),
            ("site", "https://example.org".to_owned()),
            ("link", "https://example.org/verify-email/abc".to_owned()),
            ("hours", "24".to_owned()),
        ];
        Letter { template: "verify-email-link", language: Language::English, fields }
    }

    fn folder_with(name: &str, content: &str) -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join("en")).unwrap();
        fs::write(folder.path().join("en").join(name), content).unwrap();
        folder
    }

    #[test]
    fn every_letter_is_written_in_both_languages() {
        let letters = TemplateLetters::new(None).unwrap();
        for language in [Language::English, Language::French] {
            for builtin in LETTERS {
                let fields = builtin.samples.iter().map(|(name, value)| (*name, (*value).to_owned())).collect();
                let content = letters.compose(&Letter { template: builtin.name, language, fields }).unwrap();
                assert!(!content.subject.is_empty() && !content.subject.starts_with(SUBJECT), "{}", builtin.name);
                for (_, sample) in builtin.samples {
                    let anywhere = [&content.subject, &content.text, &content.html];
                    assert!(anywhere.iter().any(|part| part.contains(sample)), "{}: {sample}", builtin.name);
                }
            }
        }
    }

    #[test]
    fn a_text_of_somebody_is_escaped_in_html_and_adds_no_line_to_the_subject() {
        let content = TemplateLetters::new(None).unwrap().compose(&link("<b>\r\nBcc: x@example.org")).unwrap();
        assert!(!content.html.contains("<b>"), "{}", content.html);
        assert!(!content.subject.contains(['\r', '\n']), "{:?}", content.subject);
    }

    #[test]
    fn a_folder_goes_first() {
        let folder = folder_with("verify-email-link.txt", "Subject: Hello {{ title }}\n\nGo to {{ link }}\n");
        let content = TemplateLetters::new(Some(folder.path())).unwrap().compose(&link("World")).unwrap();
        assert_eq!(content.subject, "Hello World");
        assert!(content.html.contains('<'), "the other part is the built-in one");
    }

    #[test]
    fn a_file_that_stands_for_no_letter_is_refused() {
        let folder = folder_with("verify-mail.txt", "Subject: x\n\nx");
        assert!(matches!(TemplateLetters::new(Some(folder.path())), Err(TemplatesError::Unknown { .. })));
    }

    #[test]
    fn a_wrong_template_is_found_at_start() {
        for wrong in ["Subject: {{ titel }}\n\nx", "Subject: {{ title\n\nx", "{{ title }}\n\nx", "Subject: one line"] {
            let folder = folder_with("verify-email-link.txt", wrong);
            assert!(matches!(TemplateLetters::new(Some(folder.path())), Err(TemplatesError::Wrong { .. })), "{wrong}");
        }
    }

    #[test]
    fn an_unknown_letter_is_an_error() {
        let letter = Letter { template: "nothing", language: Language::English, fields: Vec::new() };
        let error = TemplateLetters::new(None).unwrap().compose(&letter).unwrap_err();
        let source = error.source.downcast_ref::<minijinja::Error>().unwrap();
        assert_eq!(source.kind(), minijinja::ErrorKind::TemplateNotFound);
    }
}
