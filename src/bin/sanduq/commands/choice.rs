//! Choosing a passphrase and what guessing it costs; making identity files.

use std::path::Path;
use std::sync::Arc;

use sanduq::crypto::{
    Identity, IdentityFileError, Passphrase, check_strength, generate_passphrase, seal_identity,
};
use sanduq::format::KdfCost;
use sanduq::store::files;
use zeroize::Zeroizing;

use super::Context;
use crate::args::{Kdf, NewPassphrase};
use crate::failure::{Failure, Kind};

/// Memory left to others beside what the passphrase's cost takes, in KiB.
const SPARE_KIB: u64 = 128 << 10;

/// Draws an identity and writes its file at `path`, which must be free.
pub(super) fn make_identity(
    context: &Context,
    path: &Path,
    wish: &NewPassphrase,
) -> Result<Arc<Identity>, Failure> {
    check_free(path, OTHER_IDENTITY)?;
    write_identity(context, path, wish, Identity::generate)
}

/// What else to do where something stands in the place of an identity file.
pub(super) const OTHER_IDENTITY: &str =
    "nothing is overwritten; name another file, or use this identity with `--identity FILE`";

/// Refuses a place where something is.
pub(super) fn check_free(path: &Path, instead: &'static str) -> Result<(), Failure> {
    match path.symlink_metadata().is_ok() {
        false => Ok(()),
        true => {
            Err(Failure::refused(format!("there is something at {} already", path.display())).hint(instead))
        }
    }
}

/// Has a passphrase chosen for an identity and writes its file at `path`.
pub(super) fn write_identity(
    context: &Context,
    path: &Path,
    wish: &NewPassphrase,
    identity: impl FnOnce() -> Identity,
) -> Result<Arc<Identity>, Failure> {
    if let Some(folder) = path.parent().filter(|folder| *folder != Path::new("")) {
        files::make_folder(folder)?;
    }
    let passphrase = choose(context, wish)?;
    let identity = identity();
    files::create_new(path, &seal(context, &identity, &passphrase, wish)?)?;
    Ok(Arc::new(identity))
}

/// Seals an identity at the cost wished for or, where nothing was wished, at the highest that this machine's
/// memory allows, which is said.
pub(super) fn seal(
    context: &Context,
    identity: &Identity,
    passphrase: &Passphrase,
    wish: &NewPassphrase,
) -> Result<Vec<u8>, Failure> {
    let costs = match wish.kdf {
        Some(Kdf::High) => vec![KdfCost::HIGH],
        Some(Kdf::Standard) => vec![KdfCost::STANDARD],
        Some(Kdf::Low) => vec![KdfCost::LOW],
        None => vec![KdfCost::HIGH, KdfCost::STANDARD, KdfCost::LOW],
    };
    let available = context.settings.available_memory_kib().unwrap_or(u64::MAX);
    let last = costs.len() - 1;
    for (i, cost) in costs.into_iter().enumerate() {
        if i < last && u64::from(cost.memory_kib) + SPARE_KIB > available {
            continue;
        }
        let working = context.ui.working("sealing the identity file");
        let sealed = seal_identity(identity, passphrase, cost);
        drop(working);
        match sealed {
            Err(IdentityFileError::OutOfMemory(_)) if i < last => {}
            sealed => {
                let sealed = sealed?;
                if i > 0 {
                    context.ui.warn(&format!(
                        "this machine has not 1 GiB of memory to spare: guessing the passphrase costs only {} MiB",
                        cost.memory_kib >> 10
                    ));
                    context.ui.hint(
                        "on a machine with more memory, `sanduq identity passphrase --kdf high` raises it",
                    );
                }
                return Ok(sealed);
            }
        }
    }
    Err(Failure::say(Kind::Other, "no cost was left to try"))
}

/// Has a passphrase chosen: a line of the descriptor, the person's own, or seven generated words.
pub(super) fn choose(context: &Context, wish: &NewPassphrase) -> Result<Passphrase, Failure> {
    if wish.own || context.ui.has_passphrase_descriptor() {
        return own(context, "new passphrase").map(Passphrase::new);
    }
    let passphrase = generate_passphrase();
    let words = Zeroizing::new(passphrase.reveal().to_owned());
    loop {
        context.ui.show_secret(
            "your passphrase: never tell anyone\n\nWrite it down on paper or learn it now.\n\
             Without it nothing opens, and nobody can give it back to you.\n\
             You type it back on the next screen.",
            &words,
        )?;
        let typed = context.ui.prompt_passphrase("type the passphrase back")?;
        if passphrase.matches(&Passphrase::new(typed)) {
            return Ok(passphrase);
        }
        context.ui.status("that is not the passphrase; it is shown again (Ctrl-C ends, and nothing is made)");
        context.ui.prompt_line("Enter shows it")?;
    }
}

/// Has the person choose: typed twice at a terminal, one line of a descriptor. Returned as it was typed.
pub(super) fn own(context: &Context, question: &str) -> Result<Zeroizing<String>, Failure> {
    let asked = !context.ui.has_passphrase_descriptor();
    loop {
        let typed = context.ui.prompt_passphrase(question)?;
        let wrong = match check_strength(&Passphrase::new(typed.clone())) {
            Err(weak) if asked => weak.to_string(),
            Err(weak) => {
                return Err(Failure::new(Kind::Refused, weak).hint(
                    "seven words drawn by chance are best: without --passphrase-fd sanduq draws them",
                ));
            }
            Ok(()) if !asked => return Ok(typed),
            Ok(()) => {
                let again = context.ui.prompt_passphrase("the same again")?;
                if Passphrase::new(typed.clone()).matches(&Passphrase::new(again)) {
                    return Ok(typed);
                }
                "the two differ".to_owned()
            }
        };
        context.ui.status(&format!("{wrong}; try again, or end with Ctrl-C"));
    }
}
