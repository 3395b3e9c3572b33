//! Two people with the program, between whom a case went both ways it can go: shared, and in a bundle.

use std::path::PathBuf;

use sanduq::crypto::ObjectType;
use sanduq::store::LocalStore;

use super::keys::{Keys, keys_of};
use super::program::{Home, OVERRIDE};

/// An activist's home, and that of a lawyer to whom a case was shared and exported.
pub(crate) struct Pair {
    pub(crate) activist: Home,
    pub(crate) lawyer: Home,
    pub(crate) code: String,
}

impl Pair {
    pub(crate) fn new() -> Self {
        let (activist, lawyer) = (Home::with_cheap_vault(), Home::with_cheap_vault());
        for (home, label, other) in [(&activist, "lawyer", &lawyer), (&lawyer, "activist", &activist)] {
            let card = other.identity().card().to_text();
            home.write("card", card);
            home.run(&["contact", "add", label, "--card", "card"]).succeeds();
        }
        let code = activist.new_case();
        activist.run_with(&["put", &code, "testimony"], "Мен көрдім.\n古丽在二〇一八年被带走。").succeeds();
        // Of several pieces, as exhibits are read: the first could go out before the last is seen to be changed.
        activist.write("видео.mp4", "EXHIBIT-WORDS ".repeat(180_000));
        activist.run(&["attach", &code, "видео.mp4"]).succeeds();
        let give = [
            "--to",
            "lawyer",
            "--parts",
            "testimony,exhibits",
            "--override",
            OVERRIDE,
            "--unverified",
            "--yes",
        ];
        activist.run(&[&["share", code.as_str()][..], &give].concat()).succeeds();
        let bundle = lawyer.path("case.age").to_str().unwrap().to_owned();
        activist.run(&[&["export", code.as_str(), "--out", &bundle][..], &give].concat()).succeeds();
        Self { activist, lawyer, code }
    }

    /// Type and key of every object in the activist's vault.
    pub(crate) fn keys(&self) -> Keys {
        let store = LocalStore::open(&self.activist.path("vault")).unwrap();
        keys_of(&store, &self.activist.identity(), &[self.lawyer.identity().card()])
    }

    /// The files of the objects of one kind in the activist's vault.
    pub(crate) fn objects(&self, kind: ObjectType) -> Vec<PathBuf> {
        let keys = self.keys();
        let found = keys.iter().filter(|(_, (other, _))| *other == kind);
        found.map(|(name, _)| self.activist.path("vault").join(name.path())).collect()
    }
}
