//! Sites, recorders, cameras: what they are, who may see them, who holds them, how they are.

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
        // The first site is there from the beginning: a yard with one needs to know of none.
        manager
            .get_connection()
            .execute_unprepared(&format!(
                "CREATE TABLE yard_sites (
                    id TEXT PRIMARY KEY,
                    name TEXT NOT NULL,
                    name_key {by_bytes} NOT NULL,
                    allow TEXT NOT NULL,
                    created_at BIGINT NOT NULL,
                    updated_at BIGINT NOT NULL,
                    archived_at BIGINT
                );
                CREATE UNIQUE INDEX yard_sites_named ON yard_sites (name_key) WHERE archived_at IS NULL;
                INSERT INTO yard_sites (id, name, name_key, allow, created_at, updated_at) VALUES
                    ('01900000-0000-7000-8000-000000000001', 'Yard', 'yard', '10.0.0.0/8
172.16.0.0/12
192.168.0.0/16
fc00::/7', 0, 0);
                CREATE TABLE recorders (
                    id TEXT PRIMARY KEY,
                    site_id TEXT NOT NULL REFERENCES yard_sites (id),
                    kind TEXT NOT NULL CHECK (kind IN ('node', 'remote')),
                    name TEXT NOT NULL,
                    name_key {by_bytes} NOT NULL,
                    token_hash TEXT UNIQUE,
                    node TEXT NOT NULL,
                    version TEXT NOT NULL,
                    ip TEXT,
                    last_seen_at BIGINT,
                    clock_offset_ms BIGINT,
                    disk_free BIGINT,
                    disk_total BIGINT,
                    keep_free BIGINT NOT NULL,
                    spool_bytes BIGINT NOT NULL,
                    spool_limit BIGINT NOT NULL,
                    queue_segments BIGINT NOT NULL,
                    queue_bytes BIGINT NOT NULL,
                    oldest_waiting_at BIGINT,
                    aside BIGINT NOT NULL DEFAULT 0,
                    created_by TEXT REFERENCES users (id),
                    created_at BIGINT NOT NULL,
                    revoked_at BIGINT,
                    CHECK ((kind = 'remote') = (token_hash IS NOT NULL))
                );
                CREATE UNIQUE INDEX recorders_named ON recorders (name_key) WHERE revoked_at IS NULL;
                CREATE TABLE cameras (
                    id TEXT PRIMARY KEY,
                    number INTEGER NOT NULL UNIQUE CHECK (number > 0),
                    slug {by_bytes} NOT NULL UNIQUE,
                    name TEXT NOT NULL,
                    name_key {by_bytes} NOT NULL,
                    site_id TEXT NOT NULL REFERENCES yard_sites (id),
                    recorder_id TEXT REFERENCES recorders (id),
                    host TEXT NOT NULL,
                    port INTEGER NOT NULL CHECK (port BETWEEN 1 AND 65535),
                    sealed TEXT NOT NULL,
                    transport TEXT NOT NULL CHECK (transport IN ('tcp', 'udp')),
                    audio BOOLEAN NOT NULL,
                    enabled BOOLEAN NOT NULL,
                    schedule TEXT NOT NULL,
                    retention_days INTEGER CHECK (retention_days BETWEEN 1 AND 3660),
                    open_to_all BOOLEAN NOT NULL,
                    onvif TEXT NOT NULL,
                    version INTEGER NOT NULL,
                    created_by TEXT REFERENCES users (id),
                    created_at BIGINT NOT NULL,
                    updated_at BIGINT NOT NULL,
                    archived_at BIGINT
                );
                CREATE UNIQUE INDEX cameras_named ON cameras (name_key) WHERE archived_at IS NULL;
                CREATE INDEX cameras_by_site ON cameras (site_id);
                CREATE INDEX cameras_by_recorder ON cameras (recorder_id);
                CREATE TABLE camera_grants (
                    user_id TEXT NOT NULL REFERENCES users (id),
                    camera_id TEXT NOT NULL REFERENCES cameras (id),
                    granted_by TEXT REFERENCES users (id),
                    granted_at BIGINT NOT NULL,
                    PRIMARY KEY (user_id, camera_id)
                ){clustered};
                CREATE INDEX camera_grants_by_camera ON camera_grants (camera_id);
                CREATE TABLE camera_leases (
                    camera_id TEXT PRIMARY KEY REFERENCES cameras (id),
                    epoch BIGINT NOT NULL,
                    holder TEXT NOT NULL,
                    node TEXT NOT NULL,
                    beat BIGINT NOT NULL,
                    asked_at BIGINT NOT NULL
                );
                CREATE INDEX camera_leases_by_holder ON camera_leases (holder);
                CREATE TABLE camera_states (
                    camera_id TEXT PRIMARY KEY REFERENCES cameras (id),
                    state TEXT NOT NULL CHECK (state IN ('off', 'scheduled_off', 'waiting', 'connecting', 'connected', 'stalled',
                        'unreachable', 'refused', 'not_rtsp', 'unsupported', 'no_room', 'recorder_away')),
                    detail TEXT NOT NULL,
                    since BIGINT NOT NULL,
                    recorder_id TEXT REFERENCES recorders (id),
                    recorder_name TEXT NOT NULL,
                    video TEXT NOT NULL,
                    audio TEXT NOT NULL,
                    width INTEGER,
                    height INTEGER,
                    fps_milli INTEGER,
                    bits_per_second BIGINT,
                    last_frame_at BIGINT,
                    last_segment_at BIGINT,
                    clock_offset_ms BIGINT,
                    reconnects BIGINT NOT NULL,
                    snapshot_id TEXT REFERENCES objects (id),
                    snapshot_at BIGINT,
                    heard_at BIGINT NOT NULL
                );"
            ))
            .await?;
        Ok(())
    }
}
