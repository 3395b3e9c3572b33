//! The middle: what the lawyer is given, sees, takes in, and hands on to the agency.

use std::ops::ControlFlow;

use sanduq::crypto::age::recipient::AgeRecipient;
use sanduq::record::form::Purpose;
use sanduq::store::files::NewFile;
use sanduq::vault::{SharePlan, SharedVault, Vault, VaultError};

use super::{CLASSIC, HYBRID, Story, parts};
use crate::commands::bundles::{Judged, read_as};
use crate::commands::export::carry_out;
use crate::commands::words::count;
use crate::failure::{Failure, Kind};

impl Story<'_> {
    /// The activist shares parts of two cases; the lawyer looks, and does not see the rest.
    pub(super) fn share(&self) -> Result<(), Failure> {
        self.scene("the activist shares parts of two cases with the lawyer")?;
        let mut vault = self.activist.open_vault()?;
        let named = parts(&["testimony", "exhibits"])?;
        let plan = vault.plan_share(&self.ids(&[0, 1]), "lawyer", &named, false)?;
        let plan = self.agreed(&vault, plan, "legal_representation")?;
        for case in &plan.cases {
            for part in &case.parts {
                let staying = match part.staying {
                    0 => String::new(),
                    some => format!(
                        "; {} behind",
                        count(some, "earlier revision stays", "earlier revisions stay")
                    ),
                };
                self.say(&format!("{}  {}: the current revision{staying}", case.code, part.part))?;
            }
        }
        self.say("What she fetches stays readable for her: that cannot be undone, so it is asked before.")?;
        vault.share(&plan, self.context.now())?;
        self.not_asked(&vault)?;

        self.scene("the lawyer looks into the same folder, with her own identity")?;
        let shared = self.lawyer.visit(&self.activist)?;
        for at in [0, 1] {
            self.say(&format!("{}  {}", self.code(at), self.testimony(&shared, at)?))?;
        }
        self.not_shared(&shared)?;
        self.say("The same words as for a case that does not exist.")
    }

    /// Asks the consents, which here say yes.
    fn agreed(&self, vault: &Vault, plan: SharePlan, purpose: &str) -> Result<SharePlan, Failure> {
        let word: Purpose = purpose.parse().map_err(|error| Failure::new(Kind::Other, error))?;
        let plan = vault.judge(plan, Some(word), self.context.now())?;
        match plan.may_go() {
            true => self.say(&format!("everybody whose data goes agreed to {purpose}")).map(|()| plan),
            false => Err(Failure::say(Kind::Other, "a consent of the demo is missing")),
        }
    }

    /// Tries to share the third case, of which nobody was asked.
    fn not_asked(&self, vault: &Vault) -> Result<(), Failure> {
        let plan = vault.plan_share(&self.ids(&[2]), "lawyer", &parts(&["testimony"])?, false)?;
        let plan = vault.judge(plan, None, self.context.now())?;
        self.say(&format!("{}  is refused:", self.code(2)))?;
        for lacking in plan.judgement.iter().flat_map(|judged| &judged.lacking) {
            self.say(&format!("   {}", lacking.what))?;
        }
        match plan.may_go() {
            true => Err(Failure::say(Kind::Corrupt, "a case goes out of which nobody was asked")),
            false => Ok(()),
        }
    }

    /// Asks, as the lawyer, for a part and for a case that she was not given.
    fn not_shared(&self, shared: &SharedVault) -> Result<(), Failure> {
        let refused = || Failure::say(Kind::Corrupt, "something that was not shared can be read");
        for (case, part) in self.ids(&[0]).into_iter().zip(parts(&["person/doctor"])?) {
            if shared.views(case)?.iter().any(|view| !view.revisions(&part).is_empty()) {
                return Err(refused());
            }
            self.say(&VaultError::NotShared(format!("{} {part}", self.code(0))).to_string())?;
        }
        let (_, code) = self.cases.get(2).ok_or_else(refused)?;
        match shared.find(code) {
            Err(error @ VaultError::NotShared(_)) => self.say(&error.to_string()),
            _ => Err(refused()),
        }
    }

    /// What a reader finds as the testimony of a case.
    pub(super) fn testimony(&self, shared: &SharedVault, at: usize) -> Result<String, Failure> {
        for (case, part) in self.ids(&[at]).into_iter().zip(parts(&["testimony"])?) {
            for view in shared.views(case)? {
                if let Some(fact) = view.heads(&part).first() {
                    return Ok(view.open(shared.store(), fact)?.revision.text.unwrap_or_default());
                }
            }
        }
        Err(Failure::say(Kind::Corrupt, "the testimony is not there"))
    }

    /// The lawyer takes the cases into her own vault and hands one on.
    pub(super) fn hand_on(&self) -> Result<(), Failure> {
        self.scene("the lawyer takes them into her own vault, and hands one on to the agency")?;
        let now = self.context.now();
        self.lawyer.create_vault(now)?;
        let mut vault = self.lawyer.open_vault()?;
        let shared = self.lawyer.visit(&self.activist)?;
        let taken = vault.accept(&shared, None, &mut |_| ControlFlow::Continue(()), now)?;
        self.say(&format!(
            "accepted {}: signed by the activist as before, sealed anew under keys of hers",
            count(taken.cases.len(), "case", "cases")
        ))?;
        let ids = self.ids(&[0]);
        let plan = vault.plan_share(&ids, "agency", &parts(&["testimony"])?, false)?;
        let plan = self.agreed(&vault, plan, "resettlement_submission")?;
        vault.share(&plan, now)?;
        self.say(&format!("shared with the agency, to be read in her folder: {} testimony", self.code(0)))?;
        let card = self.agency.desktop.identity.card();
        for (name, recipient) in [(HYBRID, card.hybrid()), (CLASSIC, card.classic())] {
            let plan = vault.plan_export(&ids, "agency", &parts(&["testimony", "exhibits"])?)?;
            let plan = self.agreed(&vault, plan, "resettlement_submission")?;
            let file = NewFile::create(&self.folder.join(name))?;
            let (_, written) = carry_out(self.context, &mut vault, &plan, &recipient, file)?;
            let opens = match recipient {
                AgeRecipient::Hybrid(_) => "sanduq, age 1.3; also against quantum computers",
                AgeRecipient::Classic(_) => "every age program",
            };
            self.say(&format!("exported {name:<22} {} bytes; opens with {opens}", written.bytes))?;
        }
        Ok(())
    }

    /// The agency verifies a bundle, and reads it.
    pub(super) fn judge(&self) -> Result<(), Failure> {
        self.scene("the agency verifies the bundle")?;
        let contacts =
            sanduq::vault::Contacts::load(&self.agency.desktop.desk, &self.agency.desktop.identity)?;
        let identity = &self.agency.desktop.identity;
        for name in [HYBRID, CLASSIC] {
            let bundle = read_as(self.context, &self.folder.join(name), identity, &contacts)?;
            if name == HYBRID {
                self.say(&Judged::of(bundle.verified(), identity.card(), &contacts)?.to_text())?;
            }
        }
        let shared = self.agency.visit(&self.lawyer)?;
        self.say(&format!(
            "\nIn the lawyer's folder it reads {}, and nothing else.",
            count(shared.cases()?.len(), "case", "cases")
        ))
    }
}
