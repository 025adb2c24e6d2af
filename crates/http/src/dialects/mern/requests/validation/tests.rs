use serde_json::json;
use vestibule_domain::PasswordRules;

use super::*;
use crate::dialects::mern::errors::Invalid;

fn fields(json: &str) -> Fields {
    Fields::of(Document::parse(json.as_bytes()).unwrap(), PasswordRules::default()).unwrap()
}

fn message<T: std::fmt::Debug>(result: Result<T, Invalid>) -> String {
    result.unwrap_err().0
}

#[test]
fn only_objects_and_arrays_are_documents() {
    for json in ["", " ", "1", "null", "true", "\"text\"", "{", "{\"a\":}", "[1", "{} {}", "a=1"] {
        assert!(Document::parse(json.as_bytes()).is_err(), "{json:?}");
    }
    assert_eq!(Document::parse(b"[1,{\"a\":[]}]").unwrap(), Document::Array);
    assert_eq!(Document::parse(b" {} ").unwrap(), Document::EMPTY);
}

#[test]
fn an_array_is_not_an_object() {
    assert_eq!(message(Fields::of(Document::Array, PasswordRules::default())), r#""value" must be of type object"#);
}

#[test]
fn fields_keep_their_order() {
    let document = Document::parse(br#"{"z":1,"a":2,"m":3}"#).unwrap();
    assert_eq!(
        document,
        Document::Object(vec![("z".into(), json!(1)), ("a".into(), json!(2)), ("m".into(), json!(3))])
    );
}

#[test]
fn of_two_values_the_last_counts_and_the_first_place() {
    let mut fields = fields(r#"{"b":"1","a":"2","b":"3"}"#);
    assert_eq!(fields.text(Text::named("a")).unwrap().unwrap(), "2");
    assert_eq!(fields.text(Text::named("b")).unwrap().unwrap(), "3");
    assert_eq!(fields.accepted(), ["b", "a"]);
    assert_eq!(fields.refuse_unknown(), Ok(()));
}

#[test]
fn a_text_has_three_general_messages() {
    let rule = Text::named("code").trimmed();
    assert_eq!(message(fields("{}").required_text(rule)), r#""code" is required"#);
    assert_eq!(message(fields(r#"{"code":" "}"#).required_text(rule)), r#""code" is not allowed to be empty"#);
    for other in ["1", "null", "true", "[]", "{}"] {
        let mut fields = fields(&format!(r#"{{"code":{other}}}"#));
        assert_eq!(message(fields.required_text(rule)), r#""code" must be a string"#, "{other}");
    }
    assert_eq!(fields(r#"{"code":" a "}"#).required_text(rule).unwrap(), "a");
    assert_eq!(fields(r#"{"code":" a "}"#).required_text(Text::named("code")).unwrap(), " a ");
}

#[test]
fn a_labelled_text_has_words_of_its_own_but_for_its_type() {
    let rule = Text::labelled("currentPassword", "Current Password");
    assert_eq!(message(fields("{}").required_text(rule)), "Current Password is required");
    assert_eq!(message(fields(r#"{"currentPassword":""}"#).required_text(rule)), "Current Password cannot be empty");
    assert_eq!(
        message(fields(r#"{"currentPassword":1}"#).required_text(rule)),
        r#""currentPassword" must be a string"#
    );
}

#[test]
fn a_word_is_one_of_the_list_or_refused_with_it() {
    let words = [("admin", 1), ("user", 2)];
    assert_eq!(fields(r#"{"role":"user"}"#).one_of("role", &words), Ok(Some(2)));
    assert_eq!(fields("{}").one_of("role", &words), Ok(None));
    assert_eq!(message(fields("{}").required_one_of("role", &words)), r#""role" is required"#);
    for other in ["\"\"", "null", "\"User\"", "1", "[\"user\"]"] {
        let mut fields = fields(&format!(r#"{{"role":{other}}}"#));
        assert_eq!(message(fields.one_of("role", &words)), r#""role" must be one of [admin, user]"#, "{other}");
    }
}

#[test]
fn a_switch_is_also_read_from_a_text_and_a_flag_is_not() {
    for (json, value) in [("true", true), ("false", false), ("\"TRUE\"", true), ("\"False\"", false)] {
        assert_eq!(fields(&format!(r#"{{"on":{json}}}"#)).switch("on"), Ok(value), "{json}");
    }
    assert_eq!(fields("{}").switch("on"), Ok(false));
    for json in ["null", "1", "\"yes\"", "\"\"", "[]"] {
        assert_eq!(message(fields(&format!(r#"{{"on":{json}}}"#)).switch("on")), r#""on" must be a boolean"#, "{json}");
    }
    assert_eq!(fields(r#"{"on":true}"#).flag("on"), Ok(Some(true)));
    for json in ["null", "1", "\"true\""] {
        assert_eq!(message(fields(&format!(r#"{{"on":{json}}}"#)).flag("on")), r#""on" must be a boolean"#, "{json}");
    }
}

#[test]
fn unknown_fields_are_told_in_the_order_in_which_they_came() {
    let mut fields = fields(r#"{"z":1,"name":"a","b":2}"#);
    fields.text(Text::named("name")).unwrap();
    assert_eq!(message(fields.refuse_unknown()), r#""z" is not allowed"#);
}

#[test]
fn a_field_within_an_object_is_named_by_its_path() {
    let mut user = fields(r#"{"user":{"name":{"firstName":1}}}"#).object("user").unwrap().unwrap();
    let mut name = user.object("name").unwrap().unwrap();
    assert_eq!(message(name.text(Text::named("firstName"))), r#""user.name.firstName" must be a string"#);
    for other in ["\"text\"", "null", "[]", "1"] {
        let mut fields = fields(&format!(r#"{{"user":{other}}}"#));
        assert_eq!(message(fields.object("user")), r#""user" must be of type object"#, "{other}");
    }
}

#[test]
fn null_counts_as_not_sent_where_it_may_stand() {
    let rule = Text::named("firstName");
    assert_eq!(fields(r#"{"firstName":null}"#).text_or_null(rule), Ok(None));
    assert_eq!(fields(r#"{"firstName":"A"}"#).text_or_null(rule), Ok(Some("A".to_owned())));
    assert_eq!(message(fields(r#"{"firstName":1}"#).text_or_null(rule)), r#""firstName" must be a string"#);
}

#[test]
fn a_count_is_a_whole_number_that_is_not_negative() {
    let count = |text: &str| Fields::of_query(&format!("limit={text}")).count("limit");
    for (text, number) in [("0", 0), ("30", 30), ("+7", 7), ("%2B7", 7), ("1e2", 100), ("5.0", 5), ("%205%20", 5)] {
        assert_eq!(count(text), Ok(Some(number)), "{text}");
    }
    for (text, what) in [
        ("", "must be a number"),
        ("abc", "must be a number"),
        ("NaN", "must be a number"),
        ("Infinity", "must be a number"),
        ("0x10", "must be a number"),
        ("1.5", "must be an integer"),
        ("9007199254740992", "must be a safe number"),
        ("1e400", "must be a safe number"),
        ("-1", "must be larger than or equal to 0"),
    ] {
        assert_eq!(message(count(text)), format!(r#""limit" {what}"#), "{text}");
    }
}

#[test]
fn repeated_and_bracketed_parameters_are_no_texts() {
    for query in ["username=a&username=b", "username[]=a", "username[a]=b", "username[a][b]=c&username=d"] {
        let mut fields = Fields::of_query(query);
        assert_eq!(message(fields.text(Text::named("username"))), r#""username" must be a string"#, "{query}");
        assert_eq!(fields.refuse_unknown(), Ok(()), "{query}");
    }
    let mut fields = Fields::of_query("limit=1&limit=2");
    assert_eq!(message(fields.count("limit")), r#""limit" must be a number"#);
}

#[test]
fn a_query_is_decoded() {
    let mut fields = Fields::of_query("firstName=Jos%C3%A9+Luis&x&=y");
    assert_eq!(fields.text(Text::named("firstName")).unwrap().unwrap(), "José Luis");
    assert_eq!(message(fields.text(Text::named("x"))), r#""x" is not allowed to be empty"#);
    assert_eq!(fields.refuse_unknown(), Ok(()));
}
