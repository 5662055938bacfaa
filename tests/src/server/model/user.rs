//! Accounts.

/// The privileges OMERO.server defines for administrators (OMERO docs, "Restricted
/// administrators").
pub const PRIVILEGES: [&str; 16] = [
    "Chgrp",
    "Chown",
    "DeleteFile",
    "DeleteManagedRepo",
    "DeleteOwned",
    "DeleteScriptRepo",
    "ModifyGroup",
    "ModifyGroupMembership",
    "ModifyUser",
    "ReadSession",
    "Sudo",
    "WriteFile",
    "WriteManagedRepo",
    "WriteOwned",
    "WriteScriptRepo",
    "DownloadFile",
];

/// Somebody with an account.
#[derive(Clone, Debug)]
pub struct User {
    /// Id.
    pub id: i64,
    /// Login name.
    pub name: String,
    /// What event contexts call the user, if it is not the login name.
    pub reported_name: Option<String>,
    /// Password in clear: this server guards nothing.
    pub password: String,
    /// First name.
    pub first_name: String,
    /// Middle name, if any.
    pub middle_name: Option<String>,
    /// Last name.
    pub last_name: String,
    /// Institution, if known.
    pub institution: Option<String>,
    /// E-mail address, if known.
    pub email: Option<String>,
    /// Whether a directory server knows the password.
    pub ldap: bool,
    /// Id of the group a login without group enters.
    pub default_group: i64,
    /// What a restricted administrator may do; `None` for everything.
    pub restricted_to: Option<Vec<String>>,
}

impl User {
    /// An account without personal details.
    pub fn new(id: i64, name: &str, password: &str, default_group: i64) -> Self {
        Self {
            id,
            name: name.to_owned(),
            reported_name: None,
            password: password.to_owned(),
            first_name: String::new(),
            middle_name: None,
            last_name: String::new(),
            institution: None,
            email: None,
            ldap: false,
            default_group,
            restricted_to: None,
        }
    }

    /// What the account may do if it is an administrator's.
    pub fn privileges(&self) -> Vec<String> {
        let all = || PRIVILEGES.map(String::from).to_vec();
        self.restricted_to.clone().unwrap_or_else(all)
    }
}
