//! What the stored bytes cost a month, by list price, with the tiering of the yard's classes and the traps in it.
//!
//! Money is in millionths of a US dollar. Prices are the public list prices of S3 in us-east-1 and of Cloud Storage in a US region,
//! without free tiers, traffic and tax; a contract may say otherwise.

use super::words::count;
use crate::objects::Class;

/// Below so many bytes S3 moves nothing to a colder tier by itself, and Glacier Instant bills this much at least.
pub const SMALL: i64 = 128 * 1024;

/// Ages in days, the first that belongs to a band and the first that does not: the steps of the tiering.
pub const BANDS: [(i64, i64); 4] = [(0, 8), (8, 31), (31, 91), (91, 365)];

const GIB: i128 = 1 << 30;
const MONTH: i64 = 30;
/// Glacier Instant bills each object for at least so many days.
const INSTANT_MINIMUM: i64 = 90;
/// What Deep Archive keeps beside each object: its index at Standard's price, and its own at the archive's.
const DEEP_INDEX: i64 = 8 * 1024;
const DEEP_OVERHEAD: i64 = 32 * 1024;
/// Watching one object in Intelligent-Tiering for a month, in thousandths of a millionth.
const WATCHING_MILLI: i64 = 2_500;
/// Moving one object into each tier, in millionths.
const MOVES: [i64; 4] = [0, 10, 20, 50];

/// Where bytes lie and what they cost there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Tier {
    Local,
    Google,
    Standard,
    Intelligent,
    Instant,
    Deep,
}

impl Tier {
    /// The tier of each age, in the order of [`BANDS`].
    const BY_AGE: [Self; 4] = [Self::Standard, Self::Intelligent, Self::Instant, Self::Deep];

    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            Self::Local => "Own disk",
            Self::Google => "Standard (Google)",
            Self::Standard => "Standard",
            Self::Intelligent => "Intelligent-Tiering",
            Self::Instant => "Glacier Instant",
            Self::Deep => "Deep Archive",
        }
    }

    /// Millionths of a dollar for one GiB and month.
    #[must_use]
    pub fn price(self) -> i64 {
        match self {
            Self::Local => 0,
            Self::Google => 20_000,
            // Intelligent-Tiering costs less only after 30 days without a read, and the bytes lie there for 23.
            Self::Standard | Self::Intelligent => 23_000,
            Self::Instant => 4_000,
            Self::Deep => 990,
        }
    }
}

/// Copies of one class on one backend, of one age and size.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Holding {
    pub class: Class,
    pub backend: String,
    /// Index into [`BANDS`].
    pub age: usize,
    /// Under [`SMALL`].
    pub small: bool,
    pub objects: i64,
    pub bytes: i64,
}

impl Holding {
    fn tier(&self) -> Tier {
        match self.backend.as_str() {
            "s3" if self.small || !is_tiered(self.class) => Tier::Standard,
            "s3" => Tier::BY_AGE[self.age.min(3)],
            "gcs" => Tier::Google,
            _ => Tier::Local,
        }
    }

    fn cost(&self) -> i64 {
        price(self.bytes, self.tier().price())
    }
}

/// Whether objects of this class grow colder with age. The steps are those of [`BANDS`].
fn is_tiered(class: Class) -> bool {
    !class.tiers().is_empty()
}

/// One line of the bill.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    pub class: Class,
    pub tier: Tier,
    pub objects: i64,
    pub bytes: i64,
    pub micros: i64,
}

/// Something about the tiering that costs more than it seems to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trap {
    pub name: &'static str,
    /// How it comes about, and what would mend it.
    pub words: &'static str,
    /// What it costs a month.
    pub micros: i64,
}

/// A month's bill.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Bill {
    /// By class, then tier.
    pub lines: Vec<Line>,
    pub traps: Vec<Trap>,
    /// Lines and traps together.
    pub micros: i64,
}

/// What a month costs while the bytes are as they are.
#[must_use]
pub fn month(holdings: &[Holding]) -> Bill {
    let mut lines: Vec<Line> = Vec::new();
    for holding in holdings {
        let (class, tier, micros) = (holding.class, holding.tier(), holding.cost());
        match lines.iter_mut().find(|line| (line.class, line.tier) == (class, tier)) {
            Some(line) => {
                line.objects += holding.objects;
                line.bytes += holding.bytes;
                line.micros += micros;
            }
            None => lines.push(Line { class, tier, objects: holding.objects, bytes: holding.bytes, micros }),
        }
    }
    lines.sort_by_key(|line| (line.class.as_str(), line.tier));
    let traps = traps(holdings);
    // What small objects fail to save is in the lines already.
    let extra: i64 = traps.iter().filter(|trap| trap.name != SMALL_STAY).map(|trap| trap.micros).sum();
    let micros = lines.iter().map(|line| line.micros).sum::<i64>() + extra;
    Bill { lines, traps, micros }
}

