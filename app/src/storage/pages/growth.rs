//! What was stored day by day, as a drawing.

use chrono::{DateTime, Utc};

use crate::{
    storage::{DAY, Stock, count, size},
    ui::prelude::*,
};

/// Heights are pixels and widths shares of the figure, so that it fits a phone with its words at their size.
const HEIGHT: i64 = 140;
const LABELS: i64 = HEIGHT + 18;

fn date(day: i64, pattern: &'static str) -> String {
    DateTime::<Utc>::from_timestamp_millis(day * DAY).map(|at| at.format(pattern).to_string()).unwrap_or_default()
}

/// One bar a day over `days`, the last of them `today`.
pub(super) fn growth(stocks: Vec<Stock>, today: i64, days: i64) -> impl IntoView {
    let most = stocks.iter().map(|stock| stock.bytes).max().unwrap_or(0).max(1);
    let first = today - days + 1;
    #[expect(clippy::cast_precision_loss, reason = "a few hundred days")]
    let at = |day: i64, share: f64| format!("{:.3}%", ((day - first) as f64 + share) / days as f64 * 100.0);
    let width = at(first, 0.8);
    let bars = stocks
        .iter()
        .map(|stock| {
            // Even one byte is seen.
            let height =
                i64::try_from(i128::from(stock.bytes) * i128::from(HEIGHT - 20) / i128::from(most)).unwrap_or(0);
            let height = height.max(i64::from(stock.bytes > 0) * 2);
            view! { <rect x=at(stock.day, 0.1) y=HEIGHT - height width=width.clone() height=height></rect> }
        })
        .collect_view();
    let (now, before) = (stocks.last().copied(), stocks.iter().rev().find(|stock| stock.day <= today - 7).copied());
    let week = now.zip(before).filter(|(_, before)| before.objects > 0).map(|(now, before)| {
        let percent = (now.objects - before.objects) * 100 / before.objects;
        let tone = if percent > 20 { Tone::Warn } else { Tone::Neutral };
        view! { <p><Status tone word=format!("{percent:+} % objects in a week")/></p> }
    });
    let words = match stocks.first().zip(now) {
        Some((first, now)) => {
            format!("From {} on {} to {}", size(first.bytes), date(first.day, "%-d %b %Y"), size(now.bytes))
        }
        None => "Nothing was counted yet".to_owned(),
    };
    let rows = stocks
        .iter()
        .rev()
        .step_by(7)
        .map(|stock| {
            view! {
                <tr>
                    <th scope="row">{date(stock.day, "%-d %b %Y")}</th>
                    <td class="num">{count(stock.objects)}</td>
                    <td class="num">{size(stock.bytes)}</td>
                </tr>
            }
        })
        .collect_view();
    view! {
        <figure class="growth">
            <svg role="img" aria-labelledby="growth-words" width="100%" height=LABELS + 4>
                <title id="growth-words">{words.clone()}</title>
                <line class="grid-line" x1="0" x2="100%" y1="20" y2="20"></line>
                <text x="0" y="14">{size(most)}</text>
                {bars}
                <line x1="0" x2="100%" y1=HEIGHT y2=HEIGHT></line>
                <text x="0" y=LABELS>{date(first, "%-d %b")}</text>
                <text x="50%" y=LABELS text-anchor="middle">{date(first + days / 2, "%-d %b")}</text>
                <text x="100%" y=LABELS text-anchor="end">"today"</text>
            </svg>
        </figure>
        {week}
        <details>
            <summary>"The same as a table, by weeks"</summary>
            <Table caption="Stored by weeks" columns=vec![Column::text("Day"), Column::num("Copies"), Column::num("Bytes")]>{rows}</Table>
        </details>
    }
}
