use omero_plugin_api::{
    clap::{Arg, ArgAction, Command},
    uses_session,
};

pub fn command() -> Command {
    uses_session(Command::new("whoami").about("Say who you are on the server")).arg(
        Arg::new("long")
            .short('l')
            .long("long")
            .action(ArgAction::SetTrue)
            .help("Also ask the server for all groups"),
    )
}
