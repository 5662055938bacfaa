//! What a group allows.

use std::fmt;

/// What a group allows its owner, its members and the world.
///
/// ```
/// use omero_plugin_api::services::Permissions;
/// assert_eq!(Permissions::from_bits(0x750).to_string(), "rwra--");
/// ```
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Permissions {
    bits: i64,
}

impl Permissions {
    /// From OMERO's internal number, whose other bits mean nothing.
    ///
    /// ```
    /// use omero_plugin_api::services::Permissions;
    /// // Real servers set the upper bits too.
    /// assert_eq!(Permissions::from_bits(-120).to_string(), "rw----");
    /// ```
    pub const fn from_bits(bits: i64) -> Self {
        Self { bits }
    }

    /// OMERO's internal number.
    ///
    /// ```
    /// use omero_plugin_api::services::Permissions;
    ///
    /// let members_may_read = |permissions: Permissions| permissions.bits() & 0x40 != 0;
    /// assert!(members_may_read(Permissions::from_bits(0x740)));
    /// assert!(!members_may_read(Permissions::from_bits(0x700)));
    /// ```
    pub const fn bits(self) -> i64 {
        self.bits
    }
}

impl fmt::Display for Permissions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for shift in [8, 4, 0] {
            let rights = (self.bits >> shift) & 7;
            f.write_str(if rights & 4 != 0 { "r" } else { "-" })?;
            f.write_str(match rights {
                r if r & 2 != 0 => "w",
                r if r & 1 != 0 => "a",
                _ => "-",
            })?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::Permissions;

    #[test]
    fn permissions_read_as_three_pairs() {
        for (bits, text) in [
            (-120, "rw----"),
            (0x740, "rwr---"),
            (0x750, "rwra--"),
            (0x777, "rwrwrw"),
        ] {
            assert_eq!(Permissions::from_bits(bits).to_string(), text, "{bits:#x}");
        }
    }
}
