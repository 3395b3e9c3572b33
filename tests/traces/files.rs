//! Which files the program writes, and that it knows no network: the system's own record of its calls (`strace`).

use std::path::{Path, PathBuf};
use std::process::Command;

use super::memory::{home, play};
use crate::support::program::{Home, OVERRIDE, PASSPHRASE, feed};

/// Calls that change something at a path. `open` does only with these flags.
const CHANGING: [&str; 17] = [
    "chmod", "chown", "creat", "fchmodat", "fchownat", "lchown", "link", "linkat", "mkdir", "mkdirat",
    "mknod", "rename", "renameat", "rmdir", "symlink", "truncate", "unlink",
];
const WRITING: [&str; 3] = ["O_WRONLY", "O_RDWR", "O_CREAT"];

/// Runs the program under `strace` and gives the paths it changed or opened for writing.
fn traced(home: &Home, args: &[&str], fed: &str) -> Vec<PathBuf> {
    let record = home.path("calls");
    let mut command = Command::new("strace");
    home.confine(&mut command);
    command.env("TMPDIR", home.path("tmp")).args(["-f", "-qq", "-y", "-s", "4096", "-o"]).arg(&record);
    command.args(["-e", "trace=%file,%network", env!("CARGO_BIN_EXE_sanduq"), "--passphrase-fd", "0"]);
    feed(command.args(args), format!("{PASSPHRASE}\n{fed}").as_bytes()).succeeds();
    let calls = std::fs::read_to_string(&record).unwrap();
    std::fs::remove_file(&record).unwrap();
    assert!(calls.contains("openat("), "nothing was recorded: {calls}");
    calls.lines().flat_map(|line| changed(line, &home.path(""))).collect()
}

/// The paths a call changes. Any call of the network fails the test.
fn changed(line: &str, here: &Path) -> Vec<PathBuf> {
    let Some((name, rest)) = line.split_once(' ').and_then(|(_, call)| call.trim().split_once('(')) else {
        return Vec::new();
    };
    let opens = name.starts_with("open") && WRITING.iter().any(|flag| rest.contains(flag));
    let changes = opens || CHANGING.iter().any(|call| name == *call || name == format!("{call}2"));
    let moves_names = ["unlinkat", "utimensat", "renameat2"].contains(&name);
    assert!(opens || name.starts_with("open") || !name.starts_with("so"), "the network: {line}");
    assert!(!["bind", "connect", "sendto", "sendmsg", "recvfrom", "recvmsg"].contains(&name), "{line}");
    // What has no name yet gets one by a later call.
    if (!changes && !moves_names) || rest.contains("O_TMPFILE") {
        return Vec::new();
    }
    let mut folder = here.to_path_buf();
    let mut found = Vec::new();
    for (i, quoted) in rest.split('"').enumerate() {
        match (i % 2, quoted.rsplit_once('<').and_then(|(_, path)| path.split_once('>'))) {
            (0, Some((path, _))) => folder = path.into(),
            (0, None) => {}
            _ => found.push(folder.join(quoted)),
        }
    }
    found
}

/// Fails when anything is written beside the vault, the files of the identity and what was named, when a socket is
/// made, and when a text, a passphrase or a key stands in any file that is not meant to be read.
#[test]
fn nothing_is_written_elsewhere_and_nothing_readable_is_left() {
    let (home, other) = home();
    std::fs::create_dir(home.path("tmp")).unwrap();
    let plain = ["read.txt", "file.txt", "cases.jsonl", "out.txt", "opened"];
    home.write("read.txt", "暗号-чернильница");
    home.write("file.txt", "كتاب-planted-exhibit");
    home.write(
        "cases.jsonl",
        r#"{"title":"бүркіт-астындағы","parts":{"notes":{"text":"暗号-чернильница"}}}"#,
    );
    let code = home.new_case();
    let ours = home.path("my.card");
    home.run(&["card", "--out", ours.to_str().unwrap()]).succeeds();
    other.run(&["contact", "add", "us", "--card", ours.to_str().unwrap()]).succeeds();
    std::fs::remove_file(ours).unwrap();
    let (theirs, bundle) = (other.new_case(), home.path("theirs.age"));
    other.run_with(&["put", &theirs, "notes"], "暗号-чернильница").succeeds();
    let export = [
        "export",
        &theirs,
        "--to",
        "us",
        "--parts",
        "notes",
        "--override",
        OVERRIDE,
        "--yes",
        "--unverified",
        "--out",
    ];
    other.run(&[&export[..], &[bundle.to_str().unwrap()]].concat()).succeeds();
    let session = format!(
        "title {code}\nбүркіт-астындағы\nput {code} testimony --from read.txt\nattach {code} file.txt\nlist\nsearch чернильница\n\
         show {code}\nextract {code} E1 --out out.txt\ncontact add әріптес --card other.card\n\
         share {code} --to әріптес --parts testimony --override unasked --yes --unverified\ncard --out my.card\n\
         export {code} --to әріптес --parts testimony,exhibits --override unasked --yes --unverified --out b.age --note n.txt\n\
         verify theirs.age\nopen theirs.age --out opened\nimport theirs.age\n\
         unshare {code} --from әріптес --yes\nshares\nlog\nidentity age-keys --out keys.age\n{PASSPHRASE}\n\
         ingest cases.jsonl\ncheck --read-data\nput {code} person\nжасырын-қоңырау"
    );
    let mut wrote = traced(&home, &[], &session);
    wrote.extend(traced(&home, &["identity", "passphrase", "--kdf", "low"], &format!("{PASSPHRASE}\n")));
    let outputs = ["out.txt", "my.card", "b.age", "n.txt", "opened", "keys.age"];
    let allowed = |path: &Path| {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        path.starts_with(home.path("vault/objects"))
            // The times of the folder itself.
            || path.as_os_str() == home.path("vault/.").as_os_str()
            || path.starts_with(home.path(".config/sanduq"))
            || outputs.iter().any(|output| path.starts_with(home.path(output)))
            // A named output under its name in the making, beside it.
            || (path.parent() == Some(&home.path("")) && name.starts_with('.'))
            || path.starts_with("/proc/self/fd") || path == Path::new("/dev/null")
    };
    assert!(wrote.iter().any(|path| path.starts_with(home.path("vault/objects"))), "{wrote:?}");
    let elsewhere: Vec<_> = wrote.iter().filter(|path| !allowed(path)).collect();
    assert!(elsewhere.is_empty(), "{elsewhere:#?}");
    play(&home, "files", &plain);
}
