//! Later cards.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use sanduq::crypto::{CardError, Identity, KnownCard, SignatureLabel};
use sanduq::format::{Card, decode, encode};
use serde_bytes::ByteBuf;

use super::{answered, newer};
use crate::support::program::Home;

fn text(card: &[u8]) -> String {
    format!("-----BEGIN SANDUQ CARD-----\n{}\n-----END SANDUQ CARD-----\n", BASE64.encode(card))
}

/// Fails when a later card counts as a malformed one, whose owner would be asked for it again.
#[test]
fn a_later_card_is_answered_and_the_address_book_is_left_untouched() {
    let (home, other) = (Home::with_cheap_vault(), Identity::generate());
    home.write("card", other.card().to_text());
    home.run(&["contact", "add", "заңгер", "--card", "card"]).succeeds();
    let third = Identity::generate();
    let card = third.card().encode();
    let mut with_later_core: Card = decode(&card).unwrap();
    with_later_core.core = ByteBuf::from(newer(&with_later_core.core));
    with_later_core.sig = third.sign(SignatureLabel::Card, &with_later_core.core);
    for later in [newer(&card), encode(&with_later_core)] {
        assert_eq!(KnownCard::decode(&later), Err(CardError::Newer));
        home.write("later", text(&later));
        answered(&home, &["contact", "add", "other", "--card", "later"]);
    }
    home.write("broken", text(&card[..card.len() - 1]));
    home.run(&["contact", "add", "other", "--card", "broken"]).fails(12, "not a readable card");
}
