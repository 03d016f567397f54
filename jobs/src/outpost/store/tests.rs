use gatehouse_app::{
    recorders::wire::{Gap, Run},
    recordings::{Fragment, Fragments, Reason},
};

use super::*;

const DOCK: Uuid = Uuid::from_u128(1);
const MINUTE: i64 = 60_000;
const BEGAN: i64 = 1_795_161_600_000;

fn run(n: u128, started_at: i64) -> Run {
    Run {
        id: Uuid::from_u128(n),
        camera: DOCK,
        started_at,
        ended_at: None,
        end_reason: None,
        end_detail: String::new(),
        video: "avc1.640028".into(),
        audio: String::new(),
        width: 1920,
        height: 1080,
        clock: "camera".into(),
    }
}

fn file(run: u128, started_at: i64, sha256: &str) -> NewFile<'_> {
    let fragments = Fragments(vec![Fragment { bytes: 900, ticks: 60 * 90_000, key: true }]).pack();
    let run = Uuid::from_u128(run);
    let ended_at = started_at + MINUTE;
    NewFile { camera: DOCK, slug: "dock_2", run, started_at, ended_at, size: 1000, sha256, init_size: 100, fragments }
}

async fn store() -> (tempfile::TempDir, Store) {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(folder.path()).await.unwrap();
    (folder, store)
}

fn key(took: Took) -> String {
    match took {
        Took::As(key) => key,
        Took::Overlaps => panic!("it overlaps"),
    }
}

#[tokio::test]
async fn what_happened_is_told_in_its_order_and_once() {
    let (_folder, store) = store().await;
    for _ in 0..2 {
        store.begin_run(&run(7, BEGAN)).await.unwrap();
    }
    let first = key(store.keep(&file(7, BEGAN, "aa"), 0).await.unwrap());
    assert_eq!(first, "recordings/dock_2/2026-11-20/recording_08_00_00.mp4");
    assert_eq!(store.keep(&file(7, BEGAN, "aa"), 0).await.unwrap(), Took::As(first.clone()), "again");
    assert_eq!(store.keep(&file(7, BEGAN + 1_000, "bb"), 0).await.unwrap(), Took::Overlaps);
    store.end_run(Uuid::from_u128(7), BEGAN + MINUTE, Reason::Closed, "").await.unwrap();
    let gap = Gap { camera: DOCK, at: BEGAN + MINUTE, reason: "unreachable".into(), detail: String::new() };
    store.gap(&gap).await.unwrap();

    let news = store.news().await.unwrap();
    let said = &news.announced;
    assert_eq!((said.runs.len(), said.segments.len(), said.gaps.len()), (1, 1, 1));
    assert_eq!((said.runs[0].ended_at, said.runs[0].end_reason.as_deref()), (Some(BEGAN + MINUTE), Some("closed")));
    assert_eq!((news.keys.clone(), said.gaps[0].clone()), (vec![first.clone()], gap));
    assert!(store.in_turn(BEGAN, &[], 9).await.unwrap().is_empty(), "nobody knows of it yet");
    store.told(&news).await.unwrap();
    assert!(store.news().await.unwrap().is_empty());
    assert_eq!(store.in_turn(BEGAN, &[], 9).await.unwrap()[0].key, first);
    let (keys, again) = store.again(&[first.clone(), "recordings/none".into()]).await.unwrap();
    assert_eq!((keys, again.runs[0].ended_at), (vec![first.clone()], Some(BEGAN + MINUTE)), "its end was told");
    assert_eq!(store.floor(DOCK).await.unwrap(), BEGAN + MINUTE);

    store.kept(&first).await.unwrap();
    assert_eq!(store.waiting().await.unwrap(), Waiting::default());
    assert_eq!(store.floor(DOCK).await.unwrap(), BEGAN + MINUTE, "no time is given away twice");
}

#[tokio::test]
async fn two_files_of_one_second_have_two_names() {
    let (_folder, store) = store().await;
    store.begin_run(&run(7, BEGAN)).await.unwrap();
    let short = NewFile { ended_at: BEGAN + 300, ..file(7, BEGAN, "aa") };
    key(store.keep(&short, 0).await.unwrap());
    let second = key(store.keep(&file(7, BEGAN + 400, "bb"), 0).await.unwrap());
    assert_eq!(second, "recordings/dock_2/2026-11-20/recording_08_00_00_2.mp4");
}

