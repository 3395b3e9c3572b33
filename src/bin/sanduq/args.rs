//! The command line: top-level clap types and the small value types commands share. No logic.

use std::ffi::OsString;
use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;
use std::time::Duration;

use clap::builder::Styles;
use clap::{Args, Parser, Subcommand, ValueEnum};
use sanduq::record::ExhibitName;
use sanduq::record::timeline::Unit;

use crate::commands;
use crate::ui::Format;

/// Keep witness testimonies sealed, share them part by part, verify them with stock tools
#[derive(Debug, Parser)]
#[command(name = "sanduq", version, styles = Styles::plain())]
#[command(
    after_help = "Without a command, sanduq asks the passphrase once and takes commands at its own prompt.\n\
    SANDUQ_VAULT and SANDUQ_IDENTITY name the two paths when the flags do not."
)]
pub(crate) struct Cli {
    #[command(flatten)]
    pub(crate) globals: Globals,
    /// Lock the prompt after this many minutes without a command, at most 15 [default: 15]
    #[arg(long, value_name = "MINUTES")]
    pub(crate) lock_after: Option<LockAfter>,
    #[command(subcommand)]
    pub(crate) command: Option<Command>,
}

/// Heading of the global flags in help texts.
const EVERYWHERE: &str = "Everywhere";

/// Flags every command takes.
#[derive(Args, Debug, Default)]
pub(crate) struct Globals {
    /// Work on the vault in this folder
    #[arg(long, value_name = "DIR", global = true, help_heading = EVERYWHERE)]
    pub(crate) vault: Option<PathBuf>,
    /// Use this identity file
    #[arg(long, value_name = "FILE", global = true, help_heading = EVERYWHERE)]
    pub(crate) identity: Option<PathBuf>,
    /// Read each passphrase asked for as one line from this descriptor
    #[arg(long, value_name = "N", global = true, help_heading = EVERYWHERE)]
    pub(crate) passphrase_fd: Option<u32>,
    /// Print one JSON document on standard output
    #[arg(long, global = true, help_heading = EVERYWHERE)]
    pub(crate) json: bool,
}

impl Globals {
    /// Returns how results are to be printed.
    pub(crate) fn format(&self) -> Format {
        if self.json { Format::Json } else { Format::Text }
    }
}

/// What sanduq can be told to do.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    Init(commands::init::Args),
    Identity(commands::identity::Args),
    Card(commands::card::Args),
    Contact(commands::contact::Args),
    New(commands::new::Args),
    Title(commands::title::Args),
    Template(commands::template::Args),
    Put(commands::put::Args),
    Edit(commands::edit::Args),
    Attach(commands::attach::Args),
    Detach(commands::detach::Args),
    List(commands::list::Args),
    Show(commands::show::Args),
    Search(commands::search::Args),
    Extract(commands::extract::Args),
    Log(commands::log::Args),
    Redact(commands::redact::Args),
    Lint(commands::lint::Args),
    Timeline(commands::timeline::Args),
    Due(commands::due::Args),
    Share(commands::share::Args),
    Consent(commands::consent::Args),
    Withdraw(commands::withdraw::Args),
    People(commands::people::Args),
    Explain(commands::explain::Args),
    Incident(commands::incident::Args),
    Unshare(commands::unshare::Args),
    Shares(commands::shares::Args),
    Inbox(commands::inbox::Args),
    Accept(commands::accept::Args),
    Export(commands::export::Args),
    Open(commands::open::Args),
    Verify(commands::verify::Args),
    Import(commands::import::Args),
    Ingest(commands::ingest::Args),
    Check(commands::check::Args),
    Checkpoint(commands::checkpoint::Args),
    Recovery(commands::recovery::Args),
    Demo(commands::demo::Args),
}

/// Time without a command after which the prompt locks; never longer than the default.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct LockAfter(pub(crate) Duration);

impl LockAfter {
    const LONGEST_MINUTES: f64 = 15.0;
}

impl Default for LockAfter {
    fn default() -> Self {
        Self(Duration::from_secs_f64(60.0 * Self::LONGEST_MINUTES))
    }
}

impl FromStr for LockAfter {
    type Err = NotMinutes;

    fn from_str(text: &str) -> Result<Self, NotMinutes> {
        let minutes: f64 = text.parse().map_err(|_| NotMinutes)?;
        if !(minutes > 0.0 && minutes <= Self::LONGEST_MINUTES) {
            return Err(NotMinutes);
        }
        Duration::try_from_secs_f64(60.0 * minutes).map(Self).map_err(|_| NotMinutes)
    }
}

impl fmt::Display for LockAfter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let minutes = (self.0.as_secs_f64() / 0.06).round() / 1000.0;
        write!(f, "{minutes} {}", if minutes == 1.0 { "minute" } else { "minutes" })
    }
}

/// The text is no time after which the prompt may lock.
#[derive(Debug, thiserror::Error)]
#[error("more than 0 and at most 15 minutes, like 5 or 0.5")]
pub(crate) struct NotMinutes;

