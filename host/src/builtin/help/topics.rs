//! Help topics that are no commands.

/// The topics: name and text.
pub const TOPICS: &[(&str, &str)] = &[("debug", DEBUG), ("env", ENV), ("sudo", SUDO)];

const DEBUG: &str = "\
Option: -d, --debug LEVEL, a comma separated list

    -d0         no debug messages; this is the default
    -d1, debug  a few messages
    -d2 … -d9   more messages; the largest number of the list counts

The values trace and profile drive tools of Python and are refused here.";

const ENV: &str = "\
Environment variables

    OMERO_USERDIR      base of the user's files. Default: $HOME/omero
    OMERO_SESSIONDIR   where sessions are stored. Default: $HOME/omero/sessions;
                       with OMERO_USERDIR the directory omero/sessions in it, or
                       sessions in it where OMERO.py made that
    OMERO_PASSWORD     the password, unless -w is given
    OMERO_TLS_VERIFY   how servers prove who they are: strict, first-use or off
    OMERO_CONFIG       the configuration file, instead of the standard one
    VISUAL, EDITOR     the editor of omero config edit
    OMERO_PLUGIN_PATH  more places to look for plugins, separated as in PATH
    HTTPS_PROXY, https_proxy, ALL_PROXY, NO_PROXY
                       HTTP proxies for servers named by a wss or ws address
    XDG_RUNTIME_DIR, TMPDIR
                       where scripts make the session directories of programs

A variable that is set but empty counts as unset.";

const SUDO: &str = "\
Option: --sudo ADMINUSER|GROUPOWNER

Every command that connects takes it: the connection is made with the name and password of an
administrator, or of an owner of the group, and belongs to the user that -u names.

    $ omero login --sudo root -s servername -u username -g groupname
    Password for root:
    $ omero login --sudo owner -s servername -u username -g groupname
    Password for owner:";

/// The text of a topic.
pub fn text(name: &str) -> Option<&'static str> {
    TOPICS
        .iter()
        .find(|(topic, _)| *topic == name)
        .map(|(_, text)| *text)
}