#[tokio::test]
async fn a_run_that_a_kill_left_ends_where_its_last_file_ends_and_is_found_by_its_beginning() {
    let (_folder, store) = store().await;
    store.begin_run(&run(7, BEGAN)).await.unwrap();
    store.keep(&file(7, BEGAN, "aa"), 0).await.unwrap();
    store.end_left(DOCK, Reason::WorkerLost).await.unwrap();
    let news = store.news().await.unwrap();
    assert_eq!(news.announced.runs[0].ended_at, Some(BEGAN + MINUTE));
    store.told(&news).await.unwrap();
    // Found later in the spool: the run is longer, and that is news.
    assert_eq!(store.run_near(DOCK, BEGAN + 60, 1_000).await.unwrap(), Some(Uuid::from_u128(7)));
    assert_eq!(store.run_near(DOCK, BEGAN + 5_000, 1_000).await.unwrap(), None);
    store.keep(&file(7, BEGAN + MINUTE, "bb"), 0).await.unwrap();
    let news = store.news().await.unwrap();
    assert_eq!(news.announced.runs[0].ended_at, Some(BEGAN + 2 * MINUTE));
}

#[tokio::test]
async fn live_film_goes_first_and_then_the_oldest() {
    let (_folder, store) = store().await;
    store.begin_run(&run(7, BEGAN)).await.unwrap();
    for minute in 0..300 {
        store.keep(&file(7, BEGAN + minute * MINUTE, "aa"), 0).await.unwrap();
    }
    let mut messages = Vec::new();
    loop {
        let news = store.news().await.unwrap();
        if news.is_empty() {
            break;
        }
        messages.push(news.announced.segments.len());
        store.told(&news).await.unwrap();
    }
    assert_eq!(messages, [199, 101], "200 at most, the run's beginning among them");
    let now = BEGAN + 300 * MINUTE;
    let turn = |files: Vec<File>| files.into_iter().map(|file| (file.started_at - BEGAN) / MINUTE).collect::<Vec<_>>();
    let first = store.in_turn(now, &[], 2).await.unwrap();
    let busy: Vec<String> = first.iter().map(|file| file.key.clone()).collect();
    assert_eq!(turn(first), [240, 241]);
    assert_eq!(turn(store.in_turn(now, &busy, 1).await.unwrap()), [242]);
    assert_eq!(turn(store.in_turn(now + 400 * MINUTE, &[], 2).await.unwrap()), [0, 1]);
    store.set_aside(&busy[0], "its time is taken", 5).await.unwrap();
    assert_eq!(turn(store.in_turn(now, &[], 1).await.unwrap()), [241]);
    let waiting = store.waiting().await.unwrap();
    assert_eq!((waiting.files, waiting.aside, waiting.oldest), (299, 1, Some(BEGAN)));
    assert_eq!((store.long_aside(5).await.unwrap().len(), store.long_aside(6).await.unwrap().len()), (0, 1));
}

#[tokio::test]
async fn what_cannot_be_read_any_more_is_told_and_what_is_found_again_is_sent() {
    let (_folder, store) = store().await;
    store.begin_run(&run(7, BEGAN)).await.unwrap();
    let lost = key(store.keep(&file(7, BEGAN, "aa"), 0).await.unwrap());
    store.told(&store.news().await.unwrap()).await.unwrap();
    for _ in 0..2 {
        store.lose(&lost, "other bytes", 5).await.unwrap();
    }
    assert!(store.in_turn(BEGAN, &[], 9).await.unwrap().is_empty());
    assert!(store.long_aside(9).await.unwrap().is_empty(), "nobody knows of it yet");
    let news = store.news().await.unwrap();
    let said: Vec<_> =
        news.announced.lost.iter().map(|lost| (lost.started_at, lost.sha256.as_str(), lost.why.as_str())).collect();
    assert_eq!((said, news.announced.segments.len()), (vec![(BEGAN, "aa", "other bytes")], 0));
    store.told(&news).await.unwrap();
    assert!(store.news().await.unwrap().is_empty());
    assert_eq!(store.long_aside(9).await.unwrap(), std::slice::from_ref(&lost));

    assert_eq!(store.keep(&file(7, BEGAN, "aa"), 9).await.unwrap(), Took::As(lost.clone()));
    let news = store.news().await.unwrap();
    assert_eq!((news.keys.clone(), news.announced.lost.len()), (vec![lost.clone()], 0));
    store.told(&news).await.unwrap();
    assert_eq!(store.in_turn(BEGAN, &[], 9).await.unwrap()[0].key, lost);
}
