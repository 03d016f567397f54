//! Changing the yard's settings.

use chrono_tz::Tz;
use serde_json::{Map, Value, json};

use super::Yard;
use crate::{
    App, AppError, FormErrors, Result,
    audit::{Action, Actor, Subject},
    bols::rules::SHORT,
    cameras,
    customers::country_code,
    form::FormData,
};

/// The settings as typed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct YardForm {
    pub name: String,
    pub address: String,
    pub city: String,
    pub region: String,
    pub postcode: String,
    pub country: String,
    pub location_id: String,
    pub phone: String,
    pub zone: String,
    pub number_prefix: String,
    pub gs1_prefix: String,
    pub link_hours: String,
    pub api_url_hours: String,
    /// Empty where the box is not ticked.
    pub second_factor: String,
}

/// A customer's link lives 30 days at most.
const MAX_LINK_HOURS: u32 = 30 * 24;
/// A presigned URL dies after seven days whatever is asked for.
const MAX_URL_HOURS: u32 = 7 * 24;

impl YardForm {
    #[must_use]
    pub fn new(data: &FormData) -> Self {
        let get = |name| data.get(name).to_owned();
        Self {
            name: get("name"),
            address: get("address"),
            city: get("city"),
            region: get("region"),
            postcode: get("postcode"),
            country: get("country"),
            location_id: get("location_id"),
            phone: get("phone"),
            zone: get("zone"),
            number_prefix: get("number_prefix"),
            gs1_prefix: get("gs1_prefix"),
            link_hours: get("link_hours"),
            api_url_hours: get("api_url_hours"),
            second_factor: get("second_factor"),
        }
    }

    #[must_use]
    pub fn of(yard: &Yard) -> Self {
        Self {
            name: yard.name.clone(),
            address: yard.address.clone(),
            city: yard.city.clone(),
            region: yard.region.clone(),
            postcode: yard.postcode.clone(),
            country: yard.country.clone(),
            location_id: yard.location_id.clone(),
            phone: yard.phone.clone(),
            zone: yard.zone.name().into(),
            number_prefix: yard.number_prefix.clone(),
            gs1_prefix: yard.gs1_prefix.clone(),
            link_hours: yard.link_hours.to_string(),
            api_url_hours: yard.api_url_hours.to_string(),
            second_factor: if yard.second_factor { "on".into() } else { String::new() },
        }
    }

    /// What was typed, as settings.
    ///
    /// # Errors
    /// A sentence per field that needs mending.
    pub fn validate(&self) -> Result<Yard, FormErrors> {
        let mut errors = FormErrors::default();
        if self.name.is_empty() {
            errors.add("name", "Give the yard's name: it stands on every bill and in every email");
        }
        for (field, label, text, limit) in [
            // What stands on every new bill has to fit there.
            ("name", "name", &self.name, SHORT),
            ("address", "street", &self.address, SHORT),
            ("city", "city", &self.city, 80),
            ("region", "state or province", &self.region, 40),
            ("postcode", "postcode", &self.postcode, 20),
            ("location_id", "location number", &self.location_id, 40),
            ("phone", "phone number", &self.phone, 40),
        ] {
            if text.chars().count() > limit {
                errors.add(field, format!("The {label} is too long: {limit} characters at most"));
            }
        }
        let zone = self.zone.parse::<Tz>().unwrap_or_else(|_| {
            errors.add("zone", "Choose a time zone by its name, such as America/Chicago");
            Tz::UTC
        });
        let country = match self.country.as_str() {
            "" => "",
            typed => country_code(typed).unwrap_or_else(|| {
                errors.add("country", "Give the country by its two letters, such as US, CA or MX");
                ""
            }),
        };
        let prefix = &self.number_prefix;
        if !(1..=8).contains(&prefix.len())
            || !prefix.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit())
        {
            errors.add("number_prefix", "Use 1 to 8 capitals or figures, such as PRT");
        }
        let gs1 = &self.gs1_prefix;
        if !gs1.is_empty() && (!(7..=10).contains(&gs1.len()) || !gs1.bytes().all(|byte| byte.is_ascii_digit())) {
            errors.add("gs1_prefix", "Give the 7 to 10 figures of the GS1 company prefix, or nothing");
        }
        let link_hours = hours(&mut errors, "link_hours", &self.link_hours, MAX_LINK_HOURS);
        let api_url_hours = hours(&mut errors, "api_url_hours", &self.api_url_hours, MAX_URL_HOURS);
        if !errors.is_empty() {
            return Err(errors);
        }
        Ok(Yard {
            name: self.name.clone(),
            address: self.address.clone(),
            city: self.city.clone(),
            region: self.region.clone(),
            postcode: self.postcode.clone(),
            country: country.into(),
            location_id: self.location_id.clone(),
            phone: self.phone.clone(),
            zone,
            number_prefix: prefix.clone(),
            gs1_prefix: gs1.clone(),
            link_hours,
            api_url_hours,
            second_factor: !self.second_factor.is_empty(),
        })
    }
}

