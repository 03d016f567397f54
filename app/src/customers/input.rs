//! What is known of a customer, as a form, a program or a CSV file says it; and as it is kept.

use std::collections::HashSet;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{check, country::country_code};
use crate::{
    error::FormErrors,
    form::FormData,
    ids::{ContactId, SiteId},
    words::fold,
};

/// The most sites, and the most contacts, of one customer.
pub const MOST_ROWS: usize = 200;

/// A customer as typed; [`CustomerInput::checked`] gives it as it is kept.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct CustomerInput {
    #[schema(example = "Gary Steel Works")]
    pub name: String,
    /// The yard's own short code for it; may be empty.
    #[schema(example = "GSW")]
    pub code: String,
    pub notes: String,
    #[schema(max_items = 200)]
    pub sites: Vec<SiteInput>,
    #[schema(max_items = 200)]
    pub contacts: Vec<ContactInput>,
}

/// A place of a customer that goods go to or come from.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct SiteInput {
    /// Given back to keep the site's id; a new site has none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<SiteId>,
    #[schema(example = "Dock 4")]
    pub name: String,
    #[schema(example = "1 North Broadway")]
    pub address: String,
    #[schema(example = "Gary")]
    pub city: String,
    /// State or province.
    #[schema(example = "IN")]
    pub region: String,
    #[schema(example = "46402")]
    pub postcode: String,
    /// ISO 3166-1 alpha-2; alpha-3 and English names are understood.
    #[schema(example = "US")]
    pub country: String,
    /// The customer's number for this place.
    pub location_id: String,
    #[schema(example = "+1 219 555 0100")]
    pub phone: String,
}

/// Somebody at a customer.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct ContactInput {
    /// Given back to keep the contact's id; a new contact has none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<ContactId>,
    #[schema(example = "Ana Ruiz")]
    pub name: String,
    #[schema(example = "ana.ruiz@garysteel.example")]
    pub email: String,
    pub phone: String,
    /// Gets the links of bills of lading by email.
    pub receives_bols: bool,
}

impl SiteInput {
    /// Whether nothing was typed: such a row is dropped. A country alone is what the form begins with.
    fn is_blank(&self) -> bool {
        [&self.name, &self.address, &self.city, &self.region, &self.postcode, &self.location_id, &self.phone]
            .iter()
            .all(|text| text.trim().is_empty())
    }
}

impl ContactInput {
    fn is_blank(&self) -> bool {
        [&self.name, &self.email, &self.phone].iter().all(|text| text.trim().is_empty()) && !self.receives_bols
    }
}

impl CustomerInput {
    /// Reads a form whose rows are `sites.0.name`, `contacts.0.email` …
    #[must_use]
    pub fn from_form(form: &FormData) -> Self {
        let get = |name: String| form.get(&name).to_owned();
        let rows = |area: &str| (0..MOST_ROWS).take_while(|n| form.has(&format!("{area}.{n}.name"))).count();
        let sites = (0..rows("sites")).map(|n| {
            let field = |name: &str| get(format!("sites.{n}.{name}"));
            SiteInput {
                id: field("id").parse().ok(),
                name: field("name"),
                address: field("address"),
                city: field("city"),
                region: field("region"),
                postcode: field("postcode"),
                country: field("country"),
                location_id: field("location_id"),
                phone: field("phone"),
            }
        });
        let contacts = (0..rows("contacts")).map(|n| {
            let field = |name: &str| get(format!("contacts.{n}.{name}"));
            ContactInput {
                id: field("id").parse().ok(),
                name: field("name"),
                email: field("email"),
                phone: field("phone"),
                receives_bols: form.has(&format!("contacts.{n}.receives_bols")),
            }
        });
        Self {
            name: get("name".into()),
            code: get("code".into()),
            notes: get("notes".into()),
            sites: sites.collect(),
            contacts: contacts.collect(),
        }
    }

    /// The customer as it is kept: blank rows dropped, spaces and codes in order.
    ///
    /// # Errors
    /// Every field that needs mending, named as the form names it.
    pub fn checked(&self) -> Result<Self, FormErrors> {
        let mut check = Checker::default();
        let name = check.required("name", check::line(&self.name, 100), "Enter the customer's name");
        let code = check.keep("code", code(&self.code));
        let notes = check.keep("notes", check::paragraph(&self.notes, 2000));
        if self.sites.len() > MOST_ROWS || self.contacts.len() > MOST_ROWS {
            check
                .errors
                .add("", format!("A customer has at most {MOST_ROWS} sites and {MOST_ROWS} contacts; split it in two"));
        }
        let sites = self.sites.iter().take(MOST_ROWS).enumerate().filter(|(_, site)| !site.is_blank());
        let sites: Vec<_> = sites.map(|(n, site)| check.site(n, site)).collect();
        let contacts = self.contacts.iter().take(MOST_ROWS).enumerate().filter(|(_, contact)| !contact.is_blank());
        let contacts: Vec<_> = contacts.map(|(n, contact)| check.contact(n, contact)).collect();
        if check.errors.is_empty() { Ok(Self { name, code, notes, sites, contacts }) } else { Err(check.errors) }
    }
}

fn code(typed: &str) -> Result<String, String> {
    let code = check::line(typed, 20)?.to_uppercase();
    match code.chars().all(|c| c.is_alphanumeric() || "-_./".contains(c)) {
        true => Ok(code),
        false => Err("A code is letters, figures and - _ . / without spaces, such as GSW-2".into()),
    }
}

