//! What a draft looks like when it is put away: no stray white space, no empty blocks.

use super::content::{BolContent, Hazmat, Line, Party, Signature};
use crate::customers::release_number;

impl BolContent {
    /// White space around texts is dropped, and blocks in which nothing stands are not there.
    #[must_use]
    pub fn tidy(mut self) -> Self {
        self.texts(&mut |text| {
            let tidy = text.trim().replace("\r\n", "\n");
            if tidy != *text {
                *text = tidy;
            }
        });
        self.carrier.seals.retain(|seal| !seal.is_empty());
        self.bill_to = self.bill_to.filter(|party| *party != Party::default());
        for line in &mut self.lines {
            // As releases are stored, so that the line finds its own however it was typed.
            line.release = release_number(&line.release);
            line.hazmat = line.hazmat.take().filter(|hazmat| *hazmat != Hazmat::default());
        }
        self
    }

    /// Takes away what belongs to one load alone, so that the rest serves the next one.
    pub fn clear_load(&mut self) {
        self.clear_signatures();
        let carrier = &mut self.carrier;
        for text in [&mut carrier.pro, &mut carrier.truck, &mut carrier.trailer, &mut carrier.driver] {
            text.clear();
        }
        carrier.seals.clear();
        self.equipment.number.clear();
        let weighing = &mut self.weighing;
        weighing.ticket.clear();
        weighing.weighed_by.clear();
        (weighing.weighed_in_at, weighing.weighed_out_at) = (None, None);
        (weighing.loaded_by, weighing.counted_by) = (None, None);
        for line in &mut self.lines {
            (line.gross, line.tare, line.net) = (None, None, None);
            line.heat.clear();
            if let Some(hazmat) = &mut line.hazmat {
                hazmat.quantity.clear();
            }
        }
    }

    /// Nobody has signed this one.
    pub fn clear_signatures(&mut self) {
        self.control.shipper_signature = Signature::default();
        self.control.driver_signature = Signature::default();
    }

    /// Calls `with` on every text of the bill.
    fn texts(&mut self, with: &mut dyn FnMut(&mut String)) {
        for party in [&mut self.ship_from, &mut self.ship_to].into_iter().chain(&mut self.bill_to) {
            party.texts(with);
        }
        let carrier = &mut self.carrier;
        for text in [
            &mut carrier.name,
            &mut carrier.scac,
            &mut carrier.pro,
            &mut carrier.truck,
            &mut carrier.trailer,
            &mut carrier.driver,
        ] {
            with(text);
        }
        carrier.seals.iter_mut().for_each(&mut *with);
        with(&mut self.equipment.number);
        let weighing = &mut self.weighing;
        for text in [&mut weighing.scale, &mut weighing.ticket, &mut weighing.weighed_by] {
            with(text);
        }
        for line in &mut self.lines {
            line.texts(with);
        }
        with(&mut self.money.declared_value_per);
        let control = &mut self.control;
        for text in [
            &mut control.master_bol,
            &mut control.order_number,
            &mut control.special_instructions,
            &mut control.shipper_signature.name,
            &mut control.driver_signature.name,
            &mut control.emergency_phone,
            &mut control.emergency_contract,
        ] {
            with(text);
        }
    }
}

impl Party {
    fn texts(&mut self, with: &mut dyn FnMut(&mut String)) {
        for text in [
            &mut self.name,
            &mut self.address,
            &mut self.city,
            &mut self.region,
            &mut self.postcode,
            &mut self.country,
            &mut self.location_id,
            &mut self.contact,
            &mut self.phone,
        ] {
            with(text);
        }
    }
}

impl Line {
    fn texts(&mut self, with: &mut dyn FnMut(&mut String)) {
        for text in [
            &mut self.commodity,
            &mut self.handling_unit_type,
            &mut self.package_type,
            &mut self.nmfc,
            &mut self.class,
            &mut self.heat,
            &mut self.release,
        ] {
            with(text);
        }
        if let Some(hazmat) = &mut self.hazmat {
            for text in [
                &mut hazmat.id,
                &mut hazmat.shipping_name,
                &mut hazmat.class,
                &mut hazmat.subsidiary,
                &mut hazmat.packing_group,
                &mut hazmat.quantity,
            ] {
                with(text);
            }
        }
    }
}
