//! The day as one strip: a column an hour, bills issued as ink, opened and downloaded as marks.

use crate::{
    today::{Day, Hour},
    ui::prelude::*,
};

/// Heights are pixels and widths shares of the figure, so that the strip fits a phone with its words at their size.
const HEIGHT: i64 = 96;
/// Where marks of opened and downloaded links stand, below the bars.
const OPENED: i64 = HEIGHT + 12;
const DOWNLOADED: i64 = HEIGHT + 26;
const LABELS: i64 = HEIGHT + 46;

/// Where in the figure an hour lies.
#[derive(Clone, Copy)]
struct Span {
    at: usize,
    of: usize,
}

impl Span {
    /// How far from the left the point is that lies `share` of the hour after its beginning.
    fn x(self, share: f32) -> String {
        #[expect(clippy::cast_precision_loss, reason = "a day has 25 hours at most")]
        let x = (self.at as f32 + share) / self.of as f32;
        format!("{:.2}%", x * 100.0)
    }

    fn width(self, share: f32) -> String {
        Self { at: 0, of: self.of }.x(share)
    }
}

pub(super) fn strip(day: Day) -> impl IntoView {
    let (issued, opened, downloaded) = day.totals();
    let words = format!("{issued} issued, {opened} links opened, {downloaded} downloaded");
    let of = day.hours.len().max(1);
    let most = day.hours.iter().map(|hour| hour.issued).max().unwrap_or(0).max(1);
    let now = Span { at: day.now, of };
    let hours = day.hours.iter().enumerate().map(|(at, hour)| column(Span { at, of }, *hour, most)).collect_view();
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
        <figure class="strip">
            <svg role="img" aria-labelledby="strip-words" width="100%" height=LABELS + 6>
                <title id="strip-words">{format!("The day by hours: {words}")}</title>
                <rect class="strip-now" x=now.x(0.0) y="0" width=now.width(1.0) height=HEIGHT></rect>
                <line class="strip-base" x1="0" x2="100%" y1=HEIGHT y2=HEIGHT></line>
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

fn column(span: Span, hour: Hour, most: i64) -> impl IntoView {
    // Even one bill is seen.
    let height = (hour.issued * (HEIGHT - 16) / most).max(if hour.issued > 0 { 4 } else { 0 });
    let middle = span.x(0.5);
    view! {
        <g>
            {(hour.issued > 0).then(|| view! {
                <rect class="strip-bar" x=span.x(0.15) y=HEIGHT - height width=span.width(0.7) height=height></rect>
                <text class="strip-count" x=middle.clone() y=HEIGHT - height - 4 text-anchor="middle">{hour.issued}</text>
            })}
            {(hour.opened > 0).then(|| view! { <circle class="strip-opened" cx=middle.clone() cy=OPENED r="4"></circle> })}
            {(hour.downloaded > 0).then(|| view! { <circle class="strip-downloaded" cx=middle.clone() cy=DOWNLOADED r="4"></circle> })}
            {(hour.clock.is_multiple_of(3)).then(|| view! {
                <text class=if hour.clock.is_multiple_of(6) { "strip-hour" } else { "strip-hour between" } x=middle y=LABELS text-anchor="middle">{clock(hour.clock)}</text>
            })}
        </g>
    }
}

fn clock(hour: u32) -> String {
    format!("{hour:02}:00")
}
