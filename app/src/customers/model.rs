//! The tables of the address book.

pub mod customer {
    use sea_orm::entity::prelude::*;

    use crate::ids::CustomerId;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "customers")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: CustomerId,
        pub name: String,
        /// The name folded ([`crate::words::fold`]): no two customers differ by capitals or spaces alone, and lists sort by it.
        #[sea_orm(unique)]
        pub name_key: String,
        /// The yard's own short code for it, unique where set.
        #[sea_orm(unique)]
        pub code: Option<String>,
        pub notes: String,
        pub created_at: i64,
        pub updated_at: i64,
        pub archived_at: Option<i64>,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

pub mod site {
    use sea_orm::entity::prelude::*;

    use crate::ids::{CustomerId, SiteId};

    /// A place of a customer that goods go to or come from.
    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "customer_sites")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: SiteId,
        pub customer_id: CustomerId,
        /// Where it stands among the customer's own.
        pub position: i32,
        pub name: String,
        pub address: String,
        pub city: String,
        pub region: String,
        pub postcode: String,
        /// ISO 3166-1 alpha-2.
        pub country: String,
        pub location_id: String,
        pub phone: String,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

pub mod contact {
    use sea_orm::entity::prelude::*;

    use crate::ids::{ContactId, CustomerId};

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "customer_contacts")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: ContactId,
        pub customer_id: CustomerId,
        /// Where it stands among the customer's own.
        pub position: i32,
        pub name: String,
        pub email: String,
        pub phone: String,
        /// Gets the links of new bills.
        pub receives_bols: bool,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

pub mod term {
    use sea_orm::entity::prelude::*;

    use crate::ids::CustomerId;

    /// A word that finds a customer: name, code, cities, contacts; folded.
    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "customer_terms")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub term: String,
        #[sea_orm(primary_key, auto_increment = false)]
        pub customer_id: CustomerId,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

pub mod import {
    use sea_orm::entity::prelude::*;

    use crate::ids::{ImportId, UserId};

    /// A file between its upload and its confirmation; gone a day later.
    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "customer_imports")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: ImportId,
        pub uploaded_by: Option<UserId>,
        pub file_name: String,
        /// The file as text, whatever it was encoded as.
        #[sea_orm(column_type = "Text")]
        pub content: String,
        /// Otherwise its encoding was guessed.
        pub was_utf8: bool,
        pub created_at: i64,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

pub mod carrier {
    use sea_orm::entity::prelude::*;

    use crate::ids::CarrierId;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "carriers")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: CarrierId,
        pub name: String,
        /// The name folded: unique, and what lists sort by.
        #[sea_orm(unique)]
        pub name_key: String,
        /// 2–4 capitals; may be empty.
        pub scac: String,
        pub phone: String,
        pub created_at: i64,
        pub updated_at: i64,
        pub archived_at: Option<i64>,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

pub mod release {
    use sea_orm::entity::prelude::*;

    use crate::ids::{CustomerId, ReleaseId};

    /// A customer's permission to ship up to a weight.
    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "releases")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: ReleaseId,
        /// Stored in capitals ([`crate::customers::release_number`]), so that it is found however it is typed.
        #[sea_orm(unique)]
        pub number: String,
        pub customer_id: CustomerId,
        pub commodity: String,
        /// What may be shipped, thousandths of `unit`.
        pub allowed_milli: i64,
        pub unit: String,
        pub created_at: i64,
        pub updated_at: i64,
        pub closed_at: Option<i64>,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

pub mod draw {
    use sea_orm::entity::prelude::*;

    use crate::ids::{BolId, ReleaseId};

    /// What the current revision of an issued bill draws on a release. Deleted with a void, replaced with a revision.
    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "release_draws")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub release_id: ReleaseId,
        #[sea_orm(primary_key, auto_increment = false)]
        pub bol_id: BolId,
        /// In the release's unit, thousandths.
        pub net_milli: i64,
    }

    impl ActiveModelBehavior for ActiveModel {}
}
