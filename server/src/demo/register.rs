//! Who the demo's yard works with. Addresses are real towns and made-up streets; mail domains are reserved for examples.

use anyhow::Result;
use gatehouse_app::{
    App,
    audit::Actor,
    customers::{self, ContactInput, CustomerInput, SiteInput, carriers::CarrierInput, releases::ReleaseInput},
    ids::CustomerId,
};

/// A customer as the bills need it.
pub(super) struct Customer {
    pub id: CustomerId,
    pub name: &'static str,
    pub site: [&'static str; 5],
    pub commodity: &'static str,
    pub release: Option<String>,
    pub mail: Vec<String>,
}

/// Name, code, site (address, city, region, postcode, location), contacts, what they buy, released short tons.
type Entry =
    (&'static str, &'static str, [&'static str; 5], &'static [(&'static str, &'static str)], &'static str, u32);

const CUSTOMERS: [Entry; 9] = [
    (
        "Lakeside Steel Works",
        "LSW",
        ["1 Furnace Road", "Gary", "IN", "46402", "GARY-01"],
        &[("Ana Ruiz", "ana.ruiz@lakeside-steel.example"), ("Receiving", "receiving@lakeside-steel.example")],
        "Shredded steel scrap, ISRI 211",
        4_000,
    ),
    (
        "Burns Harbor Foundry",
        "BHF",
        ["220 Portside Avenue", "Burns Harbor", "IN", "46304", "BH-DOCK2"],
        &[("Tomasz Wójcik", "t.wojcik@burnsharborfoundry.example")],
        "Plate and structural scrap, 5 ft",
        2_500,
    ),
    (
        "Maumee Coil Processing",
        "MCP",
        ["77 Slitter Lane", "Toledo", "OH", "43605", "TOL-3"],
        &[("Grace Obi", "grace.obi@maumeecoil.example"), ("Former buyer", "former.buyer@maumeecoil.example")],
        "Hot rolled steel coil",
        3_000,
    ),
    (
        "Great Lakes Turnings",
        "GLT",
        ["9 Chip Street", "Milwaukee", "WI", "53204", "MKE-A"],
        &[("Noor Haddad", "noor@greatlakesturnings.example")],
        "Ferrous metal turnings",
        800,
    ),
    (
        "Porter County Fabricators",
        "PCF",
        ["1450 Mill Creek Drive", "Valparaiso", "IN", "46383", ""],
        &[("Bill Sørensen", "bill@portercountyfab.example")],
        "Steel castings on pallets",
        0,
    ),
    (
        "Inland River Terminals",
        "IRT",
        ["Mile 12 Levee Road", "Lemont", "IL", "60439", "LEM-BARGE"],
        &[("Night desk", "night.desk@inlandriver.example"), ("Kofi Mensah", "kofi@inlandriver.example")],
        "Pig iron, bulk",
        9_000,
    ),
    (
        "Overseas Alloy Trading",
        "OAT",
        ["500 Container Way", "Bensenville", "IL", "60106", "CHI-CY"],
        &[("Lin Wei", "lin.wei@overseasalloy.example")],
        "Copper wire scrap, No. 1, baled",
        400,
    ),
    (
        "Kankakee Rail Shops",
        "KRS",
        ["3 Roundhouse Court", "Kankakee", "IL", "60901", "KKK-SPUR"],
        &[("Estelle Moreau", "estelle.moreau@kankakeerail.example")],
        "Rail, rerolling, 3 ft and over",
        1_500,
    ),
    (
        "Dune Acres Machining",
        "DAM",
        ["18 Lathe Lane", "Chesterton", "IN", "46304", ""],
        &[("Pete Novak", "pete@duneacresmachining.example")],
        "Machined steel parts",
        0,
    ),
];

const CARRIERS: [(&str, &str, &str); 6] = [
    ("Lakeshore Cartage", "LKSC", "+1 219 555 0141"),
    ("Maumee Motor Freight", "MMFT", "+1 419 555 0188"),
    ("Prairie Bulk Lines", "PRBL", "+1 815 555 0127"),
    ("Crossroads LTL", "XRDL", "+1 317 555 0110"),
    ("Belt Railway of the Lakes", "BRLK", "+1 773 555 0164"),
    ("Illinois Towing", "ILTW", "+1 630 555 0192"),
];

/// The carrier at `n`: name and SCAC.
pub(super) fn carrier(n: usize) -> (&'static str, &'static str) {
    let (name, scac, _) = CARRIERS[n % CARRIERS.len()];
    (name, scac)
}

/// Enters carriers, customers and the releases that bulk is drawn on.
pub(super) async fn fill(app: &App, actor: &Actor) -> Result<Vec<Customer>> {
    for (name, scac, phone) in CARRIERS {
        let input = CarrierInput { name: name.into(), scac: scac.into(), phone: phone.into() };
        customers::carriers::save(app, actor, None, &input).await?;
    }
    let mut entered = Vec::new();
    for (n, (name, code, site, people, commodity, released)) in CUSTOMERS.into_iter().enumerate() {
        let [address, city, region, postcode, location] = site;
        let site_input = SiteInput {
            name: format!("{city} works"),
            address: address.into(),
            city: city.into(),
            region: region.into(),
            postcode: postcode.into(),
            country: "US".into(),
            location_id: location.into(),
            ..SiteInput::default()
        };
        let contacts = people
            .iter()
            .map(|(name, email)| ContactInput {
                name: (*name).into(),
                email: (*email).into(),
                receives_bols: true,
                ..ContactInput::default()
            })
            .collect();
        let input = CustomerInput {
            name: name.into(),
            code: code.into(),
            sites: vec![site_input],
            contacts,
            ..CustomerInput::default()
        };
        let id = customers::create(app, actor, &input).await?;
        let release = match released {
            0 => None,
            tons => {
                let number = format!("REL-{code}-{}", 110 + n);
                let input = ReleaseInput {
                    number: number.clone(),
                    customer: id.to_string(),
                    commodity: commodity.into(),
                    allowed: tons.to_string(),
                    unit: "short_ton".into(),
                };
                customers::releases::save(app, actor, None, &input).await?;
                Some(number)
            }
        };
        let mail = people.iter().map(|(_, email)| (*email).to_owned()).collect();
        entered.push(Customer { id, name, site, commodity, release, mail });
    }
    Ok(entered)
}
