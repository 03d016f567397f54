//! What has become of a copy.

/// The state of a placement.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum PlacementState {
    /// It is wanted and not there yet.
    Waiting,
    Uploading,
    /// Size and checksum were found right.
    Verified,
    /// It was verified once, and is not there.
    Missing,
    /// Other bytes are there.
    Corrupt,
    /// It cannot be filled, for a reason that time does not mend.
    Failed,
    /// It is being removed.
    Erasing,
}

impl PlacementState {
    pub const ALL: [Self; 7] =
        [Self::Waiting, Self::Uploading, Self::Verified, Self::Missing, Self::Corrupt, Self::Failed, Self::Erasing];
    /// It is still to be filled.
    pub const OPEN: [Self; 2] = [Self::Waiting, Self::Uploading];
    /// It was given up: another copy, or a person, has to help.
    pub const LOST: [Self; 3] = [Self::Missing, Self::Corrupt, Self::Failed];

    /// As it stands in the database.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Uploading => "uploading",
            Self::Verified => "verified",
            Self::Missing => "missing",
            Self::Corrupt => "corrupt",
            Self::Failed => "failed",
            Self::Erasing => "erasing",
        }
    }
}

impl From<PlacementState> for sea_orm::Value {
    fn from(state: PlacementState) -> Self {
        state.as_str().into()
    }
}