/// How a passphrase is chosen and what guessing it costs.
#[derive(Args, Debug)]
pub(crate) struct NewPassphrase {
    /// Choose what guessing the passphrase costs: memory of 1 GiB, 256 MiB or 64 MiB [default: high]
    #[arg(long, value_name = "COST")]
    pub(crate) kdf: Option<Kdf>,
    /// Choose the passphrase yourself instead of taking a generated one
    #[arg(long)]
    pub(crate) own: bool,
}

/// Cost of unlocking an identity file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Kdf {
    /// 1 GiB of memory
    High,
    /// 256 MiB of memory
    Standard,
    /// 64 MiB of memory
    Low,
}

/// A file, or with `-` standard input or output.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    /// A file at this path.
    File(PathBuf),
    /// Standard input where it is read, standard output where it is written.
    Standard,
}

impl From<OsString> for Place {
    fn from(text: OsString) -> Self {
        if text == "-" { Self::Standard } else { Self::File(text.into()) }
    }
}

/// Reads the name of an exhibit: `E3`, or `E3-1a2b3c4d` where two share a number.
pub(crate) fn exhibit_name(text: &str) -> Result<ExhibitName, NotAnExhibit> {
    let first = text.strip_prefix(['E', 'e']).and_then(|rest| rest.bytes().next());
    match first {
        Some(b'1'..=b'9') => text.parse().map_err(|_| NotAnExhibit),
        _ => Err(NotAnExhibit),
    }
}

/// A stretch of time from today on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Within(pub(crate) u32, pub(crate) Unit);

impl FromStr for Within {
    type Err = NotWithin;

    fn from_str(text: &str) -> Result<Self, NotWithin> {
        let (at, unit) = text.char_indices().next_back().ok_or(NotWithin)?;
        let unit = match unit {
            'd' => Unit::Days,
            'w' => Unit::Weeks,
            'm' => Unit::Months,
            'y' => Unit::Years,
            _ => return Err(NotWithin),
        };
        let digits = &text[..at];
        if !digits.bytes().all(|digit| digit.is_ascii_digit()) {
            return Err(NotWithin);
        }
        digits.parse().map(|count| Self(count, unit)).map_err(|_| NotWithin)
    }
}

/// The text is no stretch of time.
#[derive(Debug, thiserror::Error)]
#[error("a number of days, weeks, months or years, like 90d, 6w, 3m or 1y")]
pub(crate) struct NotWithin;

