//! Footage at work: docks and loadings, film that is held, clips as evidence, what customers get of them; alerts and whom they reach.

use sea_orm_migration::prelude::*;

use super::Dialect;

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let dialect = Dialect::of(manager);
        let (by_bytes, clustered) = (dialect.text_by_bytes(), dialect.clustered());
        let db = manager.get_connection();
        db.execute_unprepared(&format!(
            "CREATE TABLE docks (
                id TEXT PRIMARY KEY,
                site_id TEXT NOT NULL REFERENCES yard_sites (id),
                name TEXT NOT NULL,
                name_key {by_bytes} NOT NULL,
                created_at BIGINT NOT NULL,
                updated_at BIGINT NOT NULL,
                archived_at BIGINT
            );
            CREATE UNIQUE INDEX docks_named ON docks (name_key) WHERE archived_at IS NULL;
            CREATE TABLE dock_cameras (
                dock_id TEXT NOT NULL REFERENCES docks (id),
                camera_id TEXT NOT NULL REFERENCES cameras (id),
                position INTEGER NOT NULL,
                PRIMARY KEY (dock_id, camera_id)
            ){clustered};
            CREATE INDEX dock_cameras_by_camera ON dock_cameras (camera_id);
            CREATE TABLE loadings (
                bol_id TEXT PRIMARY KEY REFERENCES bols (id),
                dock_id TEXT NOT NULL REFERENCES docks (id),
                from_at BIGINT NOT NULL,
                until_at BIGINT,
                set_by TEXT REFERENCES users (id),
                set_by_name TEXT NOT NULL,
                updated_at BIGINT NOT NULL,
                CHECK (until_at IS NULL OR until_at > from_at)
            );
            CREATE INDEX loadings_by_dock ON loadings (dock_id, from_at);
            CREATE INDEX loadings_by_time ON loadings (from_at);
            CREATE TABLE film_holds (
                id TEXT PRIMARY KEY,
                from_at BIGINT NOT NULL,
                until_at BIGINT NOT NULL,
                reason TEXT NOT NULL,
                held_by TEXT REFERENCES users (id),
                held_by_name TEXT NOT NULL,
                since BIGINT NOT NULL,
                released_at BIGINT,
                released_by_name TEXT,
                release_reason TEXT,
                CHECK (until_at > from_at),
                CHECK ((released_at IS NULL) = (released_by_name IS NULL) AND (released_at IS NULL) = (release_reason IS NULL))
            );
            CREATE INDEX film_holds_by_time ON film_holds (since, id);
            CREATE INDEX film_holds_open ON film_holds (until_at) WHERE released_at IS NULL;
            CREATE TABLE film_hold_cameras (
                hold_id TEXT NOT NULL REFERENCES film_holds (id),
                camera INTEGER NOT NULL REFERENCES cameras (number),
                PRIMARY KEY (hold_id, camera)
            ){clustered};
            CREATE TABLE clips (
                id TEXT PRIMARY KEY,
                title TEXT NOT NULL,
                reason TEXT NOT NULL,
                from_at BIGINT NOT NULL,
                until_at BIGINT NOT NULL,
                bol_id TEXT REFERENCES bols (id),
                state TEXT NOT NULL CHECK (state IN ('waiting', 'cutting', 'ready', 'failed', 'erased')),
                error TEXT,
                generation INTEGER NOT NULL,
                done_bytes BIGINT NOT NULL,
                total_bytes BIGINT NOT NULL,
                manifest TEXT,
                signature TEXT,
                key_id TEXT,
                package_id TEXT REFERENCES objects (id),
                created_by TEXT REFERENCES users (id),
                created_by_name TEXT NOT NULL,
                created_at BIGINT NOT NULL,
                updated_at BIGINT NOT NULL,
                CHECK (until_at > from_at),
                CHECK (state <> 'ready' OR (manifest IS NOT NULL AND signature IS NOT NULL))
            );
            CREATE INDEX clips_by_time ON clips (created_at, id);
            CREATE INDEX clips_by_bol ON clips (bol_id) WHERE bol_id IS NOT NULL;
            CREATE INDEX clips_open ON clips (state, updated_at) WHERE state IN ('waiting', 'cutting');
            CREATE TABLE film_restores (
                id TEXT PRIMARY KEY,
                from_at BIGINT NOT NULL,
                until_at BIGINT NOT NULL,
                tier TEXT NOT NULL,
                days INTEGER NOT NULL,
                state TEXT NOT NULL CHECK (state IN ('asking', 'restoring', 'ready', 'failed')),
                error TEXT,
                look INTEGER NOT NULL,
                at_camera INTEGER NOT NULL,
                at_time BIGINT NOT NULL,
                files BIGINT NOT NULL,
                archived BIGINT NOT NULL,
                back BIGINT NOT NULL,
                clip_id TEXT REFERENCES clips (id),
                asked_by TEXT REFERENCES users (id),
                asked_by_name TEXT NOT NULL,
                asked_at BIGINT NOT NULL,
                expected_at BIGINT NOT NULL,
                ready_at BIGINT,
                CHECK (until_at > from_at),
                CHECK ((error IS NULL) = (state <> 'failed'))
            );
            CREATE INDEX film_restores_by_time ON film_restores (asked_at);
            CREATE INDEX film_restores_by_clip ON film_restores (clip_id, asked_at) WHERE clip_id IS NOT NULL;
            CREATE INDEX film_restores_open ON film_restores (state) WHERE state IN ('asking', 'restoring');
            CREATE TABLE film_restore_cameras (
                restore_id TEXT NOT NULL REFERENCES film_restores (id),
                camera INTEGER NOT NULL REFERENCES cameras (number),
                PRIMARY KEY (restore_id, camera)
            ){clustered};
            CREATE TABLE clip_cameras (
                clip_id TEXT NOT NULL REFERENCES clips (id),
                camera_id TEXT NOT NULL REFERENCES cameras (id),
                position INTEGER NOT NULL,
                PRIMARY KEY (clip_id, camera_id)
            ){clustered};
            CREATE INDEX clip_cameras_by_camera ON clip_cameras (camera_id);
            CREATE TABLE clip_parts (
                clip_id TEXT NOT NULL REFERENCES clips (id),
                number INTEGER NOT NULL,
                camera_id TEXT NOT NULL REFERENCES cameras (id),
                from_at BIGINT NOT NULL,
                until_at BIGINT NOT NULL,
                object_id TEXT NOT NULL REFERENCES objects (id),
                film_size BIGINT NOT NULL,
                film_sha256 TEXT NOT NULL,
                frames BIGINT NOT NULL,
                video TEXT NOT NULL,
                PRIMARY KEY (clip_id, number)
            ){clustered};
            CREATE TABLE link_clips (
                link_id TEXT NOT NULL REFERENCES share_links (id),
                clip_id TEXT NOT NULL REFERENCES clips (id),
                PRIMARY KEY (link_id, clip_id)
            ){clustered};
            CREATE INDEX link_clips_by_clip ON link_clips (clip_id);
            CREATE TABLE alerts (
                id TEXT PRIMARY KEY,
                kind TEXT NOT NULL CHECK (kind IN ('camera_lost', 'nothing_written', 'upload_late', 'disk_filling', 'clock_drift',
                    'recorder_lost')),
                subject {by_bytes} NOT NULL,
                camera_id TEXT REFERENCES cameras (id),
                recorder_id TEXT REFERENCES recorders (id),
                detail TEXT NOT NULL,
                opened_at BIGINT NOT NULL,
                closed_at BIGINT,
                seen_by TEXT,
                seen_at BIGINT,
                told_at BIGINT,
                tell_at BIGINT
            );
            CREATE UNIQUE INDEX alerts_open ON alerts (kind, subject) WHERE closed_at IS NULL;
            CREATE INDEX alerts_by_time ON alerts (opened_at, id);
            CREATE INDEX alerts_by_camera ON alerts (camera_id, opened_at);
            CREATE INDEX alerts_to_tell ON alerts (tell_at) WHERE tell_at IS NOT NULL;
            CREATE TABLE alert_findings (
                kind TEXT NOT NULL,
                subject {by_bytes} NOT NULL,
                since BIGINT NOT NULL,
                seen_at BIGINT NOT NULL,
                PRIMARY KEY (kind, subject)
            ){clustered};
            CREATE TABLE alert_targets (
                id TEXT PRIMARY KEY,
                kind TEXT NOT NULL CHECK (kind IN ('email', 'webhook')),
                address TEXT NOT NULL,
                sealed TEXT NOT NULL,
                kinds TEXT NOT NULL,
                enabled BOOLEAN NOT NULL,
                created_by TEXT REFERENCES users (id),
                created_at BIGINT NOT NULL
            );
            CREATE TABLE alert_posts (
                alert_id TEXT NOT NULL REFERENCES alerts (id),
                target_id TEXT NOT NULL REFERENCES alert_targets (id) ON DELETE CASCADE,
                moment TEXT NOT NULL CHECK (moment IN ('opened', 'closed')),
                state TEXT NOT NULL CHECK (state IN ('waiting', 'taken', 'given_up')),
                attempts INTEGER NOT NULL,
                answer TEXT,
                updated_at BIGINT NOT NULL,
                PRIMARY KEY (alert_id, target_id, moment)
            ){clustered};
            CREATE INDEX alert_posts_open ON alert_posts (state, updated_at) WHERE state = 'waiting';"
        ))
        .await?;
        // A mail about an alert, a look at a clip: rows that are there already say so.
        for (table, column, other) in [("deliveries", "alert_id", "alerts"), ("link_views", "clip_id", "clips")] {
            db.execute_unprepared(&format!("ALTER TABLE {table} ADD COLUMN {column} TEXT REFERENCES {other} (id)"))
                .await?;
        }
        let signed = "OLD.signature IS NOT NULL AND (NEW.manifest IS DISTINCT FROM OLD.manifest \
                      OR NEW.signature IS DISTINCT FROM OLD.signature)";
        db.execute_unprepared(&dialect.refuse("clips", "UPDATE", signed, "a signed manifest is immutable")).await?;
        Ok(())
    }
}
