//! The real program in a private home: every run starts from an empty environment.

#![allow(clippy::disallowed_methods, reason = "tests prepare files")]

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use sanduq::crypto::{Identity, Passphrase, seal_identity};
use sanduq::format::KdfCost;

/// The passphrase of every identity here.
pub(crate) const PASSPHRASE: &str = "жеті жұлдыз аспанда жарық тұр";

/// Why what names nobody is given all the same, where a test is not about consent.
pub(crate) const OVERRIDE: &str = "invented people, of whom nobody was asked";

/// A home folder, in which the program runs.
pub(crate) struct Home(tempfile::TempDir);

/// How a run ended.
pub(crate) struct Run {
    pub(crate) code: i32,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl Home {
    pub(crate) fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    /// A home with an identity and a vault, whose passphrase costs next to nothing to try: for many runs.
    pub(crate) fn with_cheap_vault() -> Self {
        use sanduq::crypto::{Identity, Passphrase, seal_identity};
        let home = Self::new();
        let cost = sanduq::format::KdfCost { memory_kib: 64, passes: 1, lanes: 2 };
        let passphrase = Passphrase::new(PASSPHRASE.to_owned());
        let file = seal_identity(&Identity::generate(), &passphrase, cost).unwrap();
        std::fs::create_dir_all(home.path(".config/sanduq")).unwrap();
        home.write(".config/sanduq/identity", file);
        home.run(&["init"]).succeeds();
        home
    }

    /// The identity in this home.
    pub(crate) fn identity(&self) -> sanduq::crypto::Identity {
        let file = std::fs::read(self.path(".config/sanduq/identity")).unwrap();
        sanduq::crypto::open_identity(&file, &sanduq::crypto::Passphrase::new(PASSPHRASE.to_owned())).unwrap()
    }

    /// A home with an identity and a vault.
    pub(crate) fn with_vault() -> Self {
        let home = Self::new();
        home.run(&["init", "--kdf", "low"]).succeeds();
        home
    }

    /// A home with a vault of this identity, which costs nothing to unlock: for scenes of many runs.
    pub(crate) fn of(identity: &Identity) -> Self {
        let home = Self::new();
        let cost = KdfCost { memory_kib: 8, passes: 1, lanes: 1 };
        let file = seal_identity(identity, &Passphrase::new(PASSPHRASE.to_owned()), cost).unwrap();
        std::fs::create_dir_all(home.path(".config/sanduq")).unwrap();
        home.write(".config/sanduq/identity", file);
        home.run(&["init"]).succeeds();
        home
    }

    /// A home with the identity of another one, and nothing that was remembered there.
    pub(crate) fn device_like(other: &Self) -> Self {
        let home = Self::new();
        std::fs::create_dir_all(home.path(".config/sanduq")).unwrap();
        let identity = ".config/sanduq/identity";
        std::fs::copy(other.path(identity), home.path(identity)).unwrap();
        home
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    pub(crate) fn write(&self, name: &str, bytes: impl AsRef<[u8]>) -> String {
        std::fs::write(self.path(name), bytes).unwrap();
        name.to_owned()
    }

    /// The program in this home, with its vault named and nothing else in the environment.
    pub(crate) fn command(&self) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_sanduq"));
        self.confine(&mut command);
        command
    }

    pub(crate) fn confine(&self, command: &mut Command) {
        command.env_clear().env("HOME", self.0.path()).env("SANDUQ_VAULT", self.path("vault"));
        command.env("PATH", "/usr/bin:/bin").current_dir(self.0.path());
    }

    /// Runs with the passphrase as the first line of standard input.
    pub(crate) fn run(&self, args: &[&str]) -> Run {
        self.run_with(args, "")
    }

    /// Runs with the passphrase, then `input`, on standard input.
    pub(crate) fn run_with(&self, args: &[&str], input: impl AsRef<[u8]>) -> Run {
        let mut command = self.command();
        command.args(["--passphrase-fd", "0"]).args(args);
        feed(&mut command, &[PASSPHRASE.as_bytes(), b"\n", input.as_ref()].concat())
    }

    /// Opens a case and gives its code.
    pub(crate) fn new_case(&self) -> String {
        self.run(&["new"]).succeeds().out.trim().to_owned()
    }

    /// Runs with `--json` and reads the document.
    pub(crate) fn json(&self, args: &[&str], input: &str) -> serde_json::Value {
        let run = self.run_with(&[args, &["--json"]].concat(), input).succeeds();
        serde_json::from_str(&run.out).unwrap_or_else(|error| panic!("{args:?}: {error}: {}", run.out))
    }
}

/// Runs a command with bytes on its standard input.
pub(crate) fn feed(command: &mut Command, input: &[u8]) -> Run {
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    // A program that refused before reading has closed the pipe.
    child.stdin.take().unwrap().write_all(input).ok();
    Run::of(&child.wait_with_output().unwrap())
}

impl Run {
    pub(crate) fn of(output: &Output) -> Self {
        let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
        let code = output.status.code().expect("the program was not killed");
        Self { code, out: text(&output.stdout), err: text(&output.stderr) }
    }

    #[track_caller]
    pub(crate) fn succeeds(self) -> Self {
        assert_eq!(self.code, 0, "{}", self.err);
        self
    }

    /// The exit code, one error line holding `words`, and a hint that names the next step.
    #[track_caller]
    pub(crate) fn fails(self, code: i32, words: &str) -> Self {
        assert_eq!(self.code, code, "{}", self.err);
        let first = self.err.lines().find(|line| line.starts_with("sanduq: error: ")).unwrap_or_default();
        let whole = first.to_owned()
            + &self.err.lines().filter(|line| line.contains("caused by")).collect::<String>();
        assert!(whole.contains(words), "{words:?} is not in {}", self.err);
        assert!(self.err.contains("sanduq: hint: "), "no next step in {}", self.err);
        assert!(!self.err.contains("panicked") && !self.err.contains("internal error"), "{}", self.err);
        self
    }
}

/// Everything under a folder, links and empty folders too, with the bytes of plain files outside `.config`: to see
/// that nothing was written anywhere.
pub(crate) fn tree_of(folder: &Path) -> Vec<(PathBuf, String, Vec<u8>)> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let metadata = path.symlink_metadata().unwrap();
        let kept = metadata.is_file() && !path.components().any(|part| part.as_os_str() == ".config");
        let bytes = if kept { std::fs::read(&path).unwrap() } else { Vec::new() };
        found.push((path.clone(), format!("{:?}", metadata.file_type()), bytes));
        if metadata.is_dir() {
            found.extend(tree_of(&path));
        }
    }
    found.sort();
    found
}

/// The first sign in a text that a terminal would obey or that turns the order of letters round.
pub(crate) fn first_obeyed(text: &str) -> Option<char> {
    let harmless = |c: char| c == '\n' || c == '\t' || !c.is_control();
    let turns = |c: char| matches!(c, '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{206f}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}');
    text.chars().find(|c| !harmless(*c) || turns(*c))
}

/// Every file under a folder with its bytes, to see that nothing was touched.
pub(crate) fn content_of(folder: &Path) -> Vec<(PathBuf, Vec<u8>)> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        match path.is_dir() {
            true => found.extend(content_of(&path)),
            false => found.push((path.clone(), std::fs::read(&path).unwrap())),
        }
    }
    found.sort();
    found
}
