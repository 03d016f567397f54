//! The table of deliveries.

pub mod delivery {
    use sea_orm::entity::prelude::*;

    use crate::ids::{AlertId, BolId, DeliveryId, LinkId, UserId};

    /// One mail to one address. What it says is made from its ids when it is sent, so that no token is stored.
    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "deliveries")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: DeliveryId,
        /// `bol_link`, `fresh_link`, `invitation`, `password_reset`, `restored`, `alert`.
        pub kind: String,
        pub recipient: String,
        pub subject: String,
        /// Fixed before the first attempt.
        #[sea_orm(unique)]
        pub message_id: String,
        /// `queued`, `sending` (the text is going out), `sent`, `deferred`, `refused`, `barred`, `unknown`, `cancelled`.
        pub state: String,
        /// How often it was tried.
        pub attempts: i32,
        /// The number of its job: goes up whenever another is queued, so that one that is late or doubled sees it is not its turn.
        pub generation: i32,
        /// What the mail server said last.
        pub answer: Option<String>,
        pub bol_id: Option<BolId>,
        pub link_id: Option<LinkId>,
        /// Whose invitation or reset it is.
        pub user_id: Option<UserId>,
        /// A line of the sender's own.
        pub note: String,
        pub created_by: Option<UserId>,
        pub created_at: i64,
        pub updated_at: i64,
        pub sent_at: Option<i64>,
        pub next_attempt_at: Option<i64>,
        /// The mail that was sent in its place.
        pub replaced_by: Option<DeliveryId>,
        /// Since when a refused or unknown one needs nobody any more: it was sent again, or somebody said so.
        pub settled_at: Option<i64>,
        /// The alert it tells of.
        pub alert_id: Option<AlertId>,
    }

    impl ActiveModelBehavior for ActiveModel {}
}
