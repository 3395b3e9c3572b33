//! `sanduq check --accept-loss`: what is lost with parts of the index, shown first and then given up.

use sanduq::vault::{LossPlan, Vault};

use super::log::{Line, page};
use super::words::count;
use super::{Context, log};
use crate::failure::Failure;

/// Shows what is lost, asks, and gives it up; gives of how many operations something is lost.
pub(super) fn accept(context: &Context, vault: &mut Vault, yes: bool) -> Result<usize, Failure> {
    if vault.is_rolled_back() {
        return Err(sanduq::vault::VaultError::RolledBack.into());
    }
    let plan = vault.plan_loss()?;
    let lines = plan.lost.iter().map(|line| log::read_line(vault, line)).collect::<Result<Vec<_>, _>>()?;
    context.ui.status(&told(&plan, &lines));
    let question =
        if plan.parts() == 0 { "join what was found again?" } else { "give it up and write on from here?" };
    context.ui.confirm(question, yes)?;
    vault.accept_loss(&plan, context.now())?;
    Ok(plan.lost.len())
}

fn told(plan: &LossPlan, lines: &[Line]) -> String {
    let found = count(plan.found, "fact", "facts");
    if plan.parts() == 0 {
        return format!(
            "{found} found again in parts of the index that are here again; nothing is lost by joining them"
        );
    }
    let parts = count(plan.parts(), "part", "parts");
    let mut text = format!(
        "{parts} of the vault's index cannot be read; {found} of them found again in older parts and in the log\n"
    );
    match lines {
        [] => text.push_str("nothing that the log knows of is lost"),
        _ => {
            let lost = count(lines.len(), "thing", "things");
            text.push_str(&format!(
                "lost, as far as the log knows, are {lost} that were recorded:\n{}",
                page(lines)
            ));
        }
    }
    if plan.unread_entries > 0 {
        let unread = count(plan.unread_entries, "entry", "entries");
        text.push_str(&format!("\n{unread} of the log cannot be read: what they recorded may be lost too"));
    }
    text + "\nif another copy of the vault has those parts whole, copy it over this one first; giving them up cannot be undone \
            here, and a part that comes back later can still be joined"
}
