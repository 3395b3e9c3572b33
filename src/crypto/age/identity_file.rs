//! Age keys for stock `age`: an identity file, itself sealed with a passphrase.

use std::io::Write;

use age::secrecy::SecretString;
use zeroize::Zeroizing;

use super::file::AgeWriter;
use super::keys::AgeKeys;
use crate::crypto::error::SealError;

/// Which keys an identity file holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyFileScope {
    /// Both keys, for age 1.3 and newer; older ones refuse the whole file at the hybrid key.
    Both,
    /// The classic key, and the hybrid one as a comment that older versions of age skip.
    ClassicHybridAsComment,
}

/// The scrypt work factor of age: `N = 2^18`, about one second and 256 MiB.
pub const AGE_WORK_FACTOR: u8 = 18;

/// Above this age refuses to open the file.
const MAX_WORK_FACTOR: u8 = 22;

/// How an identity file is sealed.
#[derive(Clone, Copy)]
pub struct KeyFileLock<'a> {
    /// What `age` will ask for.
    pub passphrase: &'a str,
    /// Base-two logarithm of the scrypt cost; [`AGE_WORK_FACTOR`] unless there is a reason, at most 22.
    pub work_factor: u8,
}

/// Writes both age keys, sealed with a passphrase, as `age -d -i FILE` takes them.
///
/// The output is given back neither flushed nor durable.
pub fn write_key_file<W: Write>(
    output: W,
    keys: &AgeKeys,
    scope: KeyFileScope,
    lock: KeyFileLock<'_>,
) -> Result<W, SealError> {
    let mut recipient = age::scrypt::Recipient::new(SecretString::from(lock.passphrase));
    recipient.set_work_factor(lock.work_factor.clamp(1, MAX_WORK_FACTOR));
    let mut writer = AgeWriter::begin(output, &recipient)?;
    writer.write_all(key_lines(keys, scope).as_bytes()).map_err(SealError::Io)?;
    writer.finish().map_err(SealError::Io)
}

fn key_lines(keys: &AgeKeys, scope: KeyFileScope) -> Zeroizing<String> {
    let (classic, hybrid) = (keys.classic_text(), keys.hybrid_text());
    let (classic_recipient, hybrid_recipient) =
        (keys.classic_recipient().to_string(), keys.hybrid_recipient().to_string());
    let hybrid_line = match scope {
        KeyFileScope::Both => "",
        KeyFileScope::ClassicHybridAsComment => {
            "# age 1.3 and newer also takes the next line, once \"# \" before it is removed\n# "
        }
    };
    let parts = [
        "# public key: ",
        &classic_recipient,
        "\n",
        classic.as_str(),
        "\n# public key: ",
        &hybrid_recipient,
        "\n",
        hybrid_line,
        hybrid.as_str(),
        "\n",
    ];
    // Long enough from the start: a text that grows leaves its beginning behind in freed memory.
    let mut lines = Zeroizing::new(String::with_capacity(parts.iter().map(|part| part.len()).sum()));
    parts.iter().for_each(|part| lines.push_str(part));
    lines
}
