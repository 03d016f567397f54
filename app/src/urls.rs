//! Every URL that a page names, in one place: pages hold no string paths.

use std::fmt::Display;

use crate::ids::{ApiTokenId, BolId, CarrierId, CustomerId, DeliveryId, ImportId, LinkId, ReleaseId, TemplateId, UserId};
