//! An activist, a lawyer and an agency who know each other, for scenes with several people.

use sanduq::crypto::{Passphrase, open_identity};
use sanduq::record::Time;
use sanduq::vault::{Contacts, Desk};

use crate::support::program::{Home, OVERRIDE, PASSPHRASE};

/// A testimony in three scripts.
pub(super) const TESTIMONY: &str = "Мен көрдім.\nمەن كۆردۈم.\n我看见了。";

/// The same as it is shown.
pub(super) const SHOWN: &str = "| Мен көрдім.\n| مەن كۆردۈم.\n| 我看见了。";

/// Three people, each with a vault; neighbours have compared their words.
pub(super) struct Circle {
    pub(super) activist: Home,
    pub(super) lawyer: Home,
    pub(super) agency: Home,
}

impl Circle {
    pub(super) fn new() -> Self {
        let circle =
            Self { activist: Home::with_vault(), lawyer: Home::with_vault(), agency: Home::with_vault() };
        meet(&circle.activist, "lawyer", &circle.lawyer);
        meet(&circle.lawyer, "activist", &circle.activist);
        meet(&circle.lawyer, "agency", &circle.agency);
        meet(&circle.agency, "lawyer", &circle.lawyer);
        circle
    }

    /// A case of the activist's with a testimony, who gave it, and a file.
    pub(super) fn case(&self) -> String {
        let code = self.activist.new_case();
        self.activist.run_with(&["put", &code, "testimony"], TESTIMONY).succeeds();
        self.activist.run_with(&["put", &code, "person/doctor"], "Dr Nadia Example, Altwil").succeeds();
        self.activist.write("фото.jpg", vec![7; 100_000]);
        self.activist.run(&["attach", &code, "фото.jpg"]).succeeds();
        code
    }

    /// Shares parts of a case of the activist's with the lawyer.
    pub(super) fn share(&self, code: &str, parts: &str) {
        self.activist
            .run(&["share", code, "--to", "lawyer", "--parts", parts, "--override", OVERRIDE, "--yes"])
            .succeeds();
    }

    /// A bundle of the activist's for the lawyer.
    pub(super) fn bundle(&self, code: &str, parts: &str, name: &str) -> String {
        let file = path(&self.lawyer, name);
        self.activist
            .run(&[
                "export",
                code,
                "--to",
                "lawyer",
                "--parts",
                parts,
                "--override",
                OVERRIDE,
                "--out",
                &file,
                "--yes",
            ])
            .succeeds();
        file
    }
}

/// A path in a home, as an argument.
pub(super) fn path(home: &Home, name: &str) -> String {
    home.path(name).to_str().unwrap().to_owned()
}

/// Adds another's card, unverified.
pub(super) fn add(home: &Home, label: &str, other: &Home) {
    let card = path(other, "card");
    if !other.path("card").exists() {
        other.run(&["card", "--out", &card]).succeeds();
    }
    home.run(&["contact", "add", label, "--card", &card]).succeeds();
}

/// Adds another's card and counts it as compared, as `contact verify` does at a terminal.
pub(super) fn meet(home: &Home, label: &str, other: &Home) {
    add(home, label, other);
    let file = home.path(".config/sanduq/identity");
    let identity =
        open_identity(&std::fs::read(&file).unwrap(), &Passphrase::new(PASSPHRASE.to_owned())).unwrap();
    let desk = Desk::beside(&file, b"machine");
    let mut contacts = Contacts::load(&desk, &identity).unwrap();
    contacts.verify(&desk, &identity, &label.parse().unwrap(), Time::from_seconds(1_795_356_000)).unwrap();
}
