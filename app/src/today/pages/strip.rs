//! The day as one strip: a column an hour, bills issued as ink, opened and downloaded as marks.

use crate::{
    today::{Day, Hour},
    ui::prelude::*,
};

/// One hour's width and the height of the bars, in the drawing's units.
const WIDTH: i64 = 40;
const HEIGHT: i64 = 96;
/// Where marks of opened and downloaded links stand, below the bars.
const OPENED: i64 = HEIGHT + 12;
const DOWNLOADED: i64 = HEIGHT + 26;
const LABELS: i64 = HEIGHT + 46;

pub(super) fn strip(day: Day) -> impl IntoView {
    let (issued, opened, downloaded) = day.totals();
    let words = format!("{issued} issued, {opened} links opened, {downloaded} downloaded");
    let columns = i64::try_from(day.hours.len()).unwrap_or(24);
    let most = day.hours.iter().map(|hour| hour.issued).max().unwrap_or(0).max(1);
    let now_x = i64::try_from(day.now).unwrap_or(0) * WIDTH;
    let hours = day.hours.iter().enumerate().map(|(at, hour)| column(at, *hour, most)).collect_view();
    let rows = day
        .hours
        .iter()
        .filter(|hour| hour.issued + hour.opened + hour.downloaded > 0)
        .map(|hour| {
            view! {
                <tr>
                    <th scope="row">{clock(hour.clock)}</th>
                    <td class="num">{hour.issued}</td>
                    <td class="num">{hour.opened}</td>
                    <td class="num">{hour.downloaded}</td>
                </tr>
            }
        })
        .collect_view();
    view! {
        <figure class="strip" tabindex="0">
            <svg viewBox=format!("0 0 {} {}", columns * WIDTH, LABELS + 6) role="img" aria-labelledby="strip-words" width="100%">
                <title id="strip-words">{format!("The day by hours: {words}")}</title>
                <rect class="strip-now" x=now_x y="0" width=WIDTH height=HEIGHT></rect>
                <line class="strip-base" x1="0" x2=columns * WIDTH y1=HEIGHT y2=HEIGHT></line>
                {hours}
            </svg>
            <figcaption>
                <span class="key strip-bar">"BOLs issued "<b>{issued}</b></span>
                <span class="key strip-opened">"Links opened "<b>{opened}</b></span>
                <span class="key strip-downloaded">"Downloaded "<b>{downloaded}</b></span>
            </figcaption>
        </figure>
        {(issued + opened + downloaded > 0).then(|| view! {
            <details>
                <summary>"The same as a table"</summary>
                <Table
                    caption="The day by hours"
                    columns=vec![Column::text("Hour"), Column::num("Issued"), Column::num("Opened"), Column::num("Downloaded")]
                >{rows}</Table>
            </details>
        })}
    }
}

fn column(at: usize, hour: Hour, most: i64) -> impl IntoView {
    let x = i64::try_from(at).unwrap_or(0) * WIDTH;
    // Even one bill is seen.
    let height = (hour.issued * (HEIGHT - 16) / most).max(if hour.issued > 0 { 4 } else { 0 });
    let middle = x + WIDTH / 2;
    view! {
        <g>
            {(hour.issued > 0).then(|| view! {
                <rect class="strip-bar" x=x + 6 y=HEIGHT - height width=WIDTH - 12 height=height></rect>
                <text class="strip-count" x=middle y=HEIGHT - height - 4 text-anchor="middle">{hour.issued}</text>
            })}
            {(hour.opened > 0).then(|| view! { <circle class="strip-opened" cx=middle cy=OPENED r="4"></circle> })}
            {(hour.downloaded > 0).then(|| view! { <circle class="strip-downloaded" cx=middle cy=DOWNLOADED r="4"></circle> })}
            {(hour.clock.is_multiple_of(3)).then(|| view! {
                <text class="strip-hour" x=middle y=LABELS text-anchor="middle">{clock(hour.clock)}</text>
            })}
        </g>
    }
}

fn clock(hour: u32) -> String {
    format!("{hour:02}:00")
}
