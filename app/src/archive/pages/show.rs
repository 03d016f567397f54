//! One object: its copies as their stores see them, its versions, and the way back from an archive.

use chrono_tz::Tz;

use crate::{
    archive::{Copy, Seen, expected, in_words, longest_days, model},
    objects::model::object,
    ports::{Archive, RestoreTier, Version},
    storage::size,
    ui::prelude::*,
    urls,
};

/// Who may do what on the page, and what was typed.
#[derive(Clone, Debug, Default)]
pub struct Asked {
    pub may_restore: bool,
    pub may_revert: bool,
    pub tier: String,
    pub days: String,
    pub errors: FormErrors,
}

/// The page's head.
#[must_use]
pub fn page(object: &object::Model) -> Page {
    Page::new(object.key.clone(), Area::Yard)
        .at(urls::STORAGE)
        .crumb("Storage", urls::STORAGE)
        .crumb("Objects", urls::STORED)
}

pub fn body(seen: Seen, asked: Asked, now: i64, zone: Tz) -> impl IntoView + use<> {
    let Seen { object, copies, restores } = seen;
    let erased = object.erased_at.map(|at| {
        view! { <Notice tone=Tone::Neutral><p>"Erased on "<Time at tz=zone/>": its copies go, with every version of them."</p></Notice> }
    });
    let archived = copies.iter().find_map(|copy| {
        let info = copy.info.as_ref().ok()?.as_ref()?;
        (info.archive == Archive::Archived).then(|| info.storage_class.clone().unwrap_or_default())
    });
    let at_hand = copies.iter().any(|copy| {
        let readable = |archive| matches!(archive, Archive::Ready | Archive::Restored(_));
        matches!(&copy.info, Ok(Some(info)) if readable(info.archive))
    });
    let open = restores.iter().any(|row| matches!(row.state.as_str(), "asked" | "restoring"));
    let form = archived
        .filter(|_| asked.may_restore && !at_hand && !open && object.erased_at.is_none())
        .map(|class| restore(&object, &class, &asked));
    let gone = |copy: &Copy| matches!(copy.info, Ok(None)) || matches!(copy.row.state.as_str(), "missing" | "corrupt");
    let recover = (asked.may_revert && object.erased_at.is_none() && copies.iter().any(gone)).then(|| {
        let href = urls::stored_recover(object.id);
        view! { <LinkButton href label="Bring it back" kind=Kind::Primary icon="refresh"/> }
    });
    let versions = copies.iter().map(|copy| versions(&object, copy, asked.may_revert, zone)).collect_view();
    let copies = copies.iter().map(|copy| line(copy, zone)).collect_view();
    let restores = restored(&restores, now, zone);
    let key = object.key.clone();
    view! {
        <ErrorSummary errors=asked.errors/>
        <PageHead title=key mono=true>{recover}</PageHead>
        {erased}
        <section>
            <Facts>
                <Fact label="Type">{object.content_type.clone()}</Fact>
                <Fact label="Size">{size(object.size)}" ("{object.size}" bytes)"</Fact>
                <Fact label="SHA-256" mono=true>{object.sha256.clone()}</Fact>
                <Fact label="Kept since"><Time at=object.created_at tz=zone/></Fact>
                {object.retain_until.map(|at| view! { <Fact label="Kept until"><Time at tz=zone style=TimeStyle::Date/></Fact> })}
            </Facts>
        </section>
        <section>
            <h2>"Copies"</h2>
            <Table
                caption="Copies"
                columns=vec![
                    Column::text("Where"), Column::text("On record"), Column::text("In the storage now"), Column::text("Class"),
                    Column::text("Replication"), Column::text("Verified"),
                ]
            >{copies}</Table>
        </section>
        {form}
        {restores}
        {versions}
    }
}

fn line(copy: &Copy, zone: Tz) -> impl IntoView + use<> {
    let row = &copy.row;
    let tone = match row.state.as_str() {
        "verified" => Tone::Ok,
        "waiting" | "uploading" | "erasing" => Tone::Progress,
        _ => Tone::Bad,
    };
    let (now, class, replication) = match &copy.info {
        Ok(Some(info)) => {
            let tone = match info.archive {
                Archive::Ready | Archive::Restored(_) => Tone::Ok,
                Archive::Archived => Tone::Neutral,
                Archive::Restoring => Tone::Progress,
            };
            let until = match info.archive {
                Archive::Restored(until) => Some(view! { " until "<Time at=until tz=zone/> }),
                _ => None,
            };
            let now = view! { <Status tone word=in_words(info.archive)/>{until} }.into_any();
            (now, info.storage_class.clone().unwrap_or_else(|| "—".into()), replicated(info.replication.as_deref()))
        }
        Ok(None) => (view! { <Status tone=Tone::Bad word="not there"/> }.into_any(), "—".into(), ().into_any()),
        Err(why) => {
            let why = why.clone();
            (
                view! { <Status tone=Tone::Warn word="unknown"/>" "<small>{why}</small> }.into_any(),
                "—".into(),
                ().into_any(),
            )
        }
    };
    let place = match row.backend.as_str() {
        "local" => format!("disk of {}", row.bucket),
        backend => format!("{backend}: {}", row.bucket),
    };
    let error = row.error.clone().map(|why| view! { <br/><small>{why}</small> });
    let (state, verified) = (row.state.clone(), row.verified_at);
    view! {
        <tr>
            <th scope="row">{place}</th>
            <td><Status tone word=state/>{error}</td>
            <td>{now}</td>
            <td>{class}</td>
            <td>{replication}</td>
            <td>{verified.map(|at| view! { <Time at tz=zone/> })}</td>
        </tr>
    }
}

