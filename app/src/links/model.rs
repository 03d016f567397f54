//! The tables of share links and their trail.

pub mod link {
    use sea_orm::entity::prelude::*;

    use crate::ids::{BolId, LinkId, RevisionId, UserId};

    /// A link to one bill. It follows the bill: after a revision it shows the newest, after a void it says so.
    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "share_links")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: LinkId,
        pub bol_id: BolId,
        /// The revision that was newest when the link was made.
        pub revision_id: RevisionId,
        /// SHA-256 of the token, lower-case hex; the token itself is derived and never stored.
        #[sea_orm(unique)]
        pub token_hash: String,
        /// Who it was made for: “send a fresh link” goes here and nowhere else.
        pub recipient: String,
        /// Argon2id, where a passcode was set.
        pub passcode_hash: Option<String>,
        pub created_by: Option<UserId>,
        pub created_at: i64,
        pub expires_at: i64,
        pub revoked_at: Option<i64>,
        /// The link that this one was freshly sent for.
        pub renews: Option<LinkId>,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

pub mod view {
    use sea_orm::entity::prelude::*;

    use crate::ids::{ClipId, LinkId, LinkViewId};

    /// One line of a link's trail.
    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "link_views")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: LinkViewId,
        pub link_id: LinkId,
        /// `fetched` (somebody or something opened the page), `confirmed` (a person pressed the button), `downloaded`, `refused` (a
        /// wrong passcode or wrong digits); of a clip `played`, `clip_downloaded`.
        pub kind: String,
        pub at: i64,
        pub ip: Option<String>,
        pub agent: String,
        /// What makes it look like a scanner, joined by commas: `head`, `prefetch`, `soon`, `scripted`. Never blocks by itself.
        /// Of a refusal, what was wrong: `passcode`, `digits`.
        pub flags: String,
        /// The clip that was played or downloaded; `None`: the bill.
        pub clip_id: Option<ClipId>,
    }

    impl ActiveModelBehavior for ActiveModel {}
}
