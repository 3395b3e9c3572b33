//! Whether consent lets a plan go: what is missing on the screen, the refusal, and going ahead all the same.

use sanduq::record::form::{Line, Purpose};
use sanduq::vault::{Lacking, SharePlan, Vault};

use super::Context;
use super::codes::Codes;
use super::words::count;
use crate::failure::{Failure, Kind};
use crate::sanitize::one_line;

/// Things missing that are listed one by one; of more only the count is shown.
const SHOWN: usize = 40;

/// What it is for, and why it goes although consent is missing.
#[derive(clap::Args, Clone, Debug)]
pub(crate) struct Errand {
    /// Say what it is for, such as legal_representation or asylum_procedure; the consents must name it
    #[arg(long, value_name = "WORD")]
    pub(crate) purpose: Option<String>,
    /// Go ahead although consent is missing, for this reason, which the log keeps; - asks for it
    #[arg(long = "override", value_name = "REASON")]
    pub(crate) override_reason: Option<String>,
}

impl Errand {
    /// Asks the consents about each plan.
    pub(super) fn judge(
        &self,
        context: &Context,
        vault: &Vault,
        plans: Vec<SharePlan>,
    ) -> Result<Vec<SharePlan>, Failure> {
        let purpose = self.purpose.as_deref().map(read_purpose).transpose()?;
        let judge = |plan| Ok(vault.judge(plan, purpose.clone(), context.now())?);
        plans.into_iter().map(judge).collect()
    }

    /// Shows what is missing, and refuses where something is, unless it is overruled and confirmed.
    pub(super) fn permit(
        &self,
        context: &Context,
        plans: Vec<SharePlan>,
        codes: &Codes,
        yes: bool,
    ) -> Result<Vec<SharePlan>, Failure> {
        for plan in &plans {
            tell_of_persons(context, plan, codes);
        }
        let lacking: Vec<&Lacking> = plans
            .iter()
            .filter_map(|plan| plan.judgement.as_ref())
            .flat_map(|judged| &judged.lacking)
            .collect();
        if lacking.is_empty() {
            if self.override_reason.is_some() {
                context.ui.status("everybody consents: nothing is overridden");
            }
            return Ok(plans);
        }
        context.ui.status(&page(&lacking, codes));
        let Some(reason) = &self.override_reason else { return Err(refused(&lacking)) };
        let reason = read_reason(context, reason)?;
        context.ui.confirm(
            &format!(
                "consent is missing, as listed: give it all the same, because “{}”?",
                one_line(reason.as_str())
            ),
            yes,
        )?;
        Ok(plans.into_iter().map(|plan| plan.overruled(reason.clone())).collect())
    }
}

/// Reads the word of a purpose.
fn read_purpose(text: &str) -> Result<Purpose, Failure> {
    text.parse().map_err(|error: sanduq::record::form::FormError| {
        let remedy = error.fault.remedy();
        Failure::usage(format!("`{}` is no purpose", one_line(text))).hint(remedy)
    })
}

fn read_reason(context: &Context, reason: &str) -> Result<Line, Failure> {
    let typed = match reason {
        "-" => context.ui.prompt_line("reason to give it although consent is missing")?.to_string(),
        typed => typed.to_owned(),
    };
    typed.parse::<Line>().map_err(|error| {
        Failure::unfit("the reason cannot be taken", error.clone()).hint(error.fault.remedy())
    })
}

/// Who is not asked, and whose consent was to be asked for again.
fn tell_of_persons(context: &Context, plan: &SharePlan, codes: &Codes) {
    let Some(judged) = &plan.judgement else { return };
    let told = [
        (&judged.not_asked, "is nothing but a perpetrator here, and is not asked for consent"),
        (&judged.to_review, "was to be asked for consent again by now"),
    ];
    for (persons, what) in told {
        for (case, person) in persons.iter().take(SHOWN) {
            context.ui.status(&format!("{} {person} {what}", codes.of(case)));
        }
        if persons.len() > SHOWN {
            context.ui.status(&format!("and {} more", persons.len() - SHOWN));
        }
    }
}

fn page(lacking: &[&Lacking], codes: &Codes) -> String {
    let mut text = String::from("consent is missing:");
    for one in lacking.iter().take(SHOWN) {
        let parts: Vec<&str> = one.parts.iter().map(sanduq::record::PartName::as_str).collect();
        let place = one.case.as_ref().map(|case| format!("{} {}: ", codes.of(case), parts.join(", ")));
        let what = one_line(&one.what.to_string()).into_owned();
        text.push_str(&format!("\n  {}{what}", place.unwrap_or_default()));
    }
    if lacking.len() > SHOWN {
        text.push_str(&format!("\n  and {} more", lacking.len() - SHOWN));
    }
    text
}

fn refused(lacking: &[&Lacking]) -> Failure {
    let things = count(lacking.len(), "consent is", "consents are");
    let failure = Failure::say(Kind::Refused, format!("nothing was given: {things} missing, as listed"));
    let mut remedies: Vec<&str> = Vec::new();
    for one in lacking {
        if !remedies.contains(&one.what.remedy()) {
            remedies.push(one.what.remedy());
        }
    }
    remedies
        .into_iter()
        .fold(failure, |failure, remedy| failure.hint(remedy))
        .hint("to give it all the same, add --override REASON: it stands in the log")
}
