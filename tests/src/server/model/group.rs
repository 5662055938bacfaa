//! Groups and their permissions.

/// Rights of owner, group and world, as OMERO packs them into a long.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Permissions(i64);

/// Bits that mean something; OMERO sets all the others.
const MEANINGFUL: i64 = 0x777;

impl Permissions {
    /// Reads the six-letter form: `rwra--`.
    pub fn parse(text: &str) -> Option<Self> {
        let letters: Vec<char> = text.chars().collect();
        if letters.len() != 6 {
            return None;
        }
        let mut bits = 0;
        for pair in letters.chunks(2) {
            let read = match pair[0] {
                'r' => 4,
                '-' => 0,
                _ => return None,
            };
            let change = match pair[1] {
                'w' => 3,
                'a' => 1,
                '-' => 0,
                _ => return None,
            };
            bits = bits << 4 | read | change;
        }
        Some(Self(!MEANINGFUL | bits))
    }

    /// From the number that travels.
    pub fn of_bits(bits: i64) -> Self {
        Self(!MEANINGFUL | bits)
    }

    /// The number that travels.
    pub fn bits(self) -> i64 {
        self.0
    }
}

/// `rw----`
impl Default for Permissions {
    fn default() -> Self {
        Self(!MEANINGFUL | 0x700)
    }
}

/// A group.
#[derive(Clone, Debug)]
pub struct Group {
    /// Id.
    pub id: i64,
    /// Name.
    pub name: String,
    /// Description, if any.
    pub description: Option<String>,
    /// Whether a directory server manages it.
    pub ldap: bool,
    /// What members and others may do.
    pub permissions: Permissions,
    /// Ids of its owners.
    pub owners: Vec<i64>,
    /// Ids of its members that are not owners.
    pub members: Vec<i64>,
    /// Refuse everybody who wants to switch to it, with `not in group <name>`.
    pub forbidden: bool,
}

impl Group {
    /// A private group without members.
    pub fn new(id: i64, name: &str) -> Self {
        Self {
            id,
            name: name.to_owned(),
            description: None,
            ldap: false,
            permissions: Permissions::default(),
            owners: Vec::new(),
            members: Vec::new(),
            forbidden: false,
        }
    }

    /// Whether somebody belongs to it, as owner or otherwise.
    pub fn has(&self, user: i64) -> bool {
        self.owners.contains(&user) || self.members.contains(&user)
    }

    /// Adds a user unless it has the user already.
    pub fn join(&mut self, user: i64) {
        if !self.has(user) {
            self.members.push(user);
        }
    }

    /// Removes a user, who is no owner any more either.
    pub fn leave(&mut self, user: i64) {
        self.owners.retain(|id| *id != user);
        self.members.retain(|id| *id != user);
    }

    /// Everybody in it with whether they own it, by id.
    pub fn people(&self) -> Vec<(i64, bool)> {
        let owners = self.owners.iter().map(|id| (*id, true));
        let plain = self.members.iter().filter(|id| !self.owners.contains(id));
        let mut people: Vec<_> = owners.chain(plain.map(|id| (*id, false))).collect();
        people.sort_unstable();
        people
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn permissions_are_packed_as_omero_packs_them() {
        assert_eq!(
            Permissions::parse("rw----").map(Permissions::bits),
            Some(-120)
        );
        assert_eq!(Permissions::parse("rw----"), Some(Permissions::default()));
        let bits = |text| Permissions::parse(text).map(|p| p.bits() & MEANINGFUL);
        assert_eq!(bits("rwra--"), Some(0x750));
        assert_eq!(bits("rwr-r-"), Some(0x744));
        assert_eq!(bits("rwrwra"), Some(0x775));
        assert_eq!(bits("rwx---"), None);
    }
}
