//! Giving shares out: on the terminal's alternate screen one by one, or as pages to print.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use sanduq::crypto::random;
use sanduq::crypto::slip39::Share;
use sanduq::record::Time;
use sanduq::store::files;
use zeroize::Zeroizing;

use super::Shares;
use crate::commands::{Context, choice};
use crate::failure::Failure;

/// Words in a row of a page.
const ROW: usize = 3;

/// What stands over a share.
pub(super) struct Heading {
    pub(super) shares: Shares,
    pub(super) vault: String,
    pub(super) time: Time,
}

impl Heading {
    fn to_text(&self, number: usize) -> String {
        let Shares { needed, all } = self.shares;
        format!(
            "share {number} of {all}: never tell anyone\n\n\
             Any {needed} of these {all} shares open a vault of sanduq, without a passphrase.\n\
             vault {}, made {}",
            &self.vault[..8],
            self.time
        )
    }
}

/// Refuses a way of giving that would fail later.
pub(super) fn check_way(context: &Context, out: Option<&Path>) -> Result<(), Failure> {
    match out {
        Some(folder) => choice::check_free(folder, "nothing is overwritten; name a new folder"),
        None if !context.ui.is_interactive() => Err(Failure::usage("shares are shown at a terminal only")
            .hint("`--out DIR` writes them as pages to print, into a new folder")),
        _ => Ok(()),
    }
}

/// Shows each share until it was written down: one of its words, chosen by chance, is asked for.
pub(super) fn show_all(
    context: &Context,
    shares: &[Share],
    heading: &Heading,
) -> Result<Vec<PathBuf>, Failure> {
    for (number, share) in (1..).zip(shares) {
        let words = share.words();
        loop {
            let told = format!(
                "{}\n\nWrite it down on paper, for one person or place alone. One word is asked for on the next screen.",
                heading.to_text(number)
            );
            context.ui.show_secret(&told, &rows(&words, "    "))?;
            let [chance] = random::<1>();
            let asked = usize::from(chance) % words.split(' ').count();
            let question = format!("word {} of share {number}", asked + 1);
            let typed = context.ui.prompt_line(&question)?;
            if words.split(' ').nth(asked).is_some_and(|word| word.eq_ignore_ascii_case(typed.trim())) {
                break;
            }
            context.ui.status(
                "that is another word; the share is shown again (Ctrl-C ends, and nothing is changed)",
            );
            context.ui.prompt_line("Enter shows it")?;
        }
    }
    Ok(Vec::new())
}

/// Writes each share as a page into a new folder.
pub(super) fn write_pages(
    folder: &Path,
    shares: &[Share],
    heading: &Heading,
) -> Result<Vec<PathBuf>, Failure> {
    files::make_folder(folder)?;
    let mut written = Vec::new();
    for (number, share) in (1..).zip(shares) {
        let file = folder.join(format!("share-{number}-of-{}.txt", shares.len()));
        let page = Zeroizing::new(format!(
            "{}\n\n{}\n\n\
             What to do with it\n\
             Keep it where nobody looks, apart from the other shares and from the vault.\n\
             Give it to nobody but the owner of the vault, whom you know by face or voice.\n\
             With {} shares and the vault's folder: sanduq --vault FOLDER recovery combine\n",
            heading.to_text(number),
            *rows(&share.words(), ""),
            heading.shares.needed,
        ));
        files::create_new(&file, page.as_bytes()).map_err(|error| {
            Failure::from(error)
                .hint("nothing was changed; pages written so far open nothing and may be deleted")
        })?;
        written.push(file);
    }
    Ok(written)
}

/// Numbered words in rows.
fn rows(words: &str, indent: &str) -> Zeroizing<String> {
    let mut text = Zeroizing::new(String::with_capacity(words.len() * 4));
    for (number, word) in (1..).zip(words.split(' ')) {
        match number % ROW {
            1 if number > 1 => text.push_str(&format!("\n{indent}")),
            1 => {}
            _ => text.push_str("  "),
        }
        let width = if number % ROW == 0 { 0 } else { 8 };
        write!(text, "{number:>2} {word:<width$}").expect("writing into memory");
    }
    text
}
