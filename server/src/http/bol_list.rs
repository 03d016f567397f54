//! `/bols`: the list, its export, sending several; and one bill as eBOL.

use axum::{Json, body::Body, http::header, response::IntoResponse};
use chrono::{DateTime, Datelike, Days, NaiveDate};
use gatehouse_app::{
    AppError, FormErrors,
    audit::{Action, Subject},
    bols::{
        ebol::ebol,
        export::{self, MOST_CHOSEN, Which},
        find,
        list::{Filter, PAGE, list},
        pages::list::{Asked, ListPage},
    },
    customers::model::customer,
    ids::BolId,
    links::{pages::send_many as send_page, send_many},
    paging::Place,
    ui::frame::{Area, Flash, Page},
    urls,
    users::Permission::{ReadPaper, WritePaper},
};
use sea_orm::EntityTrait;
use serde::Deserialize;
use serde_json::json;

use super::{
    context::Ctx,
    forms::Form,
    path::{Path, Query},
    respond::{OrPage, PageError, PageResult},
    route::{Access, Route},
};

pub(super) fn routes() -> Vec<Route> {
    let read = Access::Needs(ReadPaper);
    vec![
        Route::get("/bols", read, index),
        Route::get("/bols/export.csv", read, export_listed),
        Route::post("/bols/export.csv", read, export_chosen),
        Route::post("/bols/send-many", Access::Needs(WritePaper), send_several),
        Route::get("/bols/{id}/ebol.json", read, as_ebol),
    ]
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct ListQuery {
    q: String,
    state: String,
    customer: String,
    from: String,
    to: String,
    opened: String,
    pdf: String,
    ready: String,
    after: Option<String>,
    before: Option<String>,
}

impl ListQuery {
    fn asked(&self) -> Asked {
        Asked {
            q: self.q.trim().into(),
            state: self.state.clone(),
            customer: self.customer.parse().ok(),
            from: self.from.clone(),
            to: self.to.clone(),
            opened: self.opened.clone(),
            pdf: self.pdf.clone(),
            ready: self.ready.clone(),
        }
    }
}

/// What the URL asks for; a date that is none is said, not guessed.
fn filter(ctx: &Ctx, asked: &Asked) -> (Filter, FormErrors) {
    let mut errors = FormErrors::new();
    let mut day = |field: &str, typed: &str, add: u64| {
        if typed.is_empty() {
            return None;
        }
        let start = typed
            .parse::<NaiveDate>()
            .ok()
            .and_then(|day| day.checked_add_days(Days::new(add)))
            .and_then(|day| ctx.start_of(day));
        if start.is_none() {
            errors.add(field, "Give the date as year-month-day, such as 2026-11-20");
        }
        start
    };
    let filter = Filter {
        query: asked.q.clone(),
        state: asked.state.parse().ok(),
        customer: asked.customer,
        since: day("from", &asked.from, 0),
        until: day("to", &asked.to, 1),
        opened: yes_or_no(&asked.opened),
        pdf_failed: asked.pdf == "failed",
        ready: yes_or_no(&asked.ready),
    };
    (filter, errors)
}

fn yes_or_no(text: &str) -> Option<bool> {
    match text {
        "yes" => Some(true),
        "no" => Some(false),
        _ => None,
    }
}

impl Ctx {
    /// The instant that `day` begins in the yard's zone.
    fn start_of(&self, day: NaiveDate) -> Option<i64> {
        // Where the clocks jump at midnight the day begins an hour later.
        let mut hours = (0..3).filter_map(|hour| day.and_hms_opt(hour, 0, 0));
        hours.find_map(|at| at.and_local_timezone(self.yard.zone).earliest()).map(|at| at.timestamp_millis())
    }

    fn periods(&self) -> Vec<(&'static str, String, String)> {
        let Some(now) = DateTime::from_timestamp_millis(self.app.now()) else { return Vec::new() };
        let today = now.with_timezone(&self.yard.zone).date_naive();
        let back = |days| today.checked_sub_days(Days::new(days)).unwrap_or(today);
        let period = |label, from: NaiveDate| (label, from.to_string(), today.to_string());
        let new_year = NaiveDate::from_ymd_opt(today.year(), 1, 1).unwrap_or(today);
        vec![
            period("Today", today),
            period("7 days", back(6)),
            period("30 days", back(29)),
            period("This year", new_year),
        ]
    }
}

async fn index(ctx: Ctx, Query(query): Query<ListQuery>) -> PageResult {
    let asked = query.asked();
    // Who types a whole number wants that bill, not a list of one.
    if asked == (Asked { q: asked.q.clone(), ..Asked::default() })
        && !asked.q.is_empty()
        && let Some(bol) = find::numbered(ctx.app.db(), &asked.q).await.or_page(&ctx)?
    {
        return Ok(ctx.see_other(&urls::bol(bol.id), None).await);
    }
    let (filter, errors) = filter(&ctx, &asked);
    let place = Place::of(query.after.as_deref(), query.before.as_deref());
    let listing = list(&ctx.app, &filter, &place, PAGE).await.or_page(&ctx)?;
    let customer = match asked.customer {
        Some(id) => {
            customer::Entity::find_by_id(id).one(ctx.app.db()).await.or_page(&ctx)?.map(|customer| customer.name)
        }
        None => None,
    };
    let page = Page::new("Bills of lading", Area::Paper).at(urls::BOLS).wide().query(asked.q.clone());
    let refused = !errors.is_empty();
    let body = ListPage {
        listing,
        asked,
        errors,
        customer,
        periods: ctx.periods(),
        zone: ctx.yard.zone,
        now: ctx.app.now(),
        may_write: ctx.may(WritePaper),
    };
    Ok(if refused { ctx.refused(&page, || body.body()) } else { ctx.page(&page, || body.body()) })
}

async fn export_listed(ctx: Ctx, Query(query): Query<ListQuery>) -> PageResult {
    let (filter, errors) = filter(&ctx, &query.asked());
    errors.into_result().or_page(&ctx)?;
    export_csv(ctx, Which::Listed(filter)).await
}

async fn export_chosen(ctx: Ctx, Form(form): Form) -> PageResult {
    let ids: Vec<BolId> = form.all("id").filter_map(|id| id.parse().ok()).collect();
    if ids.is_empty() || ids.len() > MOST_CHOSEN {
        let why = format!("Tick the bills to export, at most {MOST_CHOSEN}; or export all that the list shows.");
        return Err(PageError::new(&ctx, AppError::Conflict(why)));
    }
    export_csv(ctx, Which::Chosen(ids)).await
}

async fn export_csv(ctx: Ctx, which: Which) -> PageResult {
    let lines = export::export(&ctx.app, &ctx.actor, which, ctx.yard.zone).await.or_page(&ctx)?;
    let headers = [
        (header::CONTENT_TYPE, "text/csv; charset=utf-8"),
        (header::CONTENT_DISPOSITION, "attachment; filename=\"bills-of-lading.csv\""),
        (header::CACHE_CONTROL, "no-store"),
    ];
    Ok((headers, Body::from_stream(lines)).into_response())
}

async fn send_several(ctx: Ctx, Form(form): Form) -> PageResult {
    let ids: Vec<BolId> = form.all("id").filter_map(|id| id.parse().ok()).collect();
    if ids.is_empty() || ids.len() > send_many::MOST {
        let why = format!("Nothing was sent. Tick the bills to send on the list, at most {}.", send_many::MOST);
        return Err(PageError::new(&ctx, AppError::Conflict(why)));
    }
    if form.get("confirm") == "yes" {
        let lines = send_many::send_many(&ctx.app, &ctx.actor, &ids, form.get("key")).await.or_page(&ctx)?;
        return Ok(ctx.see_other(urls::OUTBOX, Some(sent(&lines))).await);
    }
    let lines = send_many::preview(&ctx.app, &ids).await.or_page(&ctx)?;
    let key = ctx.app.id::<BolId>().to_string();
    let page = Page::new("Send bills of lading", Area::Paper).crumb("Bills of lading", urls::BOLS);
    Ok(ctx.page(&page, || send_page::page(lines, key)))
}

/// What became of the bills, in a sentence; of those left out, the first few by name.
fn sent(lines: &[send_many::Line]) -> Flash {
    let left: Vec<_> = lines.iter().filter_map(|line| Some((&line.name, line.outcome.as_ref().err()?))).collect();
    let done = match lines.len() - left.len() {
        1 => "1 bill is on its way.".to_owned(),
        n => format!("{n} bills are on their way."),
    };
    if left.is_empty() {
        return Flash::ok(done);
    }
    let named: Vec<_> = left.iter().take(5).map(|(name, why)| format!("{name} ({why})")).collect();
    let more = left.len() - named.len();
    let more = if more > 0 { format!(" and {more} more") } else { String::new() };
    Flash::warn(format!("{done} Left out: {}{more}", named.join(", ")))
}

async fn as_ebol(ctx: Ctx, Path(id): Path<BolId>) -> PageResult {
    let bill = find::current(ctx.app.db(), id).await.or_page(&ctx)?;
    ctx.app
        .record_read(&ctx.actor, Action::BolExported, Subject::Bol(id), json!({ "as": "ebol" }))
        .await
        .or_page(&ctx)?;
    let name = bill.bol.number.clone().unwrap_or_else(|| "draft".into());
    let headers = [(header::CONTENT_DISPOSITION, format!("attachment; filename=\"{name}.ebol.json\""))];
    let document = ebol(&bill.bol, bill.revision.revision, &bill.content, ctx.yard.zone);
    Ok((headers, Json(document)).into_response())
}