const SMALL_STAY: &str = "Small objects stay in Standard";

fn traps(holdings: &[Holding]) -> Vec<Trap> {
    let tiered: Vec<&Holding> = holdings.iter().filter(|h| h.backend == "s3" && is_tiered(h.class)).collect();
    let large = |age: usize| tiered.iter().filter(move |h| !h.small && h.age == age);
    // A month's inflow, by what the last 31 days brought.
    let recent = || tiered.iter().filter(|h| !h.small && h.age < 2);
    let objects_in = recent().map(|h| h.objects).sum::<i64>() * MONTH / 31;
    let bytes_in = recent().map(|h| h.bytes).sum::<i64>() / 31 * MONTH;
    let short = INSTANT_MINIMUM - (BANDS[2].1 - BANDS[2].0);
    let watched: i64 = large(1).map(|h| h.objects).sum();
    let deep: i64 = large(3).map(|h| h.objects).sum();
    let unsaved = tiered
        .iter()
        .filter(|h| h.small)
        .map(|h| h.cost() - price(h.bytes, Tier::BY_AGE[h.age.min(3)].price()))
        .sum::<i64>();
    let all = [
        Trap {
            name: "Glacier Instant is left too soon",
            words: "Objects go on to Deep Archive at 91 days, after 60 in Glacier Instant, which bills 90 at least: each pays for \
                    30 days more. Let them stay until day 121, or skip the step.",
            micros: price(bytes_in, Tier::Instant.price()) * short / MONTH,
        },
        Trap {
            name: "Intelligent-Tiering for 23 days saves nothing",
            words: "It is cheaper only for what nobody read for 30 days, and objects leave it after 23. Watching them is paid all the \
                    same. Let the lifecycle go from Standard straight to Glacier Instant.",
            micros: watched * WATCHING_MILLI / 1_000,
        },
        Trap {
            name: "Every move is paid by the object",
            words: "Each object pays for its way into each tier; many small segments pay often. Longer segments cost less.",
            micros: objects_in * MOVES.iter().sum::<i64>(),
        },
        Trap {
            name: "Deep Archive keeps 40 KB beside each object",
            words: "8 KB of it at Standard’s price: small objects grow by it.",
            micros: price(deep * DEEP_INDEX, Tier::Standard.price()) + price(deep * DEEP_OVERHEAD, Tier::Deep.price()),
        },
        Trap {
            name: SMALL_STAY,
            words: "S3 moves nothing under 128 KB to a colder tier, so thumbnails and event images pay Standard for their whole \
                    life. This is in the lines already.",
            micros: unsaved,
        },
    ];
    all.into_iter().filter(|trap| trap.micros > 0).collect()
}

/// What would be held in a year, should as much arrive each day as in the last 31.
#[must_use]
pub fn in_a_year(holdings: &[Holding]) -> Vec<Holding> {
    let mut later: Vec<Holding> = Vec::new();
    for holding in holdings {
        let same = |h: &Holding| h.class == holding.class && h.backend == holding.backend && h.small == holding.small;
        if later.iter().any(same) {
            continue;
        }
        let ours = || holdings.iter().filter(|h| same(h));
        let arrived = |of: fn(&Holding) -> i64| ours().filter(|h| h.age < 2).map(of).sum::<i64>();
        let (objects, bytes) = (arrived(|h| h.objects), arrived(|h| h.bytes));
        let in_days = |sum: i64, days: i64| i64::try_from(i128::from(sum) * i128::from(days) / 31).unwrap_or(i64::MAX);
        if is_tiered(holding.class) {
            // After a year as much goes as comes.
            for (age, (from, to)) in BANDS.into_iter().enumerate() {
                let days = to - from;
                let (objects, bytes) = (in_days(objects, days), in_days(bytes, days));
                later.push(Holding { age, objects, bytes, ..holding.clone() });
            }
        } else {
            let (kept, size) = (ours().map(|h| h.objects).sum::<i64>(), ours().map(|h| h.bytes).sum::<i64>());
            let (objects, bytes) = (kept + in_days(objects, 365), size + in_days(bytes, 365));
            later.push(Holding { age: 3, objects, bytes, ..holding.clone() });
        }
    }
    later
}

