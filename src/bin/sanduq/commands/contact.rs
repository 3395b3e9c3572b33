//! `sanduq contact`: the address book of cards, verified and not.

use std::path::PathBuf;

use std::path::Path;

use sanduq::crypto::{KnownCard, random};
use sanduq::record::Label;
use sanduq::store::{StoreError, files};
use sanduq::vault::{ContactKey, Contacts, KnownContact};
use serde::Serialize;

use super::Context;
use crate::failure::{Failure, Kind};
use crate::sanitize;

/// Largest file read for a card, in bytes.
const MAX_CARD_BYTES: u64 = 64 << 10;
/// How many of the twelve words are asked for.
const ASKED_WORDS: usize = 3;

/// Keep the cards of others under labels of your own
#[derive(clap::Args, Debug)]
#[command(arg_required_else_help = false)]
pub(crate) struct Args {
    #[command(subcommand)]
    pub(crate) action: Action,
}

/// What to do in the address book.
#[derive(Debug, clap::Subcommand)]
pub(crate) enum Action {
    /// Add a card, or a bare age recipient that can only receive bundles
    #[command(group = clap::ArgGroup::new("kind").required(true).args(["card", "age"]))]
    Add {
        /// Keep it under this label
        #[arg(value_name = "LABEL")]
        label: String,
        /// Add the card in this file
        #[arg(long, value_name = "FILE")]
        card: Option<PathBuf>,
        /// Add this age recipient
        #[arg(long, value_name = "age1…|age1pq1…")]
        age: Option<String>,
    },
    /// Compare the fingerprint words with the other person and mark the contact verified
    Verify {
        /// Verify the contact with this label
        #[arg(value_name = "LABEL")]
        label: String,
    },
    /// List contacts, and whether each was verified
    List,
    /// Remove a contact; what was shared with it stays shared
    Remove {
        /// Remove the contact with this label
        #[arg(value_name = "LABEL")]
        label: String,
    },
}

/// A contact, for `--json`.
#[derive(Serialize)]
struct Shown {
    label: String,
    kind: &'static str,
    verified: bool,
    card: Option<String>,
    age: Option<String>,
    added: u64,
}

impl Shown {
    fn of(contact: &KnownContact) -> Self {
        let (kind, card, age) = match &contact.key {
            ContactKey::Card(card) => ("card", Some(card.hash().to_string()), None),
            ContactKey::Age(age) => ("age", None, Some(age.to_string())),
        };
        let (label, verified) = (contact.label.to_string(), contact.verified);
        Self { label, kind, verified, card, age, added: contact.added.seconds() }
    }
}

/// Runs the command.
pub(crate) fn run(args: Args, context: &mut Context) -> Result<(), Failure> {
    match args.action {
        Action::Add { label, card, age } => add(&label, (card, age), context),
        Action::Verify { label } => verify(&label, context),
        Action::List => list(context),
        Action::Remove { label } => remove(&label, context),
    }
}

fn add(
    label: &str,
    (card, age): (Option<PathBuf>, Option<String>),
    context: &mut Context,
) -> Result<(), Failure> {
    let label: Label = label.parse().map_err(|error| {
        Failure::unfit("this label cannot be taken", error).hint("a label is one line of at most 64 bytes")
    })?;
    let key = match (card, age) {
        (Some(file), _) => ContactKey::Card(Box::new(read_card(&file)?)),
        (None, age) => ContactKey::Age(age.unwrap_or_default().parse().map_err(|error| {
            Failure::unfit("this is no age recipient", error)
                .hint("an age recipient begins with age1 or age1pq1; for a card use `--card FILE`")
        })?),
    };
    let mut contacts = context.contacts()?;
    let identity = context.identity()?;
    if matches!(&key, ContactKey::Card(card) if card.hash() == identity.card().hash()) {
        return Err(Failure::refused("this is your own card").hint("add the cards of others"));
    }
    let is_card = matches!(key, ContactKey::Card(_));
    if let Some(there) = contacts.all().iter().find(|there| there.key == key && there.label != label) {
        return Err(Failure::refused(format!("`{}` has this key already", there.label))
            .hint("one key has one label; `sanduq contact list` shows them"));
    }
    contacts.add(&context.desk()?, &identity, (label.clone(), key), context.now())?;
    let contact = contacts.find(label.as_str())?;
    let shown = Shown::of(contact);
    context.ui.answer(&shown, || format!("contact `{label}` added, unverified"))?;
    if is_card {
        context.ui.hint(&format!(
            "have them read you the words of `sanduq card`, then run `sanduq contact verify {}`",
            quoted(&label)
        ));
    } else {
        context.ui.hint("a bare age recipient can only receive bundles, and cannot be verified here");
    }
    Ok(())
}

