//! `sanduq incident`: who can be read of after a device, a contact's keys or a bundle got into other hands.

mod report;

use std::path::PathBuf;

use sanduq::format::parse_form;
use sanduq::record::form::Form;
use sanduq::record::{BundleId, CaseId, PartName};
use sanduq::store::files;
use sanduq::vault::{ExposedCase, Incident, NewExhibit, NewText, Vault, VaultError, store_exhibit};

use self::report::Report;
use super::Context;
use super::access::parse_code;
use super::codes::Codes;
use super::words::count;
use crate::failure::Failure;
use crate::sanitize::one_line;

/// Say who can be read of after something got into other hands, whom to warn first, and what to do
#[derive(clap::Args, Debug)]
pub(crate) struct Args {
    #[command(subcommand)]
    pub(crate) what: What,
    /// Write the report to this new file, readable by anyone who gets at it
    #[arg(long, value_name = "FILE", global = true)]
    pub(crate) out: Option<PathBuf>,
    /// Keep the report, sealed, in the notes of the case with this code
    #[arg(long, value_name = "CODE", global = true)]
    pub(crate) into: Option<String>,
}

/// What got into other hands.
#[derive(clap::Subcommand, Debug)]
pub(crate) enum What {
    /// Look at a device of your own, as `log` names it
    Device {
        /// The device
        #[arg(value_name = "DEVICE")]
        device: String,
    },
    /// Look at a contact: what they were ever given
    Contact {
        /// The contact
        #[arg(value_name = "LABEL")]
        label: String,
    },
    /// Look at a bundle, by its id as `shares` shows it
    Bundle {
        /// The bundle
        #[arg(value_name = "ID")]
        id: String,
    },
}

/// Runs the command.
pub(crate) fn run(args: &Args, context: &mut Context) -> Result<(), Failure> {
    if let Some(path) = args.out.as_ref().filter(|path| path.symlink_metadata().is_ok()) {
        return Err(sanduq::store::StoreError::AlreadyExists { place: path.as_path().into() }.into());
    }
    let mut vault = context.owner_vault()?;
    let into =
        args.into.as_deref().map(|code| Ok::<_, Failure>(vault.find(&parse_code(code)?)?)).transpose()?;
    let (incident, subject) = incident(&vault, &args.what)?;
    let working = context.ui.working("reading who was exposed");
    let exposed = vault.exposure(incident);
    drop(working);
    let report = tell(&vault, incident, subject, &exposed?, context)?;
    let text = report.to_text();
    if let Some(path) = &args.out {
        files::create_new(path, text.as_bytes())?;
    }
    if let Some(case) = into {
        let part = keep(context, &mut vault, case, &report, &text)?;
        context.ui.status(&format!("kept in {part}: share or export it as any part"));
    }
    context.ui.answer(&report, || text.clone())
}

/// What is meant, and how it is called.
fn incident(vault: &Vault, what: &What) -> Result<(Incident, String), Failure> {
    match what {
        What::Contact { label } => {
            let contact = vault.contacts().find(label)?;
            Ok((Incident::Contact(contact.recipient()), format!("contact {}", contact.label)))
        }
        What::Device { device } => match vault.writers_named(device).as_slice() {
            [writer] if device.len() >= 4 => {
                Ok((Incident::Device(*writer), format!("device {}", &writer.to_string()[..8])))
            }
            [] => Err(Failure::refused(format!("no device here is named {}", one_line(device)))
                .hint("`sanduq log` shows the devices: eight letters and digits each")),
            _ => Err(Failure::refused(format!("{} does not name one device", one_line(device)))
                .hint("give all eight letters and digits that `sanduq log` shows")),
        },
        What::Bundle { id } => {
            let found = BundleId::from_hex(&id.to_lowercase());
            let given = |bundle: &BundleId| {
                vault.shares(None).map(|all| all.iter().any(|line| line.bundle == Some(*bundle)))
            };
            match found {
                Some(bundle) if given(&bundle)? => Ok((Incident::Bundle(bundle), format!("bundle {bundle}"))),
                _ => Err(Failure::refused(format!("no bundle {} was written here", one_line(id)))
                    .hint("`sanduq shares --json` shows the ids of bundles, 32 letters and digits each")),
            }
        }
    }
}

fn tell(
    vault: &Vault,
    incident: Incident,
    subject: String,
    exposed: &[ExposedCase],
    context: &Context,
) -> Result<Report, Failure> {
    let cases: Vec<CaseId> = exposed.iter().map(|case| case.case).collect();
    let codes = Codes::in_vault(vault, &cases)?;
    let mut report = Report::new(incident, subject, context.now());
    if let Incident::Device(writer) = incident {
        report.last_seen = vault.last_seen(&writer);
    }
    for case in exposed {
        let forms = forms(vault, case.case)?;
        report.take(codes.of(&case.case), case, &forms);
    }
    report.sort();
    Ok(report)
}

/// The forms of a case that can be read, for names and roles: the report says whom to warn by the names the owner has.
fn forms(vault: &Vault, case: CaseId) -> Result<Vec<Form>, Failure> {
    let view = vault.case(case)?;
    let mut forms = Vec::new();
    for part in view.part_names() {
        for head in view.heads(part) {
            match view.open(vault.store(), head) {
                Ok(opened) => {
                    forms.extend(opened.revision.form.as_deref().and_then(|form| parse_form(form).ok()));
                }
                Err(VaultError::Damaged(..)) => {}
                Err(error) => return Err(error.into()),
            }
        }
    }
    Ok(forms)
}

/// Keeps the report in a part of its own: the text, and the same as JSON.
fn keep(
    context: &Context,
    vault: &mut Vault,
    case: CaseId,
    report: &Report,
    text: &str,
) -> Result<PartName, Failure> {
    let now = context.now();
    let name = format!("notes/incident-{}", now.date());
    let part: PartName = name.parse().map_err(|error| Failure::new(crate::failure::Kind::Other, error))?;
    let json = serde_json::to_vec_pretty(report).expect("a report is JSON");
    let size = json.len() as u64;
    let go = &mut |_| std::ops::ControlFlow::Continue(());
    let stored = store_exhibit(vault.store(), &mut json.as_slice(), size, go)?;
    let new = NewText { text: text.to_owned(), lang: None, add: true };
    vault.put_text(case, &part, &new, now)?;
    vault.attach(case, &part, &[NewExhibit { name: "incident.json".into(), stored }], now)?;
    context.ui.status(&count(report.people(), "person is named in it", "persons are named in it"));
    Ok(part)
}
