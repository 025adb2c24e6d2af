"""Who calls the server while Schemathesis tests it: ACTOR is `nobody`, `user` or `root`, in whatever dialect is called.

The server keeps its mail, has no limits, and has a root of ROOT_EMAIL and PASSWORD. The ids that are generated become those of an
account, a profile and a message that there are, since a path with any other id is answered with 404 and shows nothing.
"""

import itertools
import os
import re

import requests
import schemathesis
from schemathesis.core.failures import ServerError

ACTOR = os.environ["ACTOR"]
BASE = os.environ["BASE"]
ROOT_EMAIL = os.environ["ROOT_EMAIL"]
PASSWORD = os.environ["PASSWORD"]

ID = re.compile(r"^[0-9A-Fa-f]{24}$")
NAME = re.compile(r"^[0-9a-f]{56}[a-z_]*\.(jpg|png)$")
# A PNG of one pixel.
PICTURE = (
    "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)
# A document, by its first bytes.
PDF = b"%PDF-1.4\n"
# What the document of `looking` answers with 500, although nothing has failed inside.
DOCUMENTED = {"NO_DATA", "IMAGE"}

numbers = itertools.count(1)


class Refused(RuntimeError):
    def __init__(self, answer):
        super().__init__(f"{answer.request.method} {answer.url}: {answer.status_code} {answer.text}")
        self.status = answer.status_code


def ask(method, path, body=None, token=None):
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    answer = requests.request(method, BASE + path, json=body, headers=headers, timeout=30)
    if not answer.ok:
        raise Refused(answer)
    return answer.json()


def upload(path, token):
    headers = {"Authorization": f"Bearer {token}"}
    answer = requests.post(BASE + path, files={"file": ("a.pdf", PDF)}, headers=headers, timeout=30)
    if not answer.ok:
        raise Refused(answer)


def name():
    return f"{ACTOR}-{next(numbers)}"


class Contacts:
    def user(self):
        body = {"fullName": "Alice Martin", "email": f"{name()}@contacts.test", "password": PASSWORD}
        data = ask("POST", "/api/auth/register", body)["data"]
        return data["_id"], data["token"]

    def root(self):
        data = ask("POST", "/api/auth/login", {"email": ROOT_EMAIL, "password": PASSWORD})["data"]
        return data["_id"], data["token"]


class Mern:
    def user(self):
        own = name()
        email = f"{own}@mern.test"
        ask("POST", "/api/auth/signup", {"username": own, "email": email, "password": PASSWORD})
        return self.enter(email)

    def root(self):
        return self.enter(ROOT_EMAIL)

    def enter(self, email):
        session = ask("POST", "/api/auth/signin", {"email": email, "password": PASSWORD})
        return session["user"]["id"], session["token"]


class Ego:
    def user(self):
        email = f"{name()}@ego.test"
        body = {"firstname": "Alice", "lastname": "Martin", "email": email, "password": PASSWORD}
        ask("POST", "/api/v1/users/register", body)
        mail = ask("GET", f"/dev/mailbox/messages?to={email}")[0]["text"]
        code = re.search(r"\b[0-9A-F]{6}\b", mail).group()
        ask("POST", "/api/v1/users/verify-otp", {"email": email, "otp": code})
        return None, self.enter("login", email)

    def root(self):
        return None, self.enter("ad-login", ROOT_EMAIL)

    def enter(self, door, email):
        session = ask("POST", f"/api/v1/users/{door}", {"email": email, "password": PASSWORD})
        return session["data"]["token"]["accessToken"]


class Rococoins:
    def user(self):
        own = name()
        email = f"{own}@rococoins.test"
        user = ask("POST", "/user", {"personal": {"username": own, "email": email, "password": PASSWORD}})["user"]["_id"]
        token = self.enter(email)
        ask("PUT", f"/user/user_chat/{user}", {"userId": user, "userChats": "Hello"}, token)
        for field in ("certificateOfIncorporation", "bussinesLicience", "proofOfRegistratedAddress", "taxId"):
            upload(f"/user/{user}/documents/{field}", token)
        return user, token

    def root(self):
        token = self.enter(ROOT_EMAIL)
        return ask("GET", "/user/verify", token=token)["_id"], token

    def enter(self, email):
        return ask("POST", "/user/login", {"email": email, "password": PASSWORD})["token"]


class Looking:
    staff = None

    def user(self):
        own = name()
        body = {"username": own, "email": f"{own}@looking.test", "password": PASSWORD, "confirmPassword": PASSWORD}
        body["can"] = ["view", "add", "update"]
        user = self.ask_as_staff("/users", body)["user"]
        return user["_id"], self.enter(own)

    def root(self):
        token = self.enter(ROOT_EMAIL)
        return ask("GET", "/auth/session", token=token)["decoded"]["uid"], token

    def enter(self, username):
        return ask("POST", "/auth/login", {"username": username, "password": PASSWORD})["token"]

    def profile(self):
        body = {
            "details": {"name": "Alex", "pic": {"detail": PICTURE}},
            "messages": [{"text": "Hello", "isUser": False, "image": PICTURE}],
            "approved": True,
        }
        return self.ask_as_staff("/profiles", body)["profile"]

    def ask_as_staff(self, path, body):
        """The root may have ended its tokens in another dialect meanwhile."""
        try:
            return ask("POST", path, body, self.staff)
        except Refused as refused:
            if refused.status != 401:
                raise
            self.staff = self.root()[1]
            return ask("POST", path, body, self.staff)


DIALECTS = {
    "contacts": Contacts(),
    "mern": Mern(),
    "ego": Ego(),
    "rococoins": Rococoins(),
    "looking": Looking(),
}

# What the calls are made with: tokens by dialect; ids of subjects by dialect; the profile.
tokens = {}
subjects = {}
profile = {}


def dialect_of(case):
    return DIALECTS.get(case.operation.tags[0])


def token(tag):
    if tag not in tokens:
        own, tokens[tag] = getattr(DIALECTS[tag], ACTOR)()
        if ACTOR == "user":
            subjects[tag] = own
    return tokens[tag]


def subject(tag):
    """A user of the dialect: the caller, if that is one."""
    if tag not in subjects:
        subjects[tag] = DIALECTS[tag].user()[0]
    return subjects[tag]


def replaced(case, key, value):
    """The id, where a good one stands, of what there is."""
    if not isinstance(value, str) or not ID.match(value):
        return value
    path = case.operation.path
    if path.startswith("/profiles"):
        profile = a_profile()
        return profile["messages"][0]["_id"] if key == "messageId" else profile["_id"]
    if path.startswith("/geocache"):
        return value
    return subject(case.operation.tags[0]) or value


def a_profile():
    if not profile:
        profile.update(DIALECTS["looking"].profile())
    return profile


@schemathesis.hook
def before_call(context, case, kwargs):
    if dialect_of(case) is None or ACTOR == "nobody":
        return
    tag = case.operation.tags[0]
    case.headers = {**(case.headers or {}), "Authorization": f"Bearer {token(tag)}"}
    for key, value in (case.path_parameters or {}).items():
        case.path_parameters[key] = replaced(case, key, value)
    if case.operation.path.startswith("/images") and NAME.match(str(case.path_parameters.get("name"))):
        folder, name = a_profile()["details"]["pic"]["thumb"].split("/")
        case.path_parameters.update(folder=folder, name=name)
    if case.operation.path.endswith("/events") and case.headers.get("Last-Event-ID", "0").isdigit():
        # There is a message after the first: the stream has something to say at once.
        case.headers["Last-Event-ID"] = "0"
    if isinstance(case.body, dict) and "file" in case.body and next(numbers) % 2:
        # Bytes that are made up are hardly ever a document.
        case.body["file"] = PDF
    if isinstance(case.body, dict) and "userId" in case.body:
        case.body["userId"] = replaced(case, "userId", case.body["userId"])


@schemathesis.hook
def after_call(context, case, response):
    tag = case.operation.tags[0]
    # A token that was ended, by a sign-out, a new password or a deletion.
    if response.status_code == 401 and case.operation.definition.raw.get("security"):
        tokens.pop(tag, None)
    # What is gone is made again.
    asked = (case.path_parameters or {}).values()
    is_gone = response.status_code == 404 or case.operation.method.upper() == "DELETE" and response.status_code < 300
    if is_gone and profile and profile["_id"] in asked:
        profile.clear()
    if is_gone and subjects.get(tag) in asked:
        subjects.pop(tag)
        if ACTOR == "user":
            tokens.pop(tag, None)


@schemathesis.hook
def filter_failure(context, failure, case, response):
    if not isinstance(failure, ServerError) or case.operation.tags[0] != "looking":
        return True
    try:
        return response.json()["err"]["code"] not in DOCUMENTED
    except (ValueError, KeyError, TypeError):
        return True


# What a root may not do, or cannot: its own password is not guessed, the last root stays, only the owner of an account writes as
# its user, and no place is looked up.
OUT_OF_REACH = {
    "rococoins_user_chat",
    "mern_change_password",
    "ego_update_password",
    "ego_delete",
    "ego_delete_delete",
    "looking_update_place",
}


@schemathesis.check
class reaches_success:
    """Every operation that takes a token has succeeded for a root, but for those above: a run of refusals would show little."""

    def __init__(self):
        self.asked, self.reached = set(), set()

    def after_response(self, ctx, response, case):
        operation = case.operation.definition.raw.get("operationId")
        self.asked.add(operation)
        if response.status_code < 300:
            self.reached.add(operation)

    def after_run(self, ctx):
        if ACTOR == "root" and (missing := self.asked - self.reached - OUT_OF_REACH):
            raise AssertionError(f"never answered with a success: {sorted(missing)}")