fn read_card(file: &Path) -> Result<KnownCard, Failure> {
    let bytes = match files::read(file, MAX_CARD_BYTES) {
        Err(StoreError::TooLarge { .. }) => {
            return Err(Failure::say(Kind::Other, format!("{} is too large for a card", file.display()))
                .hint("a card is a short text; its owner writes it with `sanduq card --out FILE`"));
        }
        other => other?,
    };
    KnownCard::from_text(&bytes).map_err(|error| {
        Failure::from(error).while_doing(format!("cannot take {} as a card", file.display()))
    })
}

/// Asks for words at random places, as the other person reads them; the words themselves are not shown.
fn verify(label: &str, context: &mut Context) -> Result<(), Failure> {
    let mut contacts = context.contacts()?;
    let contact = contacts.find(label)?.clone();
    let Some(card) = contact.card() else {
        return Err(sanduq::vault::VaultError::BundlesOnly(contact.label.to_string()).into());
    };
    context
        .ui
        .need_person("the words, as the other person reads them")
        .map_err(|refused| refused.hint("run it at a terminal while you hear them"))?;
    let words = card.fingerprint().words();
    context.ui.status(
        "on a call or face to face, have them read out the twelve words of their `sanduq card`\n\
         they are not shown here: type what you hear, not what somebody wrote to you",
    );
    let mut same = true;
    for place in three_places() {
        let heard = context.ui.prompt_line(&format!("word {} of their card", place + 1))?;
        same &= words.get(place).is_some_and(|word| heard.trim().eq_ignore_ascii_case(word));
    }
    if !same {
        return Err(Failure::refused(format!("the words differ: `{}` is as it was before", contact.label))
            .hint("run it again in case one was misheard")
            .hint("if they differ again, this is not their card: take it out with `sanduq contact remove`"));
    }
    let (desk, identity) = (context.desk()?, context.identity()?);
    contacts.verify(&desk, &identity, &contact.label, context.now())?;
    let shown = Shown::of(contacts.find(label)?);
    context.ui.answer(&shown, || format!("contact `{}` is verified", shown.label))
}

/// Three different places of twelve, in order.
fn three_places() -> Vec<usize> {
    let drawn: [u8; 96] = random();
    let mut places: Vec<usize> = (0..12).collect();
    places.sort_by_key(|place| drawn.get(place * 8..place * 8 + 8).map(<[u8]>::to_vec));
    places.truncate(ASKED_WORDS);
    places.sort_unstable();
    places
}

fn list(context: &mut Context) -> Result<(), Failure> {
    let contacts = context.contacts()?;
    let shown: Vec<Shown> = contacts.all().iter().map(Shown::of).collect();
    context.ui.answer(&shown, || table(&contacts))
}

fn table(contacts: &Contacts) -> String {
    if contacts.all().is_empty() {
        return "no contacts yet; `sanduq contact add LABEL --card FILE` adds one".into();
    }
    let rows = contacts.all().iter().map(|contact| {
        let state = match (&contact.key, contact.verified) {
            (ContactKey::Age(_), _) => "bundles only",
            (_, true) => "verified",
            (_, false) => "unverified",
        };
        let words = contact.card().map(|card| card.fingerprint().words()[..3].join(" "));
        let label = sanitize::one_line(contact.label.as_str()).into_owned();
        [label, state.into(), contact.added.date(), words.unwrap_or_default()]
    });
    let heading = ["label", "state", "since", "first words"].map(String::from);
    crate::ui::table(std::iter::once(heading).chain(rows))
}

fn remove(label: &str, context: &mut Context) -> Result<(), Failure> {
    let mut contacts = context.contacts()?;
    let contact = contacts.find(label)?.clone();
    let (desk, identity) = (context.desk()?, context.identity()?);
    contacts.remove(&desk, &identity, &contact.label)?;
    context.ui.answer(&Shown::of(&contact), || format!("contact `{}` removed", contact.label))?;
    context.ui.status("what was shared with it stays shared");
    Ok(())
}

/// A label as a shell takes it.
pub(super) fn quoted(label: &Label) -> String {
    shlex::try_quote(label.as_str()).map_or_else(|_| label.to_string(), Into::into)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn asks_for_three_different_words_and_any_of_the_twelve() {
        let mut seen = std::collections::BTreeSet::new();
        for _ in 0..200 {
            let places = three_places();
            assert!(places.len() == 3 && places.is_sorted_by(|a, b| a < b), "{places:?}");
            seen.extend(places);
        }
        assert_eq!(seen.into_iter().collect::<Vec<_>>(), (0..12).collect::<Vec<_>>());
    }
}
