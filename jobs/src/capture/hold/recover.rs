//! What is left in the spool of this node, by whomever, comes on record.

use std::{path::Path, sync::Arc, time::Duration};

use gatehouse_app::{
    cameras::{
        Held,
        model::{camera, lease},
    },
    ids::CameraId,
};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use tokio::task::spawn_blocking;

use super::{Hub, Station, every};
use crate::capture::leftovers::{self, recover};

/// What the record was away for is offered again so often, whoever holds the camera by now.
const AGAIN: Duration = Duration::from_mins(10);

impl Station {
    /// Again and again, of every camera that has something here, whoever records it now.
    pub(super) async fn recovers(self: Arc<Self>) {
        let mut clock = every(AGAIN);
        loop {
            clock.tick().await;
            match self.left().await {
                Ok(hubs) => {
                    for hub in hubs {
                        Arc::clone(&self).recover_one(Arc::new(hub)).await;
                    }
                    self.tidy().await;
                }
                Err(error) => tracing::warn!(%error, "what is left in the spool waits"),
            }
        }
    }

    /// Offers what is left of one camera.
    pub(super) async fn recover_one(self: Arc<Self>, hub: Arc<Hub>) {
        let Ok(_turn) = self.recoveries.acquire().await else { return };
        match recover(&self.folder(hub.camera.id), &*hub, Arc::clone(&self.app.ports.clock)).await {
            Ok(done) if done.kept + done.aside + done.left > 0 => {
                tracing::info!(camera = hub.camera.slug, ?done, "recovered what was left");
            }
            Ok(_) => {}
            Err(error) => tracing::error!(camera = hub.camera.slug, %error, "what was left cannot be recovered"),
        }
    }

    async fn left(&self) -> gatehouse_app::Result<Vec<Hub>> {
        let who = self.who().await?;
        let folder = self.spool.folder();
        let ids = spawn_blocking(move || names(&folder)).await.map_err(anyhow::Error::from)?;
        let cameras = camera::Entity::find().filter(camera::Column::Id.is_in(ids)).all(self.app.db()).await?;
        let offered = |camera: camera::Model| {
            let nobody = Held { camera: camera.id, number: camera.number, epoch: 0, holder: String::new() };
            self.hub(camera, nobody, who.clone())
        };
        Ok(cameras.into_iter().map(offered).collect())
    }

    /// Marks of processes that are no more and hold nothing any more go, and what was set aside long ago.
    async fn tidy(&self) {
        let Ok(leases) = lease::Entity::find().all(self.app.db()).await else { return };
        let holders: Vec<String> = leases.into_iter().map(|lease| lease.holder).collect();
        let (spool, now) = (self.spool.folder(), self.app.now());
        let swept = spawn_blocking(move || {
            leftovers::sweep_holders(&spool, &holders)?;
            leftovers::sweep_aside(&spool, now)
        });
        if let Ok(Err(error)) = swept.await {
            tracing::warn!(%error, "what nobody needs any more stays in the spool");
        }
    }
}

fn names(folder: &Path) -> Vec<CameraId> {
    let Ok(entries) = std::fs::read_dir(folder) else { return Vec::new() };
    entries.filter_map(|entry| entry.ok()?.file_name().to_str()?.parse().ok()).collect()
}