/// Collects what needs mending while the fields are taken over.
#[derive(Default)]
struct Checker {
    errors: FormErrors,
    emails: HashSet<String>,
    site_names: HashSet<String>,
}

impl Checker {
    fn keep(&mut self, field: impl Into<String>, checked: Result<String, String>) -> String {
        checked.unwrap_or_else(|message| {
            self.errors.add(field, message);
            String::new()
        })
    }

    fn required(&mut self, field: impl Into<String>, checked: Result<String, String>, missing: &str) -> String {
        self.keep(field, checked.and_then(|text| if text.is_empty() { Err(missing.into()) } else { Ok(text) }))
    }

    fn site(&mut self, n: usize, site: &SiteInput) -> SiteInput {
        let field = |name: &str| format!("sites.{n}.{name}");
        let name = self.required(field("name"), check::line(&site.name, 100), "Name the site, such as Main or Dock 4");
        if !name.is_empty() && !self.site_names.insert(fold(&name)) {
            self.errors.add(field("name"), format!("There are two sites called {name}; give each its own name"));
        }
        let country = match site.country.trim() {
            "" => Ok("US".to_owned()),
            typed => country_code(typed).map(str::to_owned).ok_or_else(|| {
                format!(
                    "“{}” is not a country; use its two letters, such as US, CA or MX",
                    typed.chars().take(40).collect::<String>()
                )
            }),
        };
        SiteInput {
            id: site.id,
            name,
            address: self.keep(field("address"), check::line(&site.address, 120)),
            city: self.required(field("city"), check::line(&site.city, 60), "Enter the city or town"),
            region: self.keep(field("region"), check::line(&site.region, 40)),
            postcode: self.keep(field("postcode"), check::line(&site.postcode, 16)),
            country: self.keep(field("country"), country),
            location_id: self.keep(field("location_id"), check::line(&site.location_id, 40)),
            phone: self.keep(field("phone"), unless_empty(&site.phone, check::phone)),
        }
    }

    fn contact(&mut self, n: usize, contact: &ContactInput) -> ContactInput {
        let field = |name: &str| format!("contacts.{n}.{name}");
        let email = self.keep(field("email"), unless_empty(&contact.email, check::email));
        if contact.receives_bols && contact.email.trim().is_empty() {
            self.errors.add(field("email"), "Enter an email address, or untick “receives bills of lading”");
        }
        if !email.is_empty() && !self.emails.insert(fold(&email)) {
            self.errors.add(field("email"), format!("{email} is there twice; remove one of the two contacts"));
        }
        let name = check::line(&contact.name, 100).map(|name| if name.is_empty() { email.clone() } else { name });
        ContactInput {
            id: contact.id,
            name: self.keep(field("name"), name),
            email,
            phone: self.keep(field("phone"), unless_empty(&contact.phone, check::phone)),
            receives_bols: contact.receives_bols,
        }
    }
}

fn unless_empty(typed: &str, check: impl Fn(&str) -> Result<String, String>) -> Result<String, String> {
    if typed.trim().is_empty() { Ok(String::new()) } else { check(typed) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn form(pairs: &[(&str, &str)]) -> FormData {
        FormData::new(pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect())
    }

    #[test]
    fn a_form_becomes_a_customer_without_its_blank_rows() {
        let typed = CustomerInput::from_form(&form(&[
            ("name", "  Gary   Steel "),
            ("code", "gsw"),
            ("sites.0.name", "Main"),
            ("sites.0.city", "Gary"),
            ("sites.0.country", "usa"),
            ("sites.1.name", ""),
            ("sites.1.country", "US"),
            ("contacts.0.name", ""),
            ("contacts.0.email", "dock@Gary.example"),
            ("contacts.0.receives_bols", "on"),
        ]));
        assert_eq!(typed.sites.len(), 2);
        let kept = typed.checked().unwrap();
        assert_eq!((kept.name.as_str(), kept.code.as_str(), kept.sites.len()), ("Gary Steel", "GSW", 1));
        assert_eq!(kept.sites[0].country, "US");
        assert_eq!(kept.contacts[0].name, "dock@gary.example");
        assert_eq!(kept.checked().unwrap(), kept, "checking twice changes nothing");
    }

    #[test]
    fn every_wrong_field_is_named_at_once() {
        let typed = CustomerInput {
            name: " ".into(),
            code: "a b".into(),
            sites: vec![
                SiteInput { name: "Main".into(), country: "Atlantis".into(), ..Default::default() },
                SiteInput { name: "MAIN".into(), city: "Gary".into(), phone: "12".into(), ..Default::default() },
            ],
            contacts: vec![
                ContactInput { receives_bols: true, ..Default::default() },
                ContactInput { email: "a@b.co".into(), ..Default::default() },
                ContactInput { email: "A@b.co".into(), ..Default::default() },
            ],
            ..Default::default()
        };
        let errors = typed.checked().unwrap_err();
        let fields: Vec<_> = errors.iter().map(|(field, _)| field).collect();
        assert_eq!(
            fields,
            [
                "name",
                "code",
                "sites.0.city",
                "sites.0.country",
                "sites.1.name",
                "sites.1.phone",
                "contacts.0.email",
                "contacts.2.email"
            ]
        );
    }
}
