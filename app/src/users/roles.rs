//! Roles and what each of them may do.

use serde::{Deserialize, Serialize};

/// What a person is in the yard's office. One role a person.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// Runs the installation: users, settings, storage, and everything below.
    Admin,
    /// Makes and sends the paper.
    Office,
    /// Reads everything, works on incidents.
    Analyst,
    /// Reads the paper.
    Viewer,
}

/// One thing that may or may not be done; every route names the one it needs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Permission {
    ReadPaper,
    WritePaper,
    ReadCustomers,
    WriteCustomers,
    ReadAudit,
    ReadJobs,
    ManageJobs,
    /// Bring older versions of objects back; of programs, hold film too.
    ManageStorage,
    ManageUsers,
    ManageYard,
    /// Watch cameras and what they recorded: those that are open to everybody, and those with a grant.
    ReadCameras,
    /// Make clips of footage and hand them out.
    ExportFootage,
    /// Add cameras, sites, recorders and docks, and say who sees what.
    ManageCameras,
}

impl Permission {
    pub const ALL: [Self; 13] = [
        Self::ReadPaper,
        Self::WritePaper,
        Self::ReadCustomers,
        Self::WriteCustomers,
        Self::ReadAudit,
        Self::ReadJobs,
        Self::ManageJobs,
        Self::ManageStorage,
        Self::ManageUsers,
        Self::ManageYard,
        Self::ReadCameras,
        Self::ExportFootage,
        Self::ManageCameras,
    ];

    /// The scope that a program's token needs for it; `None`: only people may.
    #[must_use]
    pub fn scope(self) -> Option<&'static str> {
        match self {
            Self::ReadPaper => Some("paper:read"),
            Self::WritePaper => Some("paper:write"),
            Self::ReadCustomers => Some("customers:read"),
            Self::WriteCustomers => Some("customers:write"),
            Self::ReadAudit => Some("audit:read"),
            Self::ReadJobs => Some("jobs:read"),
            Self::ManageJobs => Some("jobs:write"),
            Self::ManageStorage => Some("storage:write"),
            Self::ReadCameras => Some("cameras:read"),
            Self::ExportFootage => Some("footage:export"),
            Self::ManageCameras => Some("cameras:write"),
            Self::ManageUsers | Self::ManageYard => None,
        }
    }
}

impl Role {
    pub const ALL: [Self; 4] = [Self::Admin, Self::Office, Self::Analyst, Self::Viewer];

    /// Whether somebody in this role may do `permission`.
    #[must_use]
    pub fn may(self, permission: Permission) -> bool {
        use Permission::{
            ExportFootage, ManageCameras, ManageJobs, ManageStorage, ManageUsers, ManageYard, ReadAudit, ReadCameras,
            ReadCustomers, ReadJobs, ReadPaper,
        };
        match self {
            Self::Admin => true,
            Self::Office => {
                !matches!(permission, ReadAudit | ManageJobs | ManageStorage | ManageUsers | ManageYard | ManageCameras)
            }
            Self::Analyst => {
                matches!(permission, ReadPaper | ReadCustomers | ReadAudit | ReadJobs | ReadCameras | ExportFootage)
            }
            Self::Viewer => matches!(permission, ReadPaper | ReadCustomers | ReadCameras),
        }
    }

    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Admin => "admin",
            Self::Office => "office",
            Self::Analyst => "analyst",
            Self::Viewer => "viewer",
        }
    }
}

impl std::fmt::Display for Role {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}

impl std::str::FromStr for Role {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::ALL
            .into_iter()
            .find(|role| role.as_str() == text)
            .ok_or_else(|| format!("“{text}” is not a role; use admin, office, analyst or viewer"))
    }
}
