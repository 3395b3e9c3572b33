//! What several nouns are made of: dates, places and amounts as they were said.

use super::noun::noun;
use super::tree::{FormError, Node};
use super::value::{Currency, Id, Line, Number, Prose, When};
use super::vocabulary::PlaceLevel;

noun! {
    /// A date: the words in which it was said, and what is known of it. Neither is made from the other.
    Dated, check something {
        /// The words in which it was said.
        said: Option<Line> = "\"in November 201\"",
        /// As far as it is known (EDTF): a digit that is not known is an X.
        edtf: Option<When> = "\"201X-11\"",
        /// The time of day, as said.
        time: Option<Line> = "\"around 6 to 7 PM\"",
        /// The time zone it was said in.
        zone: Option<Line> = "\"Asia/Almaty\"",
    }
}

impl Dated {
    fn something(&self, node: &Node) -> Result<(), FormError> {
        if self.said.is_some() || self.edtf.is_some() {
            return Ok(());
        }
        Err(node.refuse("has neither words nor a date", "add `said`, or `edtf` such as \"2013-03\""))
    }
}

noun! {
    /// A place: the words in which it was said, and how exactly they tell it.
    Place {
        /// The words in which it was said.
        said: Line = "\"the county hospital\"",
        /// How exactly that is: exact, settlement, district, region, country, or x-.
        level: PlaceLevel = "\"district\"",
        /// A code of a gazetteer, with its name.
        code: Option<Line> = "\"ISO 3166-2:CN-XJ\"",
    }
}

noun! {
    /// An amount of money.
    Amount {
        /// An identifier in this form.
        id: Id = "\"A1\"",
        /// What it was for.
        what: Line = "\"a fine\"",
        /// The words in which it was said.
        said: Option<Line> = "\"three hundred thousand yuan\"",
        /// The number.
        amount: Number = "300000",
        /// The currency (ISO 4217).
        currency: Currency = "\"CNY\"",
        /// The same in other currencies as somebody said it; never computed anew.
        conversion: Vec<Conversion> = "[{ amount = 44200, currency = \"USD\" }]",
        /// Anything else.
        note: Option<Prose> = "\"\"",
    }
}

noun! {
    /// An amount in another currency, as it was said.
    Conversion {
        /// The number.
        amount: Number = "44200",
        /// The currency (ISO 4217).
        currency: Currency = "\"USD\"",
        /// Who said so, or where it stands.
        source: Option<Line> = "\"the newspaper\"",
    }
}

noun! {
    /// Where a person was or is.
    Whereabouts {
        /// Whose.
        person: Id = "\"P1\"",
        /// The place.
        place: Place = "{ said = \"a rented house in the old town\", level = \"settlement\" }",
        /// The address.
        address: Option<Prose> = "\"\"",
        /// Since when.
        from: Option<Dated> = "{ edtf = \"2020-06\" }",
        /// Until when.
        until: Option<Dated> = "{ edtf = \"2021\" }",
        /// Who knows of it, by identifiers.
        known_to: Vec<Id> = "[\"P2\"]",
        /// Anything else.
        note: Option<Prose> = "\"\"",
    }
}
