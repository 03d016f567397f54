//! What is shipped, how much of it was weighed by whom, and on which releases.

use std::{cmp::Ordering, collections::HashSet};

use super::{Gate, Section, drawn};
use crate::bols::{
    content::{Hazmat, Line, Service},
    rules,
};

impl Gate<'_> {
    pub(super) fn check_goods(&mut self) {
        let content = self.content;
        self.need(!content.lines.is_empty(), Section::Goods, "lines.add", "Add at least one line of goods");
        for (n, line) in content.lines.iter().enumerate() {
            self.check_line(n, line);
        }
        self.check_releases();
        let weighing = &content.weighing;
        for (known, field, message) in [
            (!weighing.weighed_by.is_empty(), "weighing.weighed_by", "Say who weighed it (49 USC 80113)"),
            (weighing.loaded_by.is_some(), "weighing.loaded_by", "Say who loaded it (49 USC 80113)"),
            (weighing.counted_by.is_some(), "weighing.counted_by", "Say who counted it (49 USC 80113)"),
        ] {
            self.need(known, Section::Weighing, field, message);
        }
        if let (Some(before), Some(after)) = (weighing.weighed_in_at, weighing.weighed_out_at) {
            self.need(
                before <= after,
                Section::Weighing,
                "weighing.weighed_out_at",
                "The second weighing comes after the first",
            );
        }
        if content.has_hazmat() {
            self.need(
                content.control.emergency_phone.chars().filter(char::is_ascii_digit).count() >= 7,
                Section::Hazmat,
                "control.emergency_phone",
                "Give a phone number that answers at all hours while the goods are on the way (49 CFR 172.604)",
            );
        }
    }

    /// 49 CFR 373.101(a)(3) to (5): number of packages, description, weight.
    fn check_line(&mut self, n: usize, line: &Line) {
        let field = |name: &str| format!("lines.{n}.{name}");
        self.need(!line.commodity.is_empty(), Section::Goods, field("commodity"), "Describe the goods");
        let counted = |count: Option<u32>| count.is_some_and(|count| count > 0);
        self.need(
            counted(line.handling_units) || counted(line.packages),
            Section::Goods,
            field("handling_units"),
            "Say how many; a loose load is 1 load",
        );
        self.need(
            line.handling_units.is_none() || !line.handling_unit_type.is_empty(),
            Section::Goods,
            field("handling_unit_type"),
            "Say what the handling units are, such as pallet, coil or load",
        );
        self.need(
            line.packages.is_none() || !line.package_type.is_empty(),
            Section::Goods,
            field("package_type"),
            "Say what the packages are, such as box or drum",
        );
        match self.content.service {
            Service::Bulk => self.check_bulk(n, line),
            Service::Ltl => self.check_ltl(n, line),
        }
        if let Some(hazmat) = &line.hazmat {
            self.check_hazmat(n, hazmat);
        }
    }

    fn check_bulk(&mut self, n: usize, line: &Line) {
        let field = |name: &str| format!("lines.{n}.{name}");
        self.check_weights(n, line, true);
        for (name, text) in [("nmfc", &line.nmfc), ("class", &line.class)] {
            let what = if name == "nmfc" { "An NMFC item" } else { "A freight class" };
            self.need(
                text.is_empty(),
                Section::Goods,
                field(name),
                format!("{what} is for LTL only; clear it, or make this an LTL bill"),
            );
        }
    }

    fn check_ltl(&mut self, n: usize, line: &Line) {
        let field = |name: &str| format!("lines.{n}.{name}");
        self.check_weights(n, line, false);
        self.need(
            rules::is_nmfc(&line.nmfc),
            Section::Goods,
            field("nmfc"),
            "Give the NMFC item, such as 104600 or 104600-2",
        );
        self.need(
            rules::is_freight_class(&line.class),
            Section::Goods,
            field("class"),
            "Choose the freight class, 50 to 500",
        );
    }

    /// Net is gross less tare to the last digit, and gross > tare > 0.
    fn check_weights(&mut self, n: usize, line: &Line, weighed: bool) {
        let field = |name: &str| format!("lines.{n}.{name}");
        let net_is_positive = line.net.is_none_or(|net| net.milli > 0);
        match (line.gross, line.tare, line.net) {
            (Some(gross), Some(tare), net) => {
                if tare.milli <= 0 {
                    self.add(Section::Goods, field("tare"), "The tare must be more than zero");
                } else if gross.compare(tare) != Ordering::Greater {
                    self.add(Section::Goods, field("gross"), "The gross weight must be more than the tare");
                } else {
                    let exact = gross.minus(tare);
                    let message = format!("Net must be gross less tare, {exact}");
                    self.need(
                        net.is_some_and(|net| net.compare(exact) == Ordering::Equal),
                        Section::Goods,
                        field("net"),
                        message,
                    );
                }
            }
            (gross, tare, net) if weighed || gross.is_some() || tare.is_some() => {
                self.need(gross.is_some(), Section::Goods, field("gross"), "Give the gross weight");
                self.need(tare.is_some(), Section::Goods, field("tare"), "Give the tare weight");
                self.need(
                    net.is_some() && net_is_positive,
                    Section::Goods,
                    field("net"),
                    "Give the net weight: gross less tare",
                );
            }
            (_, _, net) => self.need(net.is_some() && net_is_positive, Section::Goods, field("net"), "Give the weight"),
        }
    }

    /// 49 CFR 172.201–202: identification, name, class, packing group, quantity.
    fn check_hazmat(&mut self, n: usize, hazmat: &Hazmat) {
        let field = |name: &str| format!("lines.{n}.hazmat.{name}");
        self.need(
            rules::is_hazmat_id(&hazmat.id),
            Section::Goods,
            field("id"),
            "Give the identification number, such as UN2793 or NA1993",
        );
        self.need(
            !hazmat.shipping_name.is_empty(),
            Section::Goods,
            field("shipping_name"),
            "Give the proper shipping name of 49 CFR 172.101",
        );
        self.need(
            rules::is_hazmat_class(&hazmat.class),
            Section::Goods,
            field("class"),
            "Give the hazard class or division, such as 4.2 or 9",
        );
        let subsidiary = hazmat.subsidiary.split(',').map(str::trim);
        self.need(
            hazmat.subsidiary.is_empty() || subsidiary.into_iter().all(rules::is_hazmat_class),
            Section::Goods,
            field("subsidiary"),
            "Give subsidiary hazards as classes, such as 6.1",
        );
        let group = hazmat.packing_group.as_str();
        // Explosives, gases, radioactive and some others have none; for these it is always assigned.
        let assigned = matches!(hazmat.class.as_str(), "3" | "4.2" | "4.3" | "5.1" | "6.1" | "8");
        self.need(
            matches!(group, "I" | "II" | "III") || (group.is_empty() && !assigned),
            Section::Goods,
            field("packing_group"),
            "Choose the packing group: I, II or III",
        );
        self.need(
            !hazmat.quantity.is_empty(),
            Section::Goods,
            field("quantity"),
            "Give the total quantity with its unit",
        );
    }

    /// A release must exist, be open, belong to the customer and have enough left.
    fn check_releases(&mut self) {
        let mut seen = HashSet::new();
        for (n, line) in self.content.lines.iter().enumerate() {
            let number = &line.release;
            if number.is_empty() || !seen.insert(number) {
                continue;
            }
            let Err(message) = self.check_release(number) else { continue };
            self.add(Section::Goods, format!("lines.{n}.release"), message);
        }
        self.need(
            seen.is_empty() || self.content.customer.is_some(),
            Section::Bill,
            "customer",
            "Choose the customer whose release the goods are on",
        );
    }

    fn check_release(&self, number: &str) -> Result<(), String> {
        let release = self
            .facts
            .releases
            .get(number)
            .ok_or_else(|| format!("There is no release {number}; check the number, or enter the release first"))?;
        if !release.open {
            return Err(format!("Release {number} is closed"));
        }
        if self.content.customer.is_some_and(|customer| customer != release.customer_id) {
            return Err(format!("Release {number} belongs to another customer"));
        }
        match drawn(self.content, number) {
            Some(net) if net.compare(release.left()) == Ordering::Greater => {
                Err(format!("Release {number} has {} left, and this bill takes {net}", release.left()))
            }
            _ => Ok(()),
        }
    }
}
