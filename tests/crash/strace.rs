//! The real program under `strace`: started so, and its lines read back as calls.

use std::collections::{BTreeMap, HashMap};
use std::path::Path;
use std::process::Command;

/// Calls that change files or the descriptors they are known by.
const CALLS: &str = "openat,open,creat,close,dup,dup2,dup3,fcntl,write,pwrite64,writev,pwritev,pwritev2,ftruncate,\
                     truncate,fallocate,link,linkat,unlink,unlinkat,rename,renameat,renameat2,mkdir,mkdirat,rmdir,\
                     symlink,symlinkat,fsync,fdatasync,syncfs,sync,sync_file_range,sendfile,copy_file_range,splice,\
                     io_uring_setup,fstatfs";

/// A finished call.
#[derive(Debug)]
pub(super) struct Call {
    pub(super) name: String,
    pub(super) args: Vec<String>,
    pub(super) result: i64,
    /// How many calls had come back when this one was made.
    pub(super) since: usize,
}

/// Why programs cannot be watched here, if they cannot.
pub(super) fn unavailable() -> Option<String> {
    let tried = Command::new("strace").args(["-qq", "-o", "/dev/null", "true"]).output();
    match tried {
        Err(error) => Some(format!("strace: {error}")),
        Ok(output) if output.status.success() => None,
        Ok(output) => Some(String::from_utf8_lossy(&output.stderr).lines().next().unwrap_or("strace").into()),
    }
}

/// The program to be run by a `strace` with these options. The program makes itself unreadable for others of its
/// user, so that without root a user namespace is needed, in which `strace` may read it.
pub(super) fn command(options: &[String]) -> Command {
    let root = rustix::process::geteuid().is_root();
    let mut command = Command::new(if root { "strace" } else { "unshare" });
    if !root {
        command.args(["-r", "strace"]);
    }
    command.args(["-f", "-qq"]).args(options).arg(env!("CARGO_BIN_EXE_sanduq"));
    command
}

/// Options that write every change, with its bytes, to `log`.
pub(super) fn record_options(log: &Path) -> Vec<String> {
    let log = log.to_str().unwrap();
    ["-o", log, "-xx", "-s", "99999999", "-e"]
        .map(String::from)
        .into_iter()
        .chain([format!("trace={CALLS}")])
        .collect()
}

/// Reads calls in the order in which they came back.
pub(super) fn read_calls(log: &str) -> Vec<Call> {
    let mut started: HashMap<&str, (String, usize)> = HashMap::new();
    let mut calls: Vec<Call> = Vec::new();
    for line in log.lines() {
        let (thread, rest) = line.split_once(' ').unwrap_or((line, ""));
        let rest = rest.trim_start();
        if rest.starts_with("+++") || rest.starts_with("---") {
            continue;
        }
        if let Some(start) = rest.strip_suffix(" <unfinished ...>") {
            started.insert(thread, (start.to_owned(), calls.len()));
            continue;
        }
        let (text, since) = match rest.split_once(" resumed>") {
            Some((before, end)) if before.starts_with("<... ") => {
                let (start, since) = started.remove(thread).expect("it was begun");
                (start + end, since)
            }
            _ => (rest.to_owned(), calls.len()),
        };
        calls.extend(read_call(&text, since));
    }
    calls
}

/// `name(args) = result …`; none for a call that never came back.
fn read_call(text: &str, since: usize) -> Option<Call> {
    let (call, result) = text.rsplit_once(" = ")?;
    let (name, args) = call.trim_end().strip_suffix(')')?.split_once('(')?;
    let result = result.split_whitespace().next()?;
    let result = match result.strip_prefix("0x") {
        Some(hex) => i64::from_str_radix(hex, 16).ok()?,
        None => result.parse().ok()?,
    };
    Some(Call { name: name.to_owned(), args: split_args(args), result, since })
}

fn split_args(text: &str) -> Vec<String> {
    let (mut args, mut depth, mut quoted) = (vec![String::new()], 0, false);
    for sign in text.chars() {
        match sign {
            '"' => quoted = !quoted,
            '(' | '[' | '{' if !quoted => depth += 1,
            ')' | ']' | '}' if !quoted => depth -= 1,
            ',' if !quoted && depth == 0 => {
                args.push(String::new());
                continue;
            }
            _ => {}
        }
        args.last_mut().unwrap().push(sign);
    }
    args.into_iter().map(|arg| arg.trim().to_owned()).collect()
}

impl Call {
    /// A number among the arguments.
    pub(super) fn number(&self, arg: usize) -> i64 {
        self.args[arg].parse().unwrap_or_else(|_| panic!("a number in {self:?}"))
    }

    /// The bytes of a string among the arguments.
    pub(super) fn bytes(&self, arg: usize) -> Vec<u8> {
        let quoted = self.args[arg].strip_prefix('"').and_then(|text| text.strip_suffix('"'));
        let hex = quoted.unwrap_or_else(|| panic!("a whole string in {self:?}")).as_bytes();
        let digit = |byte: u8| (byte as char).to_digit(16).unwrap() as u8;
        hex.chunks(4).map(|four| digit(four[2]) << 4 | digit(four[3])).collect()
    }

    pub(super) fn text(&self, arg: usize) -> String {
        String::from_utf8(self.bytes(arg)).unwrap()
    }
}

/// How often each call was made by the thread that made it most often.
pub(super) fn most_by_one_thread(log: &str) -> Vec<(String, usize)> {
    let mut counts: BTreeMap<(&str, &str), usize> = BTreeMap::new();
    for line in log.lines() {
        let (thread, rest) = line.split_once(' ').unwrap_or((line, ""));
        if let Some((name, _)) = rest.trim_start().split_once('(').filter(|(name, _)| !name.contains(' ')) {
            *counts.entry((name, thread)).or_default() += 1;
        }
    }
    let mut most: BTreeMap<&str, usize> = BTreeMap::new();
    for ((name, _), count) in counts {
        let known = most.entry(name).or_default();
        *known = count.max(*known);
    }
    most.into_iter().map(|(name, count)| (name.to_owned(), count)).collect()
}
