//! What the recorded operations take and give.

use omero_plugin_api::slice::Type;

/// Operation, parameters, results; types are separated by blanks.
const OPERATIONS: &[(&str, &str, &str)] = &[
    ("createSession", "string string", "prx(::Glacier2::Session)"),
    ("refreshSession", "", ""),
    ("destroySession", "", ""),
    ("getSessionTimeout", "", "long"),
    ("getACMTimeout", "", "int"),
    ("getCategoryForClient", "", "string"),
    ("getClientProxy", "", "prx(::Ice::Object)"),
    ("getServerProxy", "", "prx(::Ice::Object)"),
    (
        "addProxies",
        "seq<prx(::Ice::Object)>",
        "seq<prx(::Ice::Object)>",
    ),
    ("ice_ping", "", ""),
    ("ice_isA", "string", "bool"),
    ("ice_ids", "", "seq<string>"),
    ("ice_id", "", "string"),
    ("setCallback", "prx(::omero::api::ClientCallback)", ""),
    ("requestHeartbeat", "", ""),
    ("getAdminService", "", "prx(::omero::api::IAdmin)"),
    (
        "setSecurityContext",
        "@::omero::model::IObject",
        "@::omero::model::IObject",
    ),
    ("detachOnDestroy", "", ""),
    ("keepAlive", "prx(::omero::api::ServiceInterface)", "bool"),
    (
        "keepAllAlive",
        "seq<prx(::omero::api::ServiceInterface)>",
        "long",
    ),
    (
        "submit",
        "@::omero::cmd::Request",
        "prx(::omero::cmd::Handle)",
    ),
    ("getResponse", "", "@::omero::cmd::Response"),
    ("getStatus", "", "@::omero::cmd::Status"),
    ("cancel", "", "bool"),
    ("close", "", ""),
    ("getEventContext", "", "@::omero::sys::EventContext"),
    ("getSecurityRoles", "", "@::omero::sys::Roles"),
    ("getExperimenter", "long", "@::omero::model::Experimenter"),
    (
        "lookupExperimenters",
        "",
        "seq<@::omero::model::Experimenter>",
    ),
    (
        "containedGroups",
        "long",
        "seq<@::omero::model::ExperimenterGroup>",
    ),
    (
        "createUserSession",
        "long long string",
        "@::omero::model::Session",
    ),
    ("getSession", "string", "@::omero::model::Session"),
    ("closeSession", "@::omero::model::Session", "int"),
    ("getMyOpenSessions", "", "seq<@::omero::model::Session>"),
    ("getInput", "string string", "@::omero::RType"),
    ("getConfigValue", "string", "string"),
    ("getClientConfigDefaults", "", "dict<string,string>"),
    ("getServerTime", "", "@::omero::RTime"),
    (
        "projection",
        "string @::omero::sys::Parameters",
        "seq<seq<@::omero::RType>>",
    ),
    (
        "findAllByQuery",
        "string @::omero::sys::Parameters",
        "seq<@::omero::model::IObject>",
    ),
];

/// The types of the parameters or of the results of an operation.
pub fn types(operation: &str, parameters: bool) -> Vec<Type> {
    let found = OPERATIONS.iter().find(|(name, ..)| *name == operation);
    let (_, ins, outs) = found.unwrap_or_else(|| panic!("no signature of {operation}"));
    let list = if parameters { ins } else { outs };
    list.split_whitespace()
        .map(|text| Type::parse(text).unwrap())
        .collect()
}
