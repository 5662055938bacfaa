//! `omero sessions help`: the page for those who do not know the commands yet.

use omero_plugin_api::{Context, Error};

const PAGE: &str = "\
Log in with omero, list your sessions and switch between them.
\"omero sessions -h\" lists all options.

  To log in, and be asked for everything that is needed:
    omero login

  To give some of it on the command line (the part before the last @ is the user):
    omero login user@example.org
    omero login user@example.org:24064
    omero login -s example.org -u user -p 24064
    omero -s example.org -u user sessions login

  To join a session by its key:
    omero login example.org -k SESSION_KEY

  To log in as another user (administrators and group owners):
    omero login --sudo=root user@example.org

  To end the current session:
    omero logout

Other sessions commands:

  List the stored sessions; those that the server has ended are forgotten unless --no-purge:
    omero sessions list [--no-purge]

  List the users who are logged in to the server:
    omero sessions who

  Show or switch the group, by name or id:
    omero sessions group [NAME|ID]

  Show or set the idle time, of the current session or of another one:
    omero sessions timeout [SECONDS] [--session=KEY]

Custom session directory:

  Sessions are stored in ~/omero/sessions. To use another directory:
    export OMERO_SESSIONDIR=/path/to/sessions
    omero login user@example.org
";

/// Prints the page.
pub fn run(ctx: &Context) -> Result<(), Error> {
    ctx.print(PAGE)
}
