use proptest::prelude::*;

use super::*;

const NOW: i64 = 1_795_000_000_000_000;
const RATE: u32 = 90_000;
const FRAME: i64 = 3_600;

/// A camera of 25 frames a second: its oscillator's error, its clock's error, whether it reports.
struct Camera {
    ppm: i64,
    clock: i64,
    reports: bool,
}

impl Camera {
    /// Runs it for `seconds` into `times`; `late` is the delay of each frame. Returns the time given and the true one, frame by frame.
    fn run(&self, times: &mut Times, seconds: i64, mut late: impl FnMut(i64) -> i64) -> Vec<(i64, i64)> {
        let mut seen = Vec::new();
        for n in 0..seconds * 25 {
            let rtp = n * FRAME;
            // What has really passed when the oscillator has counted so far.
            let taken = NOW + micros(rtp, RATE) * 1_000_000 / (1_000_000 + self.ppm);
            let arrived = taken + late(n);
            if self.reports && n % 125 == 0 {
                times.report(Track::Video, rtp, ntp::of_unix_micros(taken + self.clock), arrived);
            }
            times.arrived(rtp, arrived, n > 25).unwrap();
            if !times.begun() {
                times.begin(rtp, 0);
            } else if n % 25 == 0 {
                times.steer(rtp, None);
            }
            seen.push((times.wall(Track::Video, rtp), taken));
        }
        seen
    }
}

#[test]
fn a_camera_that_knows_the_time_is_believed_and_its_delay_does_not_count() {
    let mut times = Times::new(RATE, 48_000);
    let seen = Camera { ppm: 80, clock: 20_000, reports: true }.run(&mut times, 600, |_| 300_000);
    assert_eq!(times.from(), TimeFrom::Camera);
    assert!(times.camera_off().is_some_and(|off| (off + 280_000).abs() < 1_000));
    let (given, taken) = seen[seen.len() - 1];
    assert!((given - taken - 20_000).abs() < 3_000, "{}", given - taken);
}

#[test]
fn a_camera_that_thinks_it_is_1970_is_timed_by_arrival() {
    let mut times = Times::new(RATE, 48_000);
    let seen = Camera { ppm: -150, clock: -NOW, reports: true }.run(&mut times, 600, |n| 100_000 + n % 7 * 40_000);
    assert_eq!(times.from(), TimeFrom::Recorder);
    assert!(times.camera_off().is_some_and(|off| off < -NOW / 2));
    let (given, taken) = seen[seen.len() - 1];
    assert!((given - taken - 100_000).abs() < 5_000, "{}", given - taken);
}

#[test]
fn without_reports_the_time_is_that_of_arrival() {
    let mut times = Times::new(RATE, 48_000);
    let seen = Camera { ppm: 200, clock: 0, reports: false }.run(&mut times, 600, |_| 50_000);
    assert_eq!((times.from(), times.camera_off()), (TimeFrom::Recorder, None));
    let (given, taken) = seen[seen.len() - 1];
    assert!((given - taken - 50_000).abs() < 10_000, "{}", given - taken);
}

#[test]
fn a_report_of_no_time_changes_nothing() {
    let mut times = Times::new(RATE, 48_000);
    times.arrived(0, NOW, true).unwrap();
    times.report(Track::Video, 0, 0, NOW);
    times.begin(0, 0);
    assert_eq!((times.from(), times.wall(Track::Video, 0)), (TimeFrom::Recorder, NOW));
}

#[test]
fn sound_and_picture_meet_by_their_reports_whatever_the_camera_thinks_the_time_is() {
    let mut times = Times::new(RATE, 48_000);
    let camera = NOW - 3_600_000_000;
    // The picture of the camera's second 10 is tick 900000; its sound of then is tick 96000.
    times.arrived(900_000, NOW, true).unwrap();
    times.report(Track::Video, 900_000, ntp::of_unix_micros(camera), NOW);
    times.report(Track::Audio, 96_000, ntp::of_unix_micros(camera), NOW);
    times.begin(900_000, NOW + 5_000);
    assert!((times.wall(Track::Audio, 96_000) - times.wall(Track::Video, 900_000)).abs() < 5);
}

