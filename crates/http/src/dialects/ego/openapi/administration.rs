//! What takes more than the role of a user.

use super::{bad, good, said, shapes, user};
use crate::{
    dialects::ego::{
        errors::Failure,
        requests::Paging,
        responses::{List, Success},
    },
    shared::{
        describe::{Description, Parameter},
        shape::{count, list as list_of, object, required},
    },
};

pub(crate) fn list_users() -> Description {
    let list = List { all_user: vec![user()], total_users: 1, page: 1, total_pages: 1 };
    let shape = object([
        required("allUser", list_of(shapes::user())),
        required("totalUsers", count()),
        required("page", count()),
        required("totalPages", count()),
    ]);
    let unfit_page = Paging::read("page=0", u32::MAX).err().unwrap_or(Failure::INTERNAL);
    let answers = vec![
        good("the page", list, shape),
        bad("below 1 or no whole number", &unfit_page),
        bad("neither an admin nor a superadmin", &Failure::FORBIDDEN),
    ];
    Description::new("ego_all", "List all accounts, oldest first; at most 100 at once", answers).filtered_by([
        Parameter::new("page", 1, count().at_least(1)),
        Parameter::new("limit", 10, count().at_least(1).told("More than 100 are 100.")),
    ])
}

pub(crate) fn check_is_root() -> Description {
    let answers = vec![said(&Success::IS_ROOT), bad("somebody else", &Failure::FORBIDDEN)];
    Description::new("ego_superadmin", "Ask whether one is a superadmin", answers)
}
