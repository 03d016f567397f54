//! The tables of bills of lading.

pub mod bol {
    use sea_orm::entity::prelude::*;

    use crate::ids::{BolId, CustomerId, RevisionId, UserId};

    /// A bill; what stands on it is in its revisions, and what lists show is copied here.
    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "bols")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: BolId,
        /// `draft`, `issued` or `void`.
        pub state: String,
        /// `PRT-2026-0001`, taken at issue and kept for ever.
        #[sea_orm(unique)]
        pub number: Option<String>,
        /// 17-digit GS1 number, where the yard has a GS1 prefix.
        #[sea_orm(unique)]
        pub gs1: Option<String>,
        /// The newest frozen revision; `None` for a draft.
        pub current_revision_id: Option<RevisionId>,
        /// The revision that is being typed: the draft itself, or the next revision of an issued bill.
        pub draft_revision_id: Option<RevisionId>,
        pub customer_id: Option<CustomerId>,
        pub customer_name: String,
        pub carrier_name: String,
        /// Thousandths of `net_unit`.
        pub net_milli: Option<i64>,
        pub net_unit: Option<String>,
        /// How many things stood between a draft and its number when it was saved last.
        pub missing: i32,
        pub created_by: Option<UserId>,
        pub created_at: i64,
        pub updated_at: i64,
        pub issued_at: Option<i64>,
        pub voided_at: Option<i64>,
        pub void_reason: Option<String>,
        /// What lists sort by, newest first: when it was issued, for a draft when it was made.
        pub listed_at: i64,
        /// When the customer first opened or downloaded it.
        pub opened_at: Option<i64>,
        pub downloaded_at: Option<i64>,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

pub mod revision {
    use sea_orm::entity::prelude::*;

    use crate::ids::{BolId, ObjectId, RevisionId, UserId};

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "bol_revisions")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: RevisionId,
        pub bol_id: BolId,
        /// 1, 2, 3 …
        pub revision: i32,
        /// A [`crate::bols::content::BolContent`], JSON. Never changes once `issued_at` is set (a trigger refuses it).
        #[sea_orm(column_type = "Text")]
        pub content: String,
        /// Goes up with each save of the draft: two people at once notice each other.
        pub version: i32,
        /// The last save of the draft, and the name of who saved it.
        pub edited_at: i64,
        pub edited_by: String,
        pub issued_at: Option<i64>,
        pub issued_by: Option<UserId>,
        /// Why an issued bill is revised.
        pub reason: Option<String>,
        /// `none` (draft), `waiting`, `ready` or `failed`.
        pub pdf_state: String,
        pub pdf_error: Option<String>,
        /// Goes up when it has to be rendered again.
        pub pdf_generation: i32,
        pub object_id: Option<ObjectId>,
        /// In the URL of the public verification page: 128 bits that nobody can guess.
        #[sea_orm(unique)]
        pub verify_code: String,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

pub mod term {
    use sea_orm::entity::prelude::*;

    use crate::ids::BolId;

    /// A word that finds a bill: number, customer, carrier, seal, trailer, release, heat; folded by [`crate::words::fold`].
    /// Written by [`crate::bols::search::index`] alone.
    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "bol_terms")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub term: String,
        /// The bill's own, so that what a word finds is in the list's order already.
        #[sea_orm(primary_key, auto_increment = false)]
        pub listed_at: i64,
        #[sea_orm(primary_key, auto_increment = false)]
        pub bol_id: BolId,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

pub mod template {
    use sea_orm::entity::prelude::*;

    use crate::ids::{TemplateId, UserId};

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "bol_templates")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: TemplateId,
        #[sea_orm(unique)]
        pub name: String,
        #[sea_orm(column_type = "Text")]
        pub content: String,
        pub created_by: Option<UserId>,
        pub created_at: i64,
        pub updated_at: i64,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

pub mod series {
    use sea_orm::entity::prelude::*;

    /// The last number given out, per prefix and year: the row is the lock that keeps numbers gapless.
    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "number_series")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub prefix: String,
        #[sea_orm(primary_key, auto_increment = false)]
        pub year: i32,
        pub last: i32,
    }

    impl ActiveModelBehavior for ActiveModel {}
}
