//! `sanduq share`: cases to a contact, part by part.

use sanduq::record::PartName;
use sanduq::vault::SharePlan;

use super::Context;
use super::access::find_all;
use super::leaving::{Answers, Gone, ask, look, warn};
use super::permission::Errand;
use super::put::parse_part;
use super::words::count;
use crate::failure::Failure;
use crate::sanitize::one_line;

/// Share parts of cases with a contact, or send what changed since
#[derive(clap::Args, Debug)]
pub(crate) struct Args {
    /// Share the cases with these codes
    #[arg(value_name = "CODE", required_unless_present = "update", conflicts_with = "update")]
    pub(crate) codes: Vec<String>,
    /// Share with this contact
    #[arg(long, value_name = "LABEL", required_unless_present = "update")]
    pub(crate) to: Option<String>,
    /// Share these parts, and no others
    #[arg(long, value_name = "P,…", value_delimiter = ',')]
    #[arg(required_unless_present = "update", conflicts_with = "update")]
    pub(crate) parts: Vec<String>,
    /// Share their earlier revisions too
    #[arg(long, conflicts_with = "update")]
    pub(crate) history: bool,
    /// Send the newer revisions of what was shared before, to one contact or to all
    #[arg(long)]
    pub(crate) update: bool,
    #[command(flatten)]
    pub(crate) errand: Errand,
    #[command(flatten)]
    pub(crate) answers: Answers,
}

/// The two forms of the command.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Mode {
    /// Share these parts of these cases with one contact.
    Give {
        /// Case codes as typed.
        codes: Vec<String>,
        /// Label of the contact.
        to: String,
        /// Part names as typed.
        parts: Vec<String>,
        /// Whether earlier revisions go too.
        history: bool,
    },
    /// Send newer revisions of what was shared before, to one contact or to all.
    Update {
        /// Label of the contact, or none for all.
        to: Option<String>,
    },
}

impl Args {
    /// Returns which of the two forms was typed.
    pub(crate) fn mode(&self) -> Mode {
        match &self.to {
            Some(to) if !self.update => Mode::Give {
                codes: self.codes.clone(),
                to: to.clone(),
                parts: self.parts.clone(),
                history: self.history,
            },
            to => Mode::Update { to: to.clone() },
        }
    }
}

/// Runs the command.
pub(crate) fn run(args: Args, context: &mut Context) -> Result<(), Failure> {
    let mode = args.mode();
    let (errand, answers) = (args.errand.clone(), args.answers);
    let parts = args.parts.iter().map(|part| parse_part(part)).collect::<Result<Vec<PartName>, _>>()?;
    let mut vault = context.owner_vault()?;
    let plans = match mode {
        Mode::Give { codes, to, history, .. } => {
            let cases = find_all(&vault, &codes)?;
            vec![vault.plan_share(&cases, &to, &parts, history)?]
        }
        Mode::Update { to } => vault.plan_update(to.as_deref())?,
    };
    let plans = errand.judge(context, &vault, plans)?;
    let codes = look(
        context,
        &vault,
        &plans,
        answers,
        "what they fetch stays readable for them: this cannot be undone",
    )?;
    let warnings = warn(context, &vault, &plans)?;
    let plans = errand.permit(context, plans, &codes, answers.yes)?;
    for plan in &plans {
        ask(context, plan, answers)?;
        let working = context.ui.working("sealing and writing");
        let shared = vault.share(plan, context.now());
        drop(working);
        shared?;
    }
    let gone = plans.iter().zip(warnings).map(|(plan, warnings)| Gone::of(plan, &codes, warnings));
    let gone: Vec<Gone> = gone.collect();
    context.ui.answer(&gone, || page(&plans))
}

fn page(plans: &[SharePlan]) -> String {
    let line = |plan: &SharePlan| {
        let label = one_line(plan.to.label.as_str());
        let cases = count(plan.cases.len(), "case", "cases");
        format!("shared with {label}: {cases}, {}\n", count(plan.revisions(), "revision", "revisions"))
    };
    let lines: String = plans.iter().map(line).collect();
    lines
        + "they read it in this vault's folder or a copy of it, with their own identity and your card; \
           later revisions go only by `sanduq share --update`"
}
