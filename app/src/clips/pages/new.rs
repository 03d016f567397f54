//! `/clips/new`: of which cameras, from when to when, why.

use chrono_tz::Tz;

use crate::{FormErrors, clips::ClipForm, recordings::pages::FilmFields, ui::prelude::*, urls};

/// What the form shows.
#[derive(Clone, Debug)]
pub struct NewClip {
    pub form: ClipForm,
    pub errors: FormErrors,
    /// Slug and name of those that may be chosen.
    pub cameras: Vec<(String, String)>,
    /// Of this form alone: sent twice, it makes one clip.
    pub key: String,
    pub zone: Tz,
    pub now: i64,
}

impl NewClip {
    #[must_use]
    pub fn page() -> Page {
        Page::new("New clip", Area::Cameras).crumb("Clips", urls::CLIPS)
    }

    pub fn body(self) -> impl IntoView {
        let Self { form, errors, cameras, key, zone, now } = self;
        if cameras.is_empty() {
            return view! {
                <PageHead title="New clip"/>
                <EmptyList title="No camera is open to you" icon="camera"><p>"An admin can let you see one; then you can make clips of it."</p></EmptyList>
            }
            .into_any();
        }
        let title = errors.field("title", form.title);
        let reason = errors.field("reason", form.reason);
        let bol = errors.field("bol", form.bol);
        let cameras: Vec<_> = cameras.into_iter().map(|(slug, name)| Choice::new(slug, name)).collect();
        view! {
            <ErrorSummary errors=errors.clone()/>
            <PageHead title="New clip" sub="The exact frames of that time, cut without changing any of them, signed and kept as evidence."/>
            <PostForm action=urls::CLIP_NEW guarded=true>
                <Hidden name="key" value=key/>
                <Section title="Which footage">
                    <FilmFields cameras ticked=form.cameras from=form.from until=form.until latest="Twelve hours later at most" exact=true errors now zone/>
                </Section>
                <Section title="What for">
                    <TextField field=title label="Title" width=Width::Full maxlength=120 hint="What it shows. People outside read it when you send the clip"/>
                    <TextArea field=reason label="Reason" rows=3 maxlength=500 hint="Why it is made. It stands in the signed proof that goes with every file"/>
                    <TextField field=bol label="Bill of lading" optional=true hint="Its number, such as PRT-2026-0042: then it can be sent with the bill" autocomplete="off" maxlength=40/>
                </Section>
                <div class="buttons"><Button label="Make the clip" kind=Kind::Primary/><a href=urls::CLIPS>"Cancel"</a></div>
            </PostForm>
        }
        .into_any()
    }
}