fn hours(errors: &mut FormErrors, field: &str, text: &str, most: u32) -> u32 {
    match text.parse() {
        Ok(hours) if (1..=most).contains(&hours) => hours,
        _ => {
            errors.add(field, format!("Give whole hours from 1 to {most} ({} days)", most / 24));
            1
        }
    }
}

/// Stores what was typed, with the values before and after on record; storing what is in force already changes nothing.
///
/// # Errors
/// `Invalid` field by field, or when the database does not answer.
pub async fn edit(app: &App, actor: &Actor, form: &YardForm) -> Result<Yard> {
    let after = form.validate().map_err(AppError::Invalid)?;
    let mut tx = app.begin().await?;
    let before = Yard::load(&tx).await?;
    if before != after {
        after.store(&tx).await?;
        if before.zone != after.zone {
            cameras::other_clock(&tx).await?;
        }
        tx.audit(actor, Action::SettingsChanged, Subject::Yard, changes(&before, &after)?);
        tx.commit().await?;
    }
    Ok(after)
}

/// Stores `first` where nothing was ever stored: what the installation was given to begin with. Safe when many processes start at once.
///
/// # Errors
/// When the database does not answer.
pub async fn begin(app: &App, first: &Yard) -> Result<()> {
    if *first == Yard::default() || Yard::is_stored(app.db()).await? {
        return Ok(());
    }
    let mut tx = app.begin().await?;
    if !Yard::is_stored(&tx).await? {
        first.store(&tx).await?;
        tx.audit(&Actor::system(), Action::SettingsChanged, Subject::Yard, changes(&Yard::default(), first)?);
        tx.commit().await?;
    }
    Ok(())
}

/// The fields that differ, as they were and as they are.
fn changes(before: &Yard, after: &Yard) -> Result<Value> {
    let (Value::Object(before), Value::Object(after)) = (serde_json::to_value(before)?, serde_json::to_value(after)?)
    else {
        return Ok(Value::Null);
    };
    let differ = |one: &Map<String, Value>, other: &Map<String, Value>| -> Map<String, Value> {
        one.iter()
            .filter(|(name, value)| other.get(*name) != Some(value))
            .map(|(name, value)| (name.clone(), value.clone()))
            .collect()
    };
    Ok(json!({ "before": differ(&before, &after), "after": differ(&after, &before) }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_defaults_are_valid_and_come_back_as_they_went() {
        let yard = Yard::default();
        assert_eq!(YardForm::of(&yard).validate(), Ok(yard));
    }

    #[test]
    fn the_place_is_said_once_and_as_an_envelope_has_it() {
        let form = YardForm {
            address: "6500 Port Road".into(),
            city: "Portage".into(),
            region: "IN".into(),
            postcode: "46368".into(),
            country: "usa".into(),
            ..YardForm::of(&Yard::default())
        };
        let mut yard = form.validate().unwrap();
        assert_eq!((yard.country.as_str(), yard.place().as_str()), ("US", "6500 Port Road\nPortage, IN 46368"));
        yard.country = "CA".into();
        assert_eq!(yard.place(), "6500 Port Road\nPortage, IN 46368\nCA");
        assert_eq!(Yard::default().place(), "");
    }

    #[test]
    fn every_bad_field_is_told_at_once() {
        let form = YardForm {
            country: "Atlantis".into(),
            zone: "Chicago".into(),
            number_prefix: "prt-".into(),
            gs1_prefix: "12".into(),
            link_hours: "0".into(),
            api_url_hours: "many".into(),
            ..YardForm::default()
        };
        let errors = form.validate().unwrap_err();
        let fields: Vec<_> = errors.iter().map(|(field, _)| field).collect();
        assert_eq!(fields, ["name", "zone", "country", "number_prefix", "gs1_prefix", "link_hours", "api_url_hours"]);
    }
}
