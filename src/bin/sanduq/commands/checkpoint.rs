//! `sanduq checkpoint`: words for the state of a vault, and whether it still holds it.

use sanduq::crypto::{CHECKPOINT_WORDS, is_listed_word};
use sanduq::record::Time;
use sanduq::vault::{Checkpoint, FoundCheckpoint};
use serde::Serialize;

use super::Context;
use super::card::numbered;
use super::check::number;
use super::words::count;
use crate::failure::{Failure, Kind};

/// Record the state of your vault and print words for it, or verify such words
#[derive(clap::Args, Debug)]
pub(crate) struct Args {
    /// Ask for the words of a checkpoint and say whether the vault holds it
    #[arg(long)]
    pub(crate) verify: bool,
}

/// A checkpoint that was made, for `--json`.
#[derive(Serialize)]
struct Made {
    words: [&'static str; CHECKPOINT_WORDS],
    time: Time,
    device: String,
    entry: u64,
    writers: usize,
    entries: u64,
}

/// What was looked for, for `--json`.
#[derive(Serialize)]
struct Verified {
    contained: bool,
    time: Option<Time>,
    device: Option<String>,
    entry: Option<u64>,
    writers: Option<usize>,
    entries: Option<u64>,
    after: Option<u64>,
    missing: Vec<String>,
}

/// Runs the command.
pub(crate) fn run(args: Args, context: &mut Context) -> Result<(), Failure> {
    if args.verify { verify(context) } else { make(context) }
}

fn make(context: &mut Context) -> Result<(), Failure> {
    let mut vault = context.owner_vault()?;
    let made = vault.checkpoint(context.now())?;
    let shown = Made {
        words: made.words,
        time: made.time,
        device: device(&made),
        entry: made.n,
        writers: made.writers(),
        entries: made.entries(),
    };
    context.ui.answer(&shown, || {
        format!(
            "a checkpoint of your vault, six words for all that is recorded in it now; they may be said aloud\n\n\
             {}\nmade {}, after {} by {}",
            numbered(&shown.words),
            shown.time,
            number(shown.entries, "commit", "commits"),
            count(shown.writers, "device", "devices"),
        )
    })?;
    context.ui.hint(
        "write them on paper, or read them to somebody who keeps them for you; keep them apart from this device",
    );
    context.ui.hint(
        "`sanduq checkpoint --verify` asks for them, on any device, and says whether all of it is there",
    );
    Ok(())
}

fn device(checkpoint: &Checkpoint) -> String {
    checkpoint.writer.to_string()[..8].to_owned()
}

fn verify(context: &mut Context) -> Result<(), Failure> {
    let vault = context.owner_vault()?;
    let words = ask_words(context)?;
    let found = vault.find_checkpoint(&words)?;
    let verified = Verified::of(found.as_ref());
    context.ui.answer(&verified, || verified.to_text())?;
    if verified.contained {
        return Ok(());
    }
    if !verified.missing.is_empty() {
        let missing = count(verified.missing.len(), "commit", "commits");
        return Err(Failure::say(
            Kind::Corrupt,
            format!("{missing} of that checkpoint are damaged or missing"),
        )
        .hint(
            "copy the vault's folder over this one from where it is whole: names that are there already stay",
        )
        .hint("`sanduq check` names everything that is damaged"));
    }
    Err(Failure::say(Kind::Corrupt, "this vault does not hold that checkpoint")
        .hint("look at each word and their order: one that was misheard gives the same answer")
        .hint(
            "if they are right, something recorded before they were made is not here: the folder went back to an \
             earlier state, is a copy that is behind, or is another vault; find the newer one before you write in it",
        ))
}

/// Asks until there are six words, on one line or several.
fn ask_words(context: &Context) -> Result<Vec<String>, Failure> {
    let mut words: Vec<String> = Vec::new();
    while words.len() < CHECKPOINT_WORDS {
        let left = CHECKPOINT_WORDS - words.len();
        let question = format!("{} of the checkpoint", count(left, "word", "words"));
        let line = context.ui.prompt_line(&question);
        let line =
            line.map_err(|failure| failure.hint("type the six words, or give them on standard input"))?;
        for word in words_of(&line) {
            if !is_listed_word(&word) {
                return Err(Failure::usage(format!("{word:?} is no word of a checkpoint"))
                    .hint("they are the six words that `sanduq checkpoint` printed, in that order"));
            }
            words.push(word);
        }
    }
    if words.len() > CHECKPOINT_WORDS {
        return Err(Failure::usage(format!("a checkpoint has six words, and these are {}", words.len()))
            .hint("they are the six words that `sanduq checkpoint` printed, in that order"));
    }
    Ok(words)
}

/// The words of a line as people write them down: numbers, commas and capital letters do not matter.
fn words_of(line: &str) -> Vec<String> {
    let pieces = line.split(|c: char| !(c.is_alphabetic() || c == '-'));
    pieces.map(|piece| piece.trim_matches('-').to_lowercase()).filter(|piece| !piece.is_empty()).collect()
}

impl Verified {
    fn of(found: Option<&FoundCheckpoint>) -> Self {
        let checkpoint = found.map(|found| &found.checkpoint);
        let missing: Vec<String> =
            found.iter().flat_map(|found| &found.missing).map(ToString::to_string).collect();
        Self {
            contained: found.is_some() && missing.is_empty(),
            time: checkpoint.map(|checkpoint| checkpoint.time),
            device: checkpoint.map(device),
            entry: checkpoint.map(|checkpoint| checkpoint.n),
            writers: checkpoint.map(Checkpoint::writers),
            entries: checkpoint.map(Checkpoint::entries),
            after: found.map(|found| found.after),
            missing,
        }
    }

    fn to_text(&self) -> String {
        let Some(time) = self.time else { return "no checkpoint here has these words".into() };
        if !self.contained {
            let missing = self.missing.iter().map(|item| format!("\nDAMAGED or missing: {item}"));
            return format!("the checkpoint of {time} is here, and not all of what it covers")
                + &missing.collect::<String>();
        }
        match self.after {
            Some(after) if after > 0 => {
                let after = number(after, "commit", "commits");
                format!("this vault holds everything of the checkpoint of {time}, and {after} made since")
            }
            _ => format!("this vault is exactly as it was at the checkpoint of {time}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_read_as_people_write_them() {
        let expected = ["abacus", "drop-down", "zoom"].map(String::from);
        for line in
            ["abacus drop-down zoom", " 1 Abacus  2 DROP-DOWN,3. zoom", "- abacus; - drop-down - zoom"]
        {
            assert_eq!(words_of(line), expected, "{line}");
        }
        assert!(words_of(" 1, 2 ").is_empty());
    }
}
