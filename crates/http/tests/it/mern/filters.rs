//! `GET /api/users`: the list against a plain model of it, and the words for bad queries.

use std::cmp::Ordering;

use actix_web::rt::{System, SystemRunner};
use proptest::{
    prelude::*,
    strategy::ValueTree,
    test_runner::{Config, TestRunner},
};
use serde_json::Value;
use vestibule_domain::{Account, AccountStatus, Permission, Role};

use super::{USERS, account, assert_failed, token, with};
use crate::support::TestApp;

const FLAGS: [(&str, Permission); 3] = [
    ("userRead", Permission::UserRead),
    ("userModify", Permission::UserModify),
    ("postInsert", Permission::PostInsert),
];
const NAMES: [&str; 4] = ["Anna", "anna", "Zoë", "B C"];
/// Who asks; in every list.
const ROOT: u32 = 999;

/// What a generated account is made of: role, status, whether its mailbox is proven, flags, first name.
type Made = (u8, u8, bool, u8, usize);

fn build(number: u32, (role, status, proven, flags, name): Made) -> Account {
    let role = [Role::User, Role::User, Role::Admin, Role::Root][usize::from(role % 4)];
    let permissions: Vec<Permission> =
        FLAGS.iter().enumerate().filter(|(bit, _)| flags >> bit & 1 == 1).map(|(_, (_, flag))| *flag).collect();
    let status = [AccountStatus::Active, AccountStatus::Active, AccountStatus::Disabled, AccountStatus::Pending]
        [usize::from(status % 4)];
    let account = account(number, role, &permissions).status(status);
    let account = account.parts(NAMES[name % NAMES.len()], &format!("Last {}", number % 3));
    let account = if proven && status != AccountStatus::Pending { account } else { account.mailbox_proven_at(None) };
    account.build()
}

/// The parameters of a generated query; none of them is left out by chance only.
#[derive(Debug, Clone)]
struct Query {
    role: Option<&'static str>,
    status: Option<&'static str>,
    permissions: Option<&'static str>,
    first_name: Option<&'static str>,
    last_name: Option<&'static str>,
    username: Option<&'static str>,
    sort: Option<&'static str>,
    skip: Option<usize>,
    limit: Option<usize>,
}

fn queries() -> impl Strategy<Value = Query> {
    let one_of = |words: &'static [&'static str]| prop::option::weighted(0.3, prop::sample::select(words));
    let sorts = &[
        "username",
        "-username",
        "role -id",
        "firstName -lastName",
        "-status email",
        "status",
        "unknown",
        "-createdAt",
    ];
    (
        one_of(&["admin", "root", "user"]),
        one_of(&["active", "disabled", "unverified-email"]),
        one_of(&["userRead", "userModify", "postInsert", "postRead", "readPosts", "userRead,userModify"]),
        one_of(&["Anna", "anna", "Zo%C3%AB", "B+C", "Nobody"]),
        one_of(&["Last 0", "Last 1", "last 1"]),
        one_of(&["user-3", "USER-4", "nobody", "x"]),
        prop::option::weighted(0.6, prop::sample::select(sorts.as_slice())),
        prop::option::weighted(0.4, 0_usize..12),
        prop::option::weighted(0.4, prop::sample::select([0_usize, 1, 3, 30, 5_000].as_slice())),
    )
        .prop_map(|(role, status, permissions, first_name, last_name, username, sort, skip, limit)| Query {
            role,
            status,
            permissions,
            first_name,
            last_name,
            username,
            sort,
            skip,
            limit,
        })
}

impl Query {
    fn text(&self) -> String {
        let mut pairs: Vec<String> = [
            ("role", self.role),
            ("status", self.status),
            ("permissions", self.permissions),
            ("firstName", self.first_name),
            ("lastName", self.last_name),
            ("username", self.username),
            ("sort", self.sort),
        ]
        .into_iter()
        .filter_map(|(name, value)| value.map(|value| format!("{name}={}", value.replace(' ', "%20"))))
        .collect();
        pairs.extend(self.skip.map(|skip| format!("skip={skip}")));
        pairs.extend(self.limit.map(|limit| format!("limit={limit}")));
        pairs.join("&")
    }

    fn matches(&self, user: &Value) -> bool {
        let decoded = |text: &str| text.replace("%C3%AB", "ë").replace('+', " ");
        let is = |key: &str, wanted: Option<&str>| wanted.is_none_or(|wanted| user[key] == decoded(wanted).as_str());
        let holds = |flag: &str| user["role"] != "user" || user["permissions"][flag] == true;
        is("role", self.role)
            && is("status", self.status)
            && is("firstName", self.first_name)
            && is("lastName", self.last_name)
            && is("username", self.username.map(str::to_lowercase).as_deref())
            && self.permissions.is_none_or(holds)
    }

    fn compare(&self, one: &Value, other: &Value) -> Ordering {
        let text = |user: &Value, key: &str| user[key].as_str().unwrap_or_default().to_owned();
        let words = self.sort.unwrap_or_default().split(' ').filter(|word| !word.is_empty());
        let by_words = words.fold(Ordering::Equal, |order, word| {
            let key = word.trim_start_matches('-');
            let by_word = text(one, key).cmp(&text(other, key));
            order.then(if word.starts_with('-') { by_word.reverse() } else { by_word })
        });
        by_words.then(text(one, "id").cmp(&text(other, "id")))
    }

    /// What the list should be, of all users as they are shown.
    fn answer(&self, mut users: Vec<Value>) -> (Vec<Value>, usize) {
        users.retain(|user| self.matches(user));
        users.sort_by(|one, other| self.compare(one, other));
        let count = users.len();
        let limit = match self.limit {
            None => 30,
            Some(0) => 1_000,
            Some(limit) => limit.min(1_000),
        };
        (users.into_iter().skip(self.skip.unwrap_or(0)).take(limit).collect(), count)
    }
}

