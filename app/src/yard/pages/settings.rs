//! The yard's settings, one form.

use chrono_tz::TZ_VARIANTS;

use crate::{FormErrors, ui::prelude::*, urls, yard::YardForm};

/// `key`: the id of the key that clips are signed with.
pub fn page(form: YardForm, errors: FormErrors, key: String) -> impl IntoView {
    let zones =
        TZ_VARIANTS.iter().map(|zone| Choice::new(zone.name(), zone.name().replace('_', " "))).collect::<Vec<_>>();
    let name = errors.field("name", form.name);
    let address = errors.field("address", form.address);
    let city = errors.field("city", form.city);
    let region = errors.field("region", form.region);
    let postcode = errors.field("postcode", form.postcode);
    let country = errors.field("country", form.country);
    let location = errors.field("location_id", form.location_id);
    let phone = errors.field("phone", form.phone);
    let zone = errors.field("zone", form.zone);
    let prefix = errors.field("number_prefix", form.number_prefix);
    let gs1 = errors.field("gs1_prefix", form.gs1_prefix);
    let link_hours = errors.field("link_hours", form.link_hours);
    let api_url_hours = errors.field("api_url_hours", form.api_url_hours);
    let second_factor = errors.field("second_factor", form.second_factor);
    view! {
        <ErrorSummary errors/>
        <PageHead title="Settings" sub="What this yard is called, how it numbers its bills and how long its links live. Every change is on record."/>
        <PostForm action=urls::SETTINGS guarded=true>
            <Section title="The yard">
                <TextField field=name label="Name" width=Width::Half hint="Stands on every bill and in every email"/>
                <TextField field=phone label="Phone" kind=Input::Tel optional=true/>
                <TextArea field=address label="Street" rows=2 optional=true/>
                <TextField field=city label="City" optional=true/>
                <TextField field=region label="State or province" optional=true/>
                <TextField field=postcode label="Postcode" width=Width::Sixth optional=true/>
                <TextField field=country label="Country" width=Width::Sixth optional=true/>
                <TextField field=location label="Location number" mono=true optional=true
                    hint="The place stands as ship-from on every new bill"/>
                <Select field=zone label="Time zone" options=zones search=true width=Width::Half
                    hint="Times on pages and on paper, and the year in BOL numbers"/>
            </Section>
            <Section title="Numbers">
                <TextField field=prefix label="Prefix of BOL numbers" mono=true maxlength=8
                    hint="PRT in PRT-2026-0001. A new prefix begins a new series at 1"/>
                <TextField field=gs1 label="GS1 company prefix" mono=true maxlength=10 optional=true
                    hint="7 to 10 figures; with it each BOL also gets its 17-digit GS1 number"/>
            </Section>
            <Section title="Links">
                <TextField field=link_hours label="A customer's link lives" kind=Input::Number unit="hours"
                    hint="Unless somebody chooses otherwise; 720 at most"/>
                <TextField field=api_url_hours label="An API download URL lives" kind=Input::Number unit="hours" hint="168 at most"/>
            </Section>
            <Section title="Signing in">
                <Checkbox field=second_factor label="Everybody needs a second factor"
                    hint="Whoever has none is led to set it up, at once, and can do nothing else until then. API tokens go on working"/>
            </Section>
            <div class="buttons"><Button label="Save settings" kind=Kind::Primary/></div>
        </PostForm>
        <section>
            <h2>"Evidence"</h2>
            <p>"Clips are signed with a key that follows from the installation’s secret. Write its id down outside of this machine: whoever gets a clip holds the clip against it, and a file cannot vouch for itself."</p>
            <Facts>
                <Fact label="Clips are signed by key" mono=true>{key}</Fact>
            </Facts>
        </section>
    }
}
