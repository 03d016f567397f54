//! What cameras recorded: runs, segments, gaps, and what is known of them at a glance.
//!
//! Ten million segments are expected. So what there is one of a minute names its camera by number and stands in the order in which it is
//! asked for: camera, then time. There the primary key is the table, where the database can.

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
        let (clustered, bytes) = (dialect.clustered(), dialect.bytes());
        // Segments do not reference their run: for each run that goes, the database would look through all of them, ten million rows without
        // an index of runs. A run goes after all of its segments (`recordings::retired`).
        // What a timeline and a playlist ask: a day is then thirty pages of the key, and not 1,440 of the table.
        let covering = dialect.including("ended_at, run_id, nth, size, init_size, state, store_id");
        manager
            .get_connection()
            .execute_unprepared(&format!(
                "CREATE TABLE runs (
                    id TEXT PRIMARY KEY,
                    camera INTEGER NOT NULL REFERENCES cameras (number),
                    recorder_id TEXT REFERENCES recorders (id),
                    recorder_name TEXT NOT NULL,
                    epoch BIGINT NOT NULL,
                    started_at BIGINT NOT NULL,
                    ended_at BIGINT,
                    end_reason TEXT,
                    end_detail TEXT NOT NULL,
                    video TEXT NOT NULL,
                    audio TEXT NOT NULL,
                    width INTEGER NOT NULL,
                    height INTEGER NOT NULL,
                    clock TEXT NOT NULL CHECK (clock IN ('camera', 'recorder')),
                    CHECK ((ended_at IS NULL) = (end_reason IS NULL)),
                    CHECK (ended_at IS NULL OR ended_at >= started_at)
                );
                CREATE INDEX runs_by_camera ON runs (camera, started_at);
                CREATE INDEX runs_open ON runs (camera, epoch) WHERE ended_at IS NULL;
                CREATE TABLE segment_stores (
                    id INTEGER PRIMARY KEY,
                    backend TEXT NOT NULL,
                    bucket TEXT NOT NULL,
                    UNIQUE (backend, bucket)
                );
                CREATE TABLE segments (
                    camera INTEGER NOT NULL REFERENCES cameras (number),
                    started_at BIGINT NOT NULL,
                    ended_at BIGINT NOT NULL,
                    run_id TEXT NOT NULL,
                    object_id TEXT NOT NULL REFERENCES objects (id),
                    nth INTEGER NOT NULL,
                    size BIGINT NOT NULL,
                    init_size INTEGER NOT NULL,
                    state TEXT NOT NULL CHECK (state IN ('uploading', 'completed', 'failed')),
                    store_id INTEGER REFERENCES segment_stores (id),
                    PRIMARY KEY (camera, started_at){covering},
                    CHECK (ended_at > started_at)
                ){clustered};
                CREATE INDEX segments_open ON segments (state, camera, started_at, ended_at) WHERE state IN ('uploading', 'failed');
                CREATE TABLE segment_fragments (
                    camera INTEGER NOT NULL,
                    started_at BIGINT NOT NULL,
                    fragments {bytes} NOT NULL,
                    PRIMARY KEY (camera, started_at),
                    FOREIGN KEY (camera, started_at) REFERENCES segments (camera, started_at) ON DELETE CASCADE
                ){clustered};
                CREATE TABLE gaps (
                    camera INTEGER NOT NULL REFERENCES cameras (number),
                    started_at BIGINT NOT NULL,
                    ended_at BIGINT,
                    reason TEXT NOT NULL,
                    detail TEXT NOT NULL,
                    run_id TEXT REFERENCES runs (id),
                    PRIMARY KEY (camera, started_at),
                    CHECK (ended_at IS NULL OR ended_at > started_at)
                ){clustered};
                CREATE UNIQUE INDEX gaps_open ON gaps (camera) WHERE ended_at IS NULL;
                CREATE INDEX gaps_by_run ON gaps (run_id) WHERE run_id IS NOT NULL;
                CREATE TABLE coverage (
                    camera INTEGER NOT NULL REFERENCES cameras (number),
                    day INTEGER NOT NULL,
                    minutes {bytes} NOT NULL,
                    segments INTEGER NOT NULL,
                    bytes BIGINT NOT NULL,
                    covered_ms BIGINT NOT NULL,
                    gone INTEGER NOT NULL,
                    gone_bytes BIGINT NOT NULL,
                    PRIMARY KEY (camera, day)
                ){clustered};
                CREATE TABLE picture_sheets (
                    camera INTEGER NOT NULL REFERENCES cameras (number),
                    started_at BIGINT NOT NULL,
                    object_id TEXT NOT NULL REFERENCES objects (id),
                    tiles TEXT NOT NULL,
                    width INTEGER NOT NULL,
                    height INTEGER NOT NULL,
                    PRIMARY KEY (camera, started_at)
                ){clustered};"
            ))
            .await?;
        Ok(())
    }
}
