//! The tables of alerts, whom they reach, and what became of telling them.

pub mod alert {
    use sea_orm::entity::prelude::*;

    use crate::ids::{AlertId, CameraId, RecorderId};

    /// Something is wrong, or was. Of each kind and subject one is open at most.
    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "alerts")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: AlertId,
        /// A [`Kind`](crate::alerts::Kind).
        pub kind: String,
        /// `camera <id>`, `recorder <id>`.
        pub subject: String,
        pub camera_id: Option<CameraId>,
        pub recorder_id: Option<RecorderId>,
        /// A sentence: what was found, and since when.
        pub detail: String,
        pub opened_at: i64,
        pub closed_at: Option<i64>,
        /// Who said that they know.
        pub seen_by: Option<String>,
        pub seen_at: Option<i64>,
        /// When it was told of by mail last; `None`: not yet.
        pub told_at: Option<i64>,
        /// When it is to be told of next: that it opened, that it goes on, that it is over; `None`: there is nothing more to tell.
        pub tell_at: Option<i64>,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

pub mod finding {
    use sea_orm::entity::prelude::*;

    /// What was found at the last look, alert or not yet: so it does not matter which process looks.
    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "alert_findings")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub kind: String,
        #[sea_orm(primary_key, auto_increment = false)]
        pub subject: String,
        /// Found at every look since.
        pub since: i64,
        /// When the last look was.
        pub seen_at: i64,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

pub mod target {
    use sea_orm::entity::prelude::*;

    use crate::ids::{AlertTargetId, UserId};

    /// Whom alerts reach.
    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "alert_targets")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: AlertTargetId,
        /// `email`, `webhook`.
        pub kind: String,
        /// For people: the address, or a webhook's host.
        pub address: String,
        /// A webhook's URL and the key of its signatures, sealed to this row; empty for an email.
        pub sealed: String,
        /// The kinds that it wants, joined by commas; empty: all.
        pub kinds: String,
        pub enabled: bool,
        pub created_by: Option<UserId>,
        pub created_at: i64,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

pub mod post {
    use sea_orm::entity::prelude::*;

    use crate::ids::{AlertId, AlertTargetId};

    /// One call of a webhook.
    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "alert_posts")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub alert_id: AlertId,
        #[sea_orm(primary_key, auto_increment = false)]
        pub target_id: AlertTargetId,
        /// `opened`, `closed`.
        #[sea_orm(primary_key, auto_increment = false)]
        pub moment: String,
        /// `waiting`, `taken` (answered 2xx), `given_up`.
        pub state: String,
        pub attempts: i32,
        /// The last answer: a status, or why there was none.
        pub answer: Option<String>,
        pub updated_at: i64,
    }

    impl ActiveModelBehavior for ActiveModel {}
}