fn price(bytes: i64, micros_per_gib: i64) -> i64 {
    i64::try_from(i128::from(bytes) * i128::from(micros_per_gib) / GIB).unwrap_or(i64::MAX)
}

/// `$12.34`; `under $0.01` for what is not nothing.
#[must_use]
pub fn dollars(micros: i64) -> String {
    let cents = micros / 10_000;
    match (cents, micros) {
        (0, 1..) => "under $0.01".to_owned(),
        _ => format!("${}.{:02}", count(cents / 100), cents % 100),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const G: i64 = 1 << 30;

    fn recordings(age: usize, objects: i64, bytes: i64) -> Holding {
        Holding { class: Class::Recording, backend: "s3".into(), age, small: false, objects, bytes }
    }

    fn trap(bill: &Bill, name: &str) -> i64 {
        bill.traps.iter().find(|trap| trap.name.starts_with(name)).map_or(0, |trap| trap.micros)
    }

    #[test]
    fn the_bands_are_the_steps_of_the_tiering() {
        let steps: Vec<i64> = Class::Recording.tiers().iter().map(|tier| i64::from(tier.after_days)).collect();
        assert_eq!(steps, BANDS[1..].iter().map(|(from, _)| *from).collect::<Vec<_>>());
        assert_eq!(i64::from(Class::Recording.retention_days()), BANDS[3].1);
    }

    #[test]
    fn each_age_has_its_tier_and_price() {
        let bill = month(&[recordings(0, 0, 100 * G), recordings(2, 0, 100 * G), recordings(3, 0, 1000 * G)]);
        let lines: Vec<_> = bill.lines.iter().map(|line| (line.tier, line.micros)).collect();
        assert_eq!(lines, [(Tier::Standard, 2_300_000), (Tier::Instant, 400_000), (Tier::Deep, 990_000)]);
        let papers = Holding { class: Class::Document, ..recordings(3, 10, 100 * G) };
        assert_eq!(month(&[papers]).lines[0].tier, Tier::Standard, "paper does not grow cold");
        let local = Holding { backend: "local".into(), ..recordings(3, 10, 100 * G) };
        assert_eq!(month(&[local]).micros, 0);
    }

    #[test]
    fn leaving_glacier_instant_early_is_billed() {
        // 310 GiB in 31 days are 300 a month; each pays 30 days more at $0.004.
        let bill = month(&[recordings(0, 0, 80 * G), recordings(1, 0, 230 * G)]);
        assert_eq!(trap(&bill, "Glacier Instant"), 300 * 4_000);
        assert_eq!(bill.micros, 310 * 23_000 + 300 * 4_000);
    }

    #[test]
    fn objects_pay_for_every_move_and_for_being_watched() {
        let bill = month(&[recordings(1, 31_000, 0)]);
        assert_eq!(trap(&bill, "Every move"), 30_000 * 80);
        assert_eq!(trap(&bill, "Intelligent"), 31_000 * 5 / 2);
    }

    #[test]
    fn small_objects_never_leave_standard() {
        let small = Holding { class: Class::Media, small: true, ..recordings(3, 1_000_000, 50 * G) };
        let bill = month(&[small]);
        assert_eq!(bill.lines[0].tier, Tier::Standard);
        assert_eq!(trap(&bill, "Small"), 50 * (23_000 - 990));
        assert_eq!(bill.micros, 50 * 23_000, "named, not added");
    }

    #[test]
    fn deep_archive_adds_forty_kilobytes_an_object() {
        let bill = month(&[recordings(3, 1 << 20, 0)]);
        assert_eq!(trap(&bill, "Deep"), 8 * 23_000 + 32 * 990);
    }

    #[test]
    fn a_year_on_recordings_level_off_and_paper_piles_up() {
        let paper = Holding { class: Class::Document, ..recordings(0, 31, 31 * G) };
        let later = in_a_year(&[recordings(0, 31, 31 * G), recordings(3, 5_000, 5_000 * G), paper]);
        let bytes: Vec<_> = later.iter().map(|h| (h.class.as_str(), h.age, h.bytes / G)).collect();
        assert_eq!(
            bytes,
            [
                ("recording", 0, 8),
                ("recording", 1, 23),
                ("recording", 2, 60),
                ("recording", 3, 274),
                ("document", 3, 396)
            ]
        );
    }

    #[test]
    fn money_reads_as_money() {
        let texts = [0, 1, 9_999, 10_000, 12_340_000, 1_234_567_890_000].map(dollars);
        assert_eq!(texts, ["$0.00", "under $0.01", "under $0.01", "$0.01", "$12.34", "$1,234,567.89"]);
    }
}