/// The text does not name an exhibit.
#[derive(Debug, thiserror::Error)]
#[error("an exhibit is named like E3, as `show` lists it")]
pub(crate) struct NotAnExhibit;

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory as _;

    fn parse(line: &str) -> Result<Cli, clap::Error> {
        Cli::try_parse_from(std::iter::once("sanduq").chain(line.split_whitespace()))
    }

    #[test]
    fn clap_finds_no_contradiction() {
        Cli::command().debug_assert();
    }

    #[test]
    fn accepts_every_line_of_the_documented_forms() {
        for line in ACCEPTED.lines().map(str::trim).filter(|line| !line.is_empty()) {
            assert!(parse(line).is_ok(), "{line}: {}", parse(line).unwrap_err());
        }
        assert!(parse("").unwrap().command.is_none());
    }

    #[test]
    fn refuses_mixed_modes_and_missing_halves() {
        for line in REFUSED.lines().map(str::trim).filter(|line| !line.is_empty()) {
            let error = parse(line).expect_err(line);
            assert_eq!(error.exit_code(), 2, "{line}");
        }
    }

    #[test]
    fn every_help_text_is_one_imperative_sentence_without_a_full_stop() {
        fn walk(command: &clap::Command) {
            let own = command
                .get_about()
                .into_iter()
                .chain(command.get_arguments().filter_map(|arg| arg.get_help()));
            for help in own.map(ToString::to_string) {
                assert!(!help.ends_with('.'), "{}: {help}", command.get_name());
            }
            assert!(command.get_about().is_some(), "{} has no help", command.get_name());
            for argument in command.get_arguments() {
                assert!(argument.get_help().is_some(), "{} {}", command.get_name(), argument.get_id());
            }
            command.get_subcommands().for_each(walk);
        }
        walk(&Cli::command());
    }

    #[test]
    fn reads_places_and_exhibit_numbers() {
        assert_eq!(Place::from(OsString::from("-")), Place::Standard);
        assert_eq!(Place::from(OsString::from("./-")), Place::File("./-".into()));
        assert_eq!(exhibit_name("E3").unwrap().to_string(), "E3");
        assert_eq!(exhibit_name("e12-1A2B").unwrap().to_string(), "E12-1a2b");
        for text in ["3", "E", "E0", "E-1", "E+1", "Ё3", "E99999999999999999999", "E3 ", "E3-"] {
            assert!(exhibit_name(text).is_err(), "{text}");
        }
    }

    const ACCEPTED: &str = "
        init
        init --kdf low --own
        --vault v --identity i --passphrase-fd 3 --json init --kdf high
        show K7Q2-9F4M --vault /media/usb/vault --identity lawyer.id
        identity new --out id --kdf standard --own
        identity new
        identity passphrase --kdf high
        identity age-keys --out keys.age
        card
        card --out my.card --qr
        contact add lawyer --card lawyer.card
        contact add press --age age1xyz
        contact verify lawyer
        contact list
        contact remove lawyer
        new
        new --title -
        title K7Q2-9F4M
        put K7Q2-9F4M testimony --from - --lang kk --add
        put K7Q2-9F4M person/doctor --from text.txt
        put K7Q2-9F4M person --form form.toml
        put K7Q2-9F4M person --form -
        template person/doctor
        edit K7Q2-9F4M person
        edit K7Q2-9F4M person --anew
        attach K7Q2-9F4M a.jpg b.mp4 --part exhibits
        detach K7Q2-9F4M E3 --part exhibits
        list --new --from lawyer
        show K7Q2-9F4M --part testimony --revision 2
        search
        search Öztürk --limit 5
        extract K7Q2-9F4M E3 --out -
        log
        log K7Q2-9F4M
        timeline K7Q2-9F4M
        timeline K7Q2-9F4M AAAA-BBBB --conflicts
        due
        due --within 90d
        due --within 0d
        due --within 6w
        share K7Q2-9F4M AAAA-BBBB --to lawyer --parts testimony,exhibits --history --yes --unverified --all-heads
        redact K7Q2-9F4M testimony --persons
        redact K7Q2-9F4M testimony --statement S1 --into notes/press --marked - --persons --lang ru --by P1 --yes
        redact K7Q2-9F4M testimony/redacted --check
        lint K7Q2-9F4M --to lawyer
        lint K7Q2-9F4M AAAA-BBBB --to lawyer --parts testimony,person/doctor --json
        share --update
        share --update --to lawyer --yes --unverified --all-heads
        share K7Q2-9F4M --to lawyer --parts person --purpose asylum_procedure
        share --update --purpose media --override -
        export K7Q2-9F4M --to lawyer --parts person --out b.age --override because
        consent K7Q2-9F4M
        withdraw K7Q2-9F4M P1
        withdraw K7Q2-9F4M P1 --date 2026-11 --notice n.txt --yes
        people K7Q2-9F4M
        explain K7Q2-9F4M
        incident device 1a2b3c4d
        incident contact lawyer --out r.txt
        incident bundle 00112233445566778899aabbccddeeff --into K7Q2-9F4M
        unshare K7Q2-9F4M --from lawyer --yes
        shares K7Q2-9F4M --contact lawyer
        inbox --from dir
        accept
        accept K7Q2-9F4M AAAA-BBBB --from dir
        export K7Q2-9F4M --to lawyer --parts person --out b.age --note n.txt --classic --yes --unverified --all-heads
        open b.age --out dir
        verify b.age
        import b.age
        ingest cases.jsonl --skip-bad
        check --read-data --accept-rollback
        checkpoint
        checkpoint --verify
        recovery split --shares 3/5
        recovery split --shares 2/3 --out pages --yes
        recovery drill
        recovery combine --out identity --kdf low --own
        demo dir
        --lock-after 0.05
        --vault v --lock-after 15
    ";

    const REFUSED: &str = "
        init --kdf extreme
        init --passphrase secret
        identity
        identity age-keys
        contact add lawyer
        contact add lawyer --card c --age age1xyz
        new --title Name
        put K7Q2-9F4M
        put K7Q2-9F4M person --form a.toml --from b.txt
        put K7Q2-9F4M person --form a.toml --lang kk
        template
        edit K7Q2-9F4M
        attach K7Q2-9F4M
        detach K7Q2-9F4M 3
        extract K7Q2-9F4M E3
        show K7Q2-9F4M --revision 0
        lint K7Q2-9F4M
        lint --to lawyer
        redact K7Q2-9F4M testimony
        redact K7Q2-9F4M testimony --check --persons
        search --limit 0
        share K7Q2-9F4M
        share K7Q2-9F4M --to lawyer
        share --to lawyer --parts person
        share --update K7Q2-9F4M
        share --update --parts person
        share --update --history
        consent
        withdraw K7Q2-9F4M
        people
        explain
        incident
        incident device
        unshare --from lawyer
        unshare K7Q2-9F4M
        export K7Q2-9F4M --to lawyer --parts person
        open
        checkpoint abacus zoom
        checkpoint --verify abacus
        demo
        list everything
        timeline
        due K7Q2-9F4M
        due --within 90
        due --within d
        due --within -1d
        due --within 1.5y
        due --within 99999999999d
        --lock-after 0
        --lock-after 15.01
        --lock-after NaN
        --lock-after -1
        --lock-after forever
        revoke K7Q2-9F4M
    ";
}