#[test]
fn sound_that_begins_later_and_counts_from_there_is_placed_by_its_arrival() {
    let mut times = Times::new(RATE, 48_000);
    for n in 0..500 {
        let arrived = NOW + n * 40_000;
        times.arrived(n * FRAME, arrived, n > 25).unwrap();
        if n >= 200 {
            times.heard((n - 200) * 1_920, arrived + 30_000);
        }
        match n {
            25 => times.begin(n * FRAME, 0),
            _ if n % 25 == 0 && times.begun() => times.steer(n * FRAME, None),
            _ => {}
        }
    }
    assert!((times.wall(Track::Audio, 300 * 1_920) - NOW - 500 * 40_000 - 30_000).abs() < 1_000);
}

#[test]
fn a_report_that_is_wrong_of_its_ticks_moves_nothing() {
    let mut times = Times::new(RATE, 48_000);
    for n in 0..3_000 {
        let arrived = NOW + n * 40_000;
        times.arrived(n * FRAME, arrived, n > 25).unwrap();
        times.heard(n * 1_920, arrived);
        if n % 125 == 0 {
            // The right time, of a tick an hour away.
            times.report(Track::Video, n * FRAME - 3_600 * i64::from(RATE), ntp::of_unix_micros(arrived), arrived);
            times.report(Track::Audio, 7, ntp::of_unix_micros(arrived), arrived);
        }
        if n == 25 {
            times.begin(n * FRAME, 0);
        } else if n % 25 == 0 && times.begun() {
            times.steer(n * FRAME, None);
        }
    }
    assert_eq!(times.from(), TimeFrom::Recorder);
    assert!((times.wall(Track::Video, 3_000 * FRAME) - NOW - 120_000_000).abs() < 1_000);
    assert!((times.wall(Track::Audio, 120 * 48_000) - NOW - 120_000_000).abs() < 1_000);
}

#[test]
fn jumps_of_the_camera_s_ticks_are_told_from_delays() {
    let mut times = Times::new(RATE, 48_000);
    for n in 0..100 {
        times.arrived(n * FRAME, NOW + n * 40_000, n > 25).unwrap();
    }
    // Eight seconds in which nothing came through, then all of it at once.
    for n in 100..300 {
        times.arrived(n * FRAME, NOW + 12_000_000, true).unwrap();
    }
    let hour = 3_600 * i64::from(RATE);
    assert!(times.clone().arrived(300 * FRAME + hour, NOW + 12_000_000, true).is_err_and(|by| by > 3_500_000_000));
    assert!(times.clone().arrived(300 * FRAME - hour, NOW + 12_000_000, true).is_err_and(|by| by < -3_500_000_000));
    assert!(times.arrived(298 * FRAME, NOW + 12_000_000, true).is_ok(), "a B-frame");
}

#[test]
fn a_step_of_our_own_clock_is_told_from_time_that_passed() {
    let mut own = OwnClock::new(5, NOW);
    assert_eq!(own.look(10_000_005, NOW + 10_020_000), Ok(()));
    assert_eq!(own.at(10_000_005), NOW + 10_020_000);
    assert_eq!(own.look(11_000_005, NOW - 3_600_000_000), Err(-3_611_020_000));
}

proptest! {
    /// Any oscillator, any clock, any weather on the way: time rises, and no faster or slower than it may.
    #[test]
    fn time_rises_and_never_jumps(
        ppm in -300_i64..300,
        clock in prop_oneof![-900_000_i64..900_000, -NOW..NOW / 2],
        reports: bool,
        delays in prop::collection::vec(0_i64..1_500_000, 1..50),
        floor in -5_000_000_i64..5_000_000,
    ) {
        let mut times = Times::new(RATE, 48_000);
        times.report(Track::Video, 0, if reports { ntp::of_unix_micros(NOW + clock) } else { 0 }, NOW);
        times.arrived(0, NOW + delays[0], false).unwrap();
        times.begin(0, NOW + floor);
        let seen = Camera { ppm, clock, reports }.run(&mut times, 60, |n| delays[n as usize % delays.len()]);
        prop_assert!(seen[0].0 >= NOW + floor);
        for pair in seen.windows(2) {
            let step = pair[1].0 - pair[0].0;
            // 40 ms, 500 ppm of them, and what rounding may add.
            prop_assert!((step - 40_000).abs() <= 20 + 3, "{step}");
        }
    }

    #[test]
    fn ticks_and_microseconds_go_there_and_back(at in -1_000_000_000_000_i64..1_000_000_000_000, rate in prop_oneof![Just(90_000_u32), Just(48_000), Just(8_000), Just(44_100)]) {
        prop_assert_eq!(ticks(micros(at, rate), rate), at);
    }
}
