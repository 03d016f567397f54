//! Sending several bills: what would happen.

use crate::{links::send_many::Line, ui::prelude::*, urls};

/// `key` is this form's alone: sent twice, it sends once.
pub fn page(lines: Vec<Line>, key: String) -> impl IntoView {
    let good: Vec<_> = lines.iter().filter(|line| line.outcome.is_ok()).map(|line| line.bol.to_string()).collect();
    let (sent, left) = (good.len(), lines.len() - good.len());
    let bills = |n: usize| if n == 1 { "1 bill".to_owned() } else { format!("{n} bills") };
    let title = format!("Send {}?", bills(sent));
    let columns =
        vec![Column::text("Bill"), Column::text("Customer"), Column::text("State"), Column::text("To, or why not")];
    let rows = lines.into_iter().map(|line| {
        let (tone, word, what) = match line.outcome {
            Ok(to) => (Tone::Ok, "Ready", to.join(", ")),
            Err(why) => (Tone::Warn, "Left out", why),
        };
        view! {
            <tr>
                <td><a class="mono" href=urls::bol(line.bol)>{line.name}</a></td>
                <td>{line.customer}</td>
                <td><Status tone word/></td>
                <td>{what}</td>
            </tr>
        }
    });
    let rows = rows.collect_view();
    let ask = (sent > 0).then(|| {
        let ids = good.into_iter().map(|id| view! { <Hidden name="id" value=id/> }).collect_view();
        view! {
            <PostForm action=urls::BOLS_SEND_MANY>
                {ids}
                <Hidden name="confirm" value="yes"/>
                <Hidden name="key" value=key/>
                <div class="buttons">
                    <Button label=format!("Send {}", bills(sent)) kind=Kind::Primary icon="send"/>
                    <a href=urls::BOLS>"Cancel"</a>
                </div>
            </PostForm>
        }
    });
    view! {
        <PageHead title/>
        {(left > 0).then(|| view! { <Notice tone=Tone::Warn><p>{format!("{} left out; the table says why.", bills(left))}</p></Notice> })}
        {(sent > 0).then(|| view! { <p>"Each goes to the contacts of its customer who receive bills of lading, as a link of its own."</p> })}
        {ask}
        <Table caption="Bills to send" columns>{rows}</Table>
        <p><a href=urls::BOLS>"Back to the list"</a></p>
    }
}