fn check(app: &TestApp, system: &SystemRunner, accounts: &[Account]) {
    let root = account(ROOT, Role::Root, &[]).build();
    system.block_on(app.put(&root));
    for account in accounts {
        system.block_on(app.put(account));
    }
    let token = token(app, &root);
    let get = |path: String| system.block_on(app.get_as(&token, &path));
    let all: Vec<Value> = accounts
        .iter()
        .chain([&root])
        .map(|account| get(format!("{USERS}/{}", account.id().hex())).json()["user"].clone())
        .collect();
    let mut runner = TestRunner::new(Config { cases: 300, failure_persistence: None, ..Config::default() });
    let result = runner.run(&queries(), |query| {
        let answer = get(format!("{USERS}?{}", query.text()));
        prop_assert_eq!(answer.status, 200, "{}", answer.text);
        let (users, count) = query.answer(all.clone());
        let body = answer.json();
        prop_assert_eq!(&body["users"], &Value::from(users), "{}", query.text());
        prop_assert_eq!(&body["usersCount"], &Value::from(count));
        Ok(())
    });
    result.unwrap();
}

fn generated() -> Vec<Account> {
    let made = prop::collection::vec((any::<u8>(), any::<u8>(), any::<bool>(), any::<u8>(), any::<usize>()), 40);
    let made = made.new_tree(&mut TestRunner::deterministic()).unwrap().current();
    (1..).zip(made).map(|(number, made)| build(number, made)).collect()
}

#[test]
fn the_list_is_that_of_a_plain_model() {
    let system = System::new();
    let app = system.block_on(TestApp::without_limits());
    check(&app, &system, &generated());
}

#[test]
fn the_list_is_that_of_a_plain_model_where_mailboxes_must_be_proven() {
    let system = System::new();
    let app = system.block_on(with(|options| options.verify_email = true));
    check(&app, &system, &generated());
}

#[actix_web::test]
async fn an_unproven_account_is_found_by_the_status_that_it_is_shown_with() {
    for (verify_email, status) in [(false, "active"), (true, "unverified-email")] {
        let app = with(|options| options.verify_email = verify_email).await;
        let root = account(ROOT, Role::Root, &[]).build();
        app.put(&root).await;
        app.put(&account(1, Role::User, &[]).mailbox_proven_at(None).build()).await;
        for (asked, count) in
            [("active", u8::from(!verify_email)), ("unverified-email", u8::from(verify_email)), ("disabled", 0)]
        {
            let list = app.get_as(&token(&app, &root), &format!("{USERS}?role=user&status={asked}")).await.json();
            assert_eq!(list["usersCount"], count, "{asked}");
            if count == 1 {
                assert_eq!(list["users"][0]["status"], status);
            }
        }
    }
}

#[actix_web::test]
async fn an_address_is_found_in_any_case() {
    let app = TestApp::without_limits().await;
    let root = account(ROOT, Role::Root, &[]).email("root@example.com").build();
    app.put(&root).await;
    app.put(&account(1, Role::User, &[]).build()).await;
    let list = app.get_as(&token(&app, &root), &format!("{USERS}?email=ROOT%40Example.com")).await.json();
    assert_eq!((&list["usersCount"], &list["users"][0]["email"]), (&Value::from(1), &Value::from("root@example.com")));
}

#[actix_web::test]
async fn each_bad_parameter_has_its_answer() {
    let app = TestApp::without_limits().await;
    let root = account(ROOT, Role::Root, &[]).build();
    app.put(&root).await;
    let token = token(&app, &root);
    let pattern = |value: &str| {
        format!(r#""sort" with value "{value}" fails to match the required pattern: /^(-?[A-Za-z]+)( -?[A-Za-z]+)*$/"#)
    };
    let roles = r#""role" must be one of [admin, root, user]"#;
    let statuses = r#""status" must be one of [active, disabled, unverified-email]"#;
    for (query, message) in [
        ("limit=", r#""limit" must be a number"#),
        ("limit=1.5", r#""limit" must be an integer"#),
        ("limit=9007199254740993", r#""limit" must be a safe number"#),
        ("limit=-1", r#""limit" must be larger than or equal to 0"#),
        ("skip=-1", r#""skip" must be larger than or equal to 0"#),
        ("skip=x&limit=y", r#""limit" must be a number"#),
        ("sort=", r#""sort" is not allowed to be empty"#),
        ("sort=_id", &pattern("_id")),
        ("sort=email++role", &pattern("email  role")),
        ("sort=--email", &pattern("--email")),
        ("sort=%20email,role%20", &pattern("email,role")),
        ("username=", r#""username" is not allowed to be empty"#),
        ("username=a&username=b", r#""username" must be a string"#),
        ("username[$ne]=a", r#""username" must be a string"#),
        ("email=alice", r#""email" must be a valid email"#),
        ("firstName=", r#""firstName" is not allowed to be empty"#),
        ("role=", roles),
        ("role=superadmin", roles),
        ("status=", statuses),
        ("permissions=", r#""permissions" is not allowed to be empty"#),
        ("permissions[]=userRead", r#""permissions" must be a string"#),
        ("x=1&role=", roles),
        ("x=1&y=2", r#""x" is not allowed"#),
    ] {
        assert_failed(&app.get_as(&token, &format!("{USERS}?{query}")).await, 400, message);
    }
    for query in ["sort=password%20-subId%20email", "limit=%2030%20&skip=99999999999"] {
        assert_eq!(app.get_as(&token, &format!("{USERS}?{query}")).await.status, 200, "{query}");
    }
}
