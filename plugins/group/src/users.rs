//! The table of users.

use omero_plugin_api::{
    clap::ArgMatches,
    services::{Experimenter, Roles},
    style::Style,
    table::Table,
};

use crate::table::truth;

const COLUMNS: [&str; 8] = [
    "id",
    "login",
    "first name",
    "last name",
    "email",
    "active",
    "ldap",
    "admin",
];

/// The table that the options ask for.
pub fn render(mut users: Vec<Experimenter>, roles: &Roles, matches: &ArgMatches) -> String {
    sort(&mut users, matches);
    let count = matches.get_flag("count");
    let groups = if count {
        ["# group memberships", "# group ownerships"]
    } else {
        ["member of", "owner of"]
    };
    let mut table = Table::new(COLUMNS.into_iter().chain(groups));
    for user in users {
        let is_in = |group: i64| user.groups.iter().any(|link| link.group_id == group);
        table.row([
            user.id.to_string(),
            user.login.clone(),
            user.first_name.clone(),
            user.last_name.clone(),
            user.email.clone(),
            yes(is_in(roles.user_group_id)),
            truth(user.ldap).to_owned(),
            yes(is_in(roles.system_group_id)),
            groups_of(&user, roles, false, count),
            groups_of(&user, roles, true, count),
        ]);
    }
    table.render(Style::of(matches))
}

fn sort(users: &mut [Experimenter], matches: &ArgMatches) {
    let given = |flag: &str| matches.get_flag(flag);
    if given("sort-by-login") {
        users.sort_by(|a, b| a.login.cmp(&b.login));
    } else if given("sort-by-first-name") {
        users.sort_by(|a, b| a.first_name.cmp(&b.first_name));
    } else if given("sort-by-last-name") {
        users.sort_by(|a, b| a.last_name.cmp(&b.last_name));
    } else if given("sort-by-email") {
        users.sort_by(|a, b| a.email.cmp(&b.email));
    } else {
        users.sort_by_key(|user| user.id);
    }
}

/// The groups that a user owns, or is only a member of. The two groups that say whether the user
/// is active and an administrator have columns of their own. A count of zero is left empty.
fn groups_of(user: &Experimenter, roles: &Roles, owned: bool, count: bool) -> String {
    let ids: Vec<i64> = user
        .groups
        .iter()
        .filter(|link| link.owner == owned)
        .map(|link| link.group_id)
        .filter(|id| ![roles.user_group_id, roles.system_group_id].contains(id))
        .collect();
    if !count {
        // As OMERO's command line, in the order in which the server names them.
        let texts: Vec<String> = ids.iter().map(i64::to_string).collect();
        return texts.join(",");
    }
    match ids.len() {
        0 => String::new(),
        number => number.to_string(),
    }
}

fn yes(value: bool) -> String {
    if value { "Yes" } else { "" }.to_owned()
}
