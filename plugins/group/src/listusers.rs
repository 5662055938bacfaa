//! `omero group listusers`.

use omero_plugin_api::{Context, Error, clap::ArgMatches, services::Admin};

use crate::{users, which::selected};

/// The code for more than one group.
const TOO_MANY_GROUPS: i32 = 516;

/// Shows the members and owners of one group.
pub fn run(ctx: &Context, matches: &ArgMatches) -> Result<(), Error> {
    let admin = Admin::of(&ctx.session()?)?;
    let groups = selected(ctx, &admin, matches)?;
    let [group] = groups.as_slice() else {
        return Err(Error::new(TOO_MANY_GROUPS, "Too many group arguments").hint("name one group"));
    };
    let (experimenters, roles) = (
        admin.begin_experimenters_of(group.id)?,
        admin.begin_roles()?,
    );
    ctx.print(&users::render(
        experimenters.wait()?,
        &roles.wait()?,
        matches,
    ))
}
