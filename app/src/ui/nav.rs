//! Where a person can go: the areas and their pages, only those their role may see.

use crate::{
    urls,
    users::{Permission, Role},
};

/// The part of the house a page belongs to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Area {
    Today,
    Paper,
    Cameras,
    Yard,
    /// Pages outside the areas: one's own account, errors.
    #[default]
    None,
}

/// A page of an area, and what one must be allowed to do to see it.
pub(super) struct Place {
    pub label: &'static str,
    pub href: &'static str,
    needs: Option<Permission>,
}

const fn place(label: &'static str, href: &'static str, needs: Permission) -> Place {
    Place { label, href, needs: Some(needs) }
}

const TODAY: &[Place] = &[place("Today", urls::TODAY, Permission::ReadPaper)];

const PAPER: &[Place] = &[
    place("Bills of lading", urls::BOLS, Permission::ReadPaper),
    place("Templates", urls::TEMPLATES, Permission::ReadPaper),
    place("Customers", urls::CUSTOMERS, Permission::ReadCustomers),
    place("Carriers", urls::CARRIERS, Permission::ReadCustomers),
    place("Releases", urls::RELEASES, Permission::ReadPaper),
    place("Outbox", urls::OUTBOX, Permission::ReadPaper),
];

const CAMERAS: &[Place] = &[
    place("Cameras", urls::CAMERAS, Permission::ReadCameras),
    place("Recordings", urls::RECORDINGS, Permission::ReadCameras),
    place("Clips", urls::CLIPS, Permission::ReadCameras),
    place("Alerts", urls::ALERTS, Permission::ReadCameras),
    place("Docks", urls::DOCKS, Permission::ReadCameras),
    place("Recorders", urls::RECORDERS, Permission::ReadCameras),
    place("Sites", urls::CAMERA_SITES, Permission::ManageCameras),
];

const YARD: &[Place] = &[
    place("Jobs", urls::JOBS, Permission::ReadJobs),
    place("Audit", urls::AUDIT, Permission::ReadAudit),
    place("Users", urls::USERS, Permission::ManageUsers),
    place("Settings", urls::SETTINGS, Permission::ManageYard),
    place("Storage", urls::STORAGE, Permission::ReadJobs),
    place("Health", urls::HEALTH, Permission::ReadJobs),
    place("Doctor", urls::STORAGE_DOCTOR, Permission::ManageYard),
    Place { label: "API", href: urls::API, needs: None },
];

impl Area {
    pub(super) const ALL: [Self; 4] = [Self::Today, Self::Paper, Self::Cameras, Self::Yard];

    pub(super) fn label(self) -> &'static str {
        match self {
            Self::Today => "Today",
            Self::Paper => "Paper",
            Self::Cameras => "Cameras",
            Self::Yard => "Yard",
            Self::None => "",
        }
    }

    /// The area's pages that `role` may see.
    pub(super) fn places(self, role: Role) -> impl Iterator<Item = &'static Place> {
        let all = match self {
            Self::Today => TODAY,
            Self::Paper => PAPER,
            Self::Cameras => CAMERAS,
            Self::Yard => YARD,
            Self::None => &[],
        };
        all.iter().filter(move |place| place.needs.is_none_or(|needs| role.may(needs)))
    }

    /// The place that `path` lies in: the one with the longest address that begins it.
    pub(super) fn place_of(self, role: Role, path: &str) -> Option<&'static str> {
        self.places(role)
            .map(|place| place.href)
            .filter(|href| path == *href || (path.starts_with(href) && path.as_bytes().get(href.len()) == Some(&b'/')))
            .max_by_key(|href| href.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_lies_in_the_nearest_place() {
        assert_eq!(Area::Paper.place_of(Role::Admin, "/bols/templates/new"), Some("/bols/templates"));
        assert_eq!(Area::Paper.place_of(Role::Admin, "/bols/01J"), Some("/bols"));
        assert_eq!(Area::Paper.place_of(Role::Admin, "/bolsters"), None);
    }

    #[test]
    fn a_viewer_sees_no_users_page() {
        assert!(Area::Yard.places(Role::Viewer).all(|place| place.href == "/api"));
    }
}
