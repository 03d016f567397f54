//! `/recordings/restores/new`: archived film is asked back.

use chrono_tz::Tz;

use super::{browse::Pick, fields::FilmFields};
use crate::{FormErrors, archive::longest_days, recordings::BackForm, ui::prelude::*, urls};

/// Asking film back.
#[derive(Clone, Debug)]
pub struct NewBack {
    pub form: BackForm,
    pub errors: FormErrors,
    pub picks: Vec<Pick>,
    /// Of this form alone: sent twice, it asks once.
    pub key: String,
    pub zone: Tz,
    pub now: i64,
}

impl NewBack {
    #[must_use]
    pub fn page() -> Page {
        Page::new("Ask film back", Area::Cameras).crumb("Recordings", urls::RECORDINGS)
    }

    pub fn body(self) -> impl IntoView {
        let Self { form, errors, picks, key, zone, now } = self;
        if picks.is_empty() {
            return view! {
                <PageHead title="Ask film back"/>
                <EmptyList title="No camera is open to you" icon="camera"><p>"An admin can let you see one; then you can ask for its film."</p></EmptyList>
            }
            .into_any();
        }
        let tier = errors.field("tier", form.tier);
        let days = errors.field("days", form.days);
        let cameras: Vec<_> = picks.into_iter().map(|pick| Choice::new(pick.slug, pick.name)).collect();
        let tiers = vec![
            Choice::new("standard", "Within hours: 5, from a deep archive 12"),
            Choice::new("bulk", "Within a day, from a deep archive two: the cheapest"),
            Choice::new("expedited", "Within minutes: the dearest, and nothing from a deep archive"),
        ];
        view! {
            <ErrorSummary errors=errors.clone()/>
            <PageHead title="Ask film back" sub="Whatever of this time lies in an archive is asked for, file by file. The recordings’ page says how far it is."/>
            <PostForm action=urls::FILM_BACK_NEW guarded=true>
                <Hidden name="key" value=key/>
                <FilmFields cameras ticked=form.cameras from=form.from until=form.until latest="31 days later at most" errors now zone/>
                <Select field=tier label="How soon" options=tiers/>
                <TextField field=days label="Days that it stays readable" width=Width::Half kind=Input::Number hint=format!("1 to {}; the archive takes it back afterwards", longest_days())/>
                <div class="buttons"><Button label="Ask for it" kind=Kind::Primary/><a href=urls::RECORDINGS>"Cancel"</a></div>
            </PostForm>
        }
        .into_any()
    }
}
