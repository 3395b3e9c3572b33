//! A later identity file.

use super::answered;
use crate::support::pair::Pair;
use crate::support::program::feed;

#[test]
fn a_later_identity_file_is_answered_at_every_entrance_before_a_passphrase_is_asked() {
    let pair = Pair::new();
    let home = &pair.activist;
    let file = home.path(".config/sanduq/identity");
    let mut later = std::fs::read(&file).unwrap();
    later[17] = 2;
    // Of a later version nothing but the first 18 bytes is known, not even the length.
    for rest in [later.len(), 18, 4096] {
        later.resize(rest, 7);
        std::fs::write(&file, &later).unwrap();
        let code = pair.code.as_str();
        for args in [
            &["card"][..],
            &["card", "--out", "my.card"],
            &["identity", "passphrase", "--kdf", "low"],
            &["identity", "age-keys", "--out", "keys.age"],
            &["init", "--vault", "another"],
            &["list"],
            &["show", code],
            &["put", code, "notes"],
            &["check"],
            &["inbox"],
            &["contact", "list"],
            &["contact", "add", "other", "--card", "card"],
            &["verify", "case.age"],
            &["open", "case.age"],
            &["import", "case.age"],
        ] {
            // `init` makes the empty folder first; that is no part of what is left untouched.
            if args[0] == "init" {
                std::fs::create_dir_all(home.path("another")).unwrap();
            }
            answered(home, args);
        }
        // No passphrase is given, and none is missed.
        let mut command = home.command();
        command.args(["--passphrase-fd", "0", "card"]);
        feed(&mut command, b"").fails(1, super::NEWER);
    }
    home.run(&["identity", "new", "--kdf", "low"]).fails(14, "already");
}
