//! Asking for shares, one after the other, until they give a secret.

use sanduq::crypto::slip39::{CombineError, Share};
use sanduq::crypto::{RecoverySecret, SHARE_WORDS};
use zeroize::Zeroizing;

use crate::commands::Context;
use crate::commands::words::count;
use crate::failure::{Failure, Kind};

/// How many shares may be given in vain before it ends.
const MAX_SHARES: usize = 16;

/// The secret, and how many shares it came from.
pub(super) struct Found {
    pub(super) secret: RecoverySecret,
    pub(super) count: usize,
}

/// Asks for shares at the terminal or on standard input. At a terminal a wrong one is said and asked for again.
pub(super) fn ask_shares(context: &Context) -> Result<Found, Failure> {
    let mut shares: Vec<Share> = Vec::new();
    while shares.len() < MAX_SHARES {
        let share = match ask_share(context, &shares) {
            Ok(share) => share,
            Err(Asked::Ended(failure)) => return Err(failure),
            Err(Asked::Wrong(told)) if context.ui.is_interactive() => {
                context.ui.status(&format!("{told}; that share again, or Ctrl-C to end"));
                continue;
            }
            Err(Asked::Wrong(told)) => {
                let failure = Failure::usage(format!("share {}: {told}", shares.len() + 1));
                return Err(
                    failure.hint("nothing was changed; look at that word, or at that share, once more")
                );
            }
        };
        shares.push(share);
        match RecoverySecret::combine(&shares) {
            Ok(secret) => return Ok(Found { secret, count: shares.len() }),
            Err(CombineError::TooFew { need, have, .. }) => {
                let left = count(usize::from(need - have), "more is", "more are");
                context.ui.status(&format!("that is share {have} of the {need} needed: {left} needed"));
            }
            Err(CombineError::Digest) => {
                if let Some(wrong) = RecoverySecret::find_wrong(&shares) {
                    context.ui.warn(&told_wrong(&wrong));
                    let mut number = 0..;
                    shares.retain(|_| number.next().is_none_or(|number| !wrong.contains(&number)));
                    if let Ok(secret) = RecoverySecret::combine(&shares) {
                        return Ok(Found { secret, count: shares.len() });
                    }
                }
                context.ui.status("one of these is wrong, and one share more tells which: give another one");
            }
            // It was looked at when it was given.
            Err(error) => return Err(Failure::new(Kind::Refused, error)),
        }
    }
    Err(Failure::refused("no sixteen shares have more in common").hint("nothing was changed"))
}

fn told_wrong(wrong: &[usize]) -> String {
    let numbers: Vec<String> = wrong.iter().map(|number| (number + 1).to_string()).collect();
    format!(
        "of the shares given, number {} is not of this splitting, or was changed: it was left out",
        numbers.join(" and number ")
    )
}

enum Asked {
    /// There is nothing more to read.
    Ended(Failure),
    /// What was given is no share that goes with the others.
    Wrong(String),
}

/// Asks until there are as many words as a share has, on one line or several.
fn ask_share(context: &Context, before: &[Share]) -> Result<Share, Asked> {
    let mut words = Zeroizing::new(String::with_capacity(16 * SHARE_WORDS));
    let mut have = 0;
    while have < SHARE_WORDS {
        let left = count(SHARE_WORDS - have, "word", "words");
        let question = format!("share {}, {left}", before.len() + 1);
        let line = context.ui.prompt_line(&question).map_err(|failure| {
            Asked::Ended(failure.hint("type the words of a share, or give the shares on standard input"))
        })?;
        // As they stand on a page: numbers and marks between them do not matter.
        for word in line.split(|c: char| !c.is_alphabetic()).filter(|word| !word.is_empty()) {
            words.push_str(word);
            words.push(' ');
            have += 1;
        }
    }
    let share = RecoverySecret::read_share(&words).map_err(|error| Asked::Wrong(error.to_string()))?;
    match fits(&share, before) {
        None => Ok(share),
        Some(told) => Err(Asked::Wrong(told)),
    }
}

/// Why a share does not go with those before, as far as its words say so.
fn fits(share: &Share, before: &[Share]) -> Option<String> {
    let first = before.first()?;
    if !share.is_of_the_splitting_of(first) {
        return Some("this share is of another splitting than the first".into());
    }
    let same = before.iter().any(|other| other.place() == share.place());
    same.then(|| "this share was given already".into())
}