/// What the bucket says of its other half.
fn replicated(status: Option<&str>) -> AnyView {
    let (tone, word) = match status {
        None => return "not replicated".into_any(),
        Some("COMPLETED" | "COMPLETE") => (Tone::Ok, "replicated"),
        Some("REPLICA") => (Tone::Ok, "is the replica"),
        Some("PENDING") => (Tone::Progress, "on its way"),
        Some(_) => (Tone::Bad, "failed"),
    };
    view! { <Status tone word/> }.into_any()
}

fn restore(object: &object::Model, class: &str, asked: &Asked) -> impl IntoView + use<> {
    let choice = |tier: RestoreTier| {
        let takes = expected(class, tier)? / 60_000;
        let takes = if takes < 60 { format!("within {takes} minutes") } else { format!("within {} hours", takes / 60) };
        let label = match tier {
            RestoreTier::Expedited => "Expedited, the dearest",
            RestoreTier::Standard => "Standard",
            RestoreTier::Bulk => "Bulk, the cheapest",
        };
        Some(Choice::new(tier.as_str(), label).hint(takes))
    };
    let options: Vec<Choice> = RestoreTier::ALL.into_iter().filter_map(choice).collect();
    let or = |text: &str, other: &str| if text.is_empty() { other.to_owned() } else { text.to_owned() };
    let tier = asked.errors.field("tier", or(&asked.tier, "standard"));
    let days = asked.errors.field("days", or(&asked.days, "7"));
    let hint = format!("1 to {}; then it goes back by itself.", longest_days());
    view! {
        <section>
            <h2>"Have it back"</h2>
            <p>"It lies in an archive ("{class.to_owned()}"). A job asks for it and writes to you when it can be read."</p>
            <PostForm action=urls::stored_restore(object.id)>
                <div class="grid">
                    <Radios field=tier label="How soon" options=options width=Width::Half/>
                    <TextField field=days label="Readable for" kind=Input::Number unit="days" hint=hint width=Width::Third/>
                </div>
                <div class="buttons"><Button label="Restore" kind=Kind::Primary icon="refresh"/></div>
            </PostForm>
        </section>
    }
}

fn restored(restores: &[model::Model], now: i64, zone: Tz) -> AnyView {
    if restores.is_empty() {
        return ().into_any();
    }
    let moments = restores
        .iter()
        .map(|row| {
            let (tone, word) = match row.state.as_str() {
                "ready" if row.until.is_some_and(|until| until < now) => (Tone::Neutral, "over"),
                "ready" => (Tone::Ok, "ready"),
                "failed" => (Tone::Bad, "failed"),
                _ => (Tone::Progress, "being restored"),
            };
            let when = match (row.state.as_str(), row.until) {
                ("ready", Some(until)) => Some(view! { ", readable until "<Time at=until tz=zone/> }.into_any()),
                ("asked" | "restoring", _) => {
                    let late = (row.expected_at < now).then_some(" (late)");
                    Some(view! { ", expected by "<Time at=row.expected_at tz=zone/>{late} }.into_any())
                }
                _ => row.error.clone().map(|why| view! { ": "{why} }.into_any()),
            };
            let words = format!("{} asked for it back, {}, for {} days: {word}", row.asked_by_name, row.tier, row.days);
            view! { <Moment at=row.asked_at tz=zone tone>{words}{when}</Moment> }
        })
        .collect_view();
    view! { <section><h2>"Restores"</h2><Timeline>{moments}</Timeline></section> }.into_any()
}

fn versions(object: &object::Model, copy: &Copy, may_revert: bool, zone: Tz) -> AnyView {
    if copy.versions.is_empty() {
        return ().into_any();
    }
    let one = |version: &Version| {
        let state = match (version.deleted, version.current) {
            (true, true) => view! { <Status tone=Tone::Bad word="deleted"/> }.into_any(),
            (true, false) => view! { <Status tone=Tone::Neutral word="was deleted"/> }.into_any(),
            (false, true) => view! { <Status tone=Tone::Ok word="current"/> }.into_any(),
            (false, false) => view! { <Status tone=Tone::Neutral word="older"/> }.into_any(),
        };
        let back = may_revert && !version.deleted && !version.current && object.erased_at.is_none();
        let copy = copy.row.id.to_string();
        let which = [("copy", copy.as_str()), ("version", version.id.as_str())];
        let back = back.then(|| {
            let href = urls::with_query(&urls::stored_revert(object.id), &which);
            view! { <LinkButton href label="Bring back"/> }
        });
        let bytes = (!version.deleted).then(|| size(i64::try_from(version.size).unwrap_or(i64::MAX)));
        let id: String = version.id.chars().take(40).collect();
        view! {
            <tr>
                <th scope="row" class="mono">{id}</th>
                <td>{state}</td>
                <td class="num">{bytes}</td>
                <td><Time at=version.modified tz=zone style=TimeStyle::Second/></td>
                <td class="row-actions">{back}</td>
            </tr>
        }
    };
    let rows = copy.versions.iter().map(one).collect_view();
    let title = format!("Versions in {}", copy.row.bucket);
    view! {
        <section>
            <h2>{title.clone()}</h2>
            <Table
                caption=title
                columns=vec![
                    Column::text("Version"), Column::text("State"), Column::num("Bytes"), Column::text("Since"), Column::hidden("Actions"),
                ]
            >{rows}</Table>
        </section>
    }
    .into_any()
}
