//! Before an older version of an object becomes the current one.

use chrono_tz::Tz;

use crate::{archive::Copy, objects::model::object, ports::Version, storage::size, ui::prelude::*, urls};

/// One version, chosen by a person.
pub fn one(object: &object::Model, copy: &Copy, version: &Version, zone: Tz) -> impl IntoView + use<> {
    let bytes = i64::try_from(version.size).unwrap_or(i64::MAX);
    let other = (bytes != object.size).then(|| {
        let text = format!("It has {bytes} bytes, and the object on record {}: it will be refused.", object.size);
        view! { <Notice tone=Tone::Bad><p>{text}</p></Notice> }
    });
    let (bucket, id, at) = (copy.row.bucket.clone(), version.id.clone(), version.modified);
    let (place, version) = (copy.row.id.to_string(), version.id.clone());
    view! {
        <Confirm
            title=format!("Bring back an older version of {}?", object.key)
            action=urls::stored_revert(object.id)
            button="Bring this version back"
            cancel=urls::stored(object.id)
            kind=Kind::Primary
        >
            {other}
            <Facts>
                <Fact label="Bucket">{bucket}</Fact>
                <Fact label="Version" mono=true>{id}</Fact>
                <Fact label="Size">{size(bytes)}</Fact>
                <Fact label="Since"><Time at tz=zone style=TimeStyle::Second/></Fact>
            </Facts>
            <p>"It becomes the current one; what is there now stays as a version behind it. It counts again only when it has the bytes that are on record."</p>
            <Hidden name="copy" value=place/>
            <Hidden name="version" value=version/>
        </Confirm>
    }
}

/// Of each copy that is gone or wrong, the newest version that has the bytes on record.
pub fn newest(object: &object::Model) -> impl IntoView + use<> {
    view! {
        <Confirm
            title=format!("Bring {} back?", object.key)
            action=urls::stored_recover(object.id)
            button="Bring it back"
            cancel=urls::stored(object.id)
            kind=Kind::Primary
        >
            <ul class="plain-list">
                <li>"Every copy that should count is looked for; what is there with the right bytes stays as it is."</li>
                <li>"Of a copy that is gone or wrong, the newest version whose bytes are those on record becomes the current one."</li>
                <li>"Nothing is deleted. What was done is in the audit log."</li>
            </ul>
        </Confirm>
    }
}
