//! The table of groups.

use omero_plugin_api::{clap::ArgMatches, services::Group, style::Style, table::Table};

use crate::table::{joined, truth};

/// The table that the options ask for.
pub fn render(mut groups: Vec<Group>, matches: &ArgMatches) -> String {
    if matches.get_flag("sort-by-name") {
        groups.sort_by(|a, b| a.name.cmp(&b.name));
    } else {
        groups.sort_by_key(|group| group.id);
    }
    let long = matches.get_flag("long");
    let people = if long {
        ["owner ids", "member ids"]
    } else {
        ["# of owners", "# of members"]
    };
    let mut table = Table::new(["id", "name", "perms", "ldap", people[0], people[1]]);
    for group in &groups {
        table.row([
            group.id.to_string(),
            group.name.clone(),
            group.permissions.to_string(),
            truth(group.ldap).to_owned(),
            people_of(group, true, long),
            people_of(group, false, long),
        ]);
    }
    table.render(Style::of(matches))
}

/// The owners of a group, or the members who do not own it.
fn people_of(group: &Group, owners: bool, long: bool) -> String {
    let ids = group
        .members
        .iter()
        .filter(|member| member.owner == owners)
        .map(|member| member.user_id);
    if long {
        joined(ids)
    } else {
        ids.count().to_string()
    }
}
