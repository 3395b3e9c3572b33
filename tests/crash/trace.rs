//! A recorded run: its calls as changes to the folder it worked in.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::strace::{Call, read_calls};
use super::tree::{Inode, ROOT, Step, Synced, Tree};

/// Where a folder begins for a path that is given relative to one, and what the system calls the working folder.
const HERE: &str = "AT_FDCWD";

/// The changes that a run made below `root`, from a recording by [`super::strace`].
pub(super) fn read_steps(log: &str, (root, cwd): (&Path, &Path), before: &Tree) -> Vec<Step> {
    let next = before.0.keys().max().unwrap() + 1;
    let mut reader =
        Reader { root, live: before.clone(), next, open: HashMap::new(), steps: Vec::new(), cwd: ROOT };
    reader.cwd = reader
        .resolve(HERE, cwd.to_str().unwrap())
        .and_then(|(folder, name)| reader.at(folder, &name))
        .unwrap();
    // A sync holds for what had come back when it was called.
    let mut done = Vec::new();
    for call in read_calls(log) {
        done.push(reader.steps.len());
        if call.result >= 0 {
            let since = done[call.since.min(done.len() - 1)];
            reader.take(&call, since);
        }
    }
    reader.steps
}

struct Open {
    inode: Inode,
    offset: usize,
}

struct Reader<'a> {
    root: &'a Path,
    cwd: Inode,
    live: Tree,
    next: Inode,
    open: HashMap<i64, Open>,
    steps: Vec<Step>,
}

impl Reader<'_> {
    fn step(&mut self, step: Step) {
        self.live.apply(&step);
        self.steps.push(step);
    }

    fn new_inode(&mut self) -> Inode {
        self.next += 1;
        self.next
    }

    /// What an existing name in a folder stands for; the folder itself for the empty name.
    fn at(&self, folder: Inode, name: &str) -> Option<Inode> {
        if name.is_empty() { Some(folder) } else { self.live.find(folder, name) }
    }

    /// The folder a path leads into and the last name on it; none outside of what is watched.
    fn resolve(&self, start: &str, path: &str) -> Option<(Inode, String)> {
        let below = match path.starts_with('/') {
            true => Path::new(path).strip_prefix(self.root).ok()?.to_path_buf(),
            false => PathBuf::from(path),
        };
        let mut folder = match (path.starts_with('/'), start) {
            (true, _) => ROOT,
            (false, HERE) => self.cwd,
            (false, number) => self.open.get(&number.parse().ok()?)?.inode,
        };
        let mut name = String::new();
        for piece in below.components() {
            match piece.as_os_str().to_str().unwrap() {
                "." => {}
                // The only folder above that is asked for is that of a new vault.
                ".." => (folder, name) = (self.above(self.at(folder, &name)?)?, String::new()),
                next => (folder, name) = (self.at(folder, &name)?, next.to_owned()),
            }
        }
        Some((folder, name))
    }

    fn above(&self, inode: Inode) -> Option<Inode> {
        self.live.0.keys().copied().find(|folder| {
            matches!(&self.live.0[folder], super::tree::Node::Folder(names) if names.values().any(|child| *child == inode))
        })
    }

    fn take(&mut self, call: &Call, since: usize) {
        match call.name.as_str() {
            "open" => self.open_file(call, HERE, 0),
            "openat" => self.open_file(call, &call.args[0], 1),
            "close" => drop(self.open.remove(&call.number(0))),
            "dup" | "dup2" | "dup3" => self.share_descriptor(call),
            "fcntl" if call.args[1].starts_with("F_DUPFD") => self.share_descriptor(call),
            "fcntl" | "fstatfs" => {}
            "write" | "pwrite64" => self.write(call),
            "ftruncate" => self.resize(call, call.args[1].parse().unwrap()),
            "fallocate" => self.reserve(call),
            "mkdir" => self.make_folder(HERE, &call.text(0)),
            "mkdirat" => self.make_folder(&call.args[0], &call.text(1)),
            "linkat" => self.link(call),
            "unlink" => self.unlink(HERE, &call.text(0)),
            "unlinkat" => self.unlink(&call.args[0], &call.text(1)),
            "rename" => self.rename((HERE, &call.text(0)), (HERE, &call.text(1))),
            "renameat" | "renameat2" => {
                self.rename((&call.args[0], &call.text(1)), (&call.args[2], &call.text(3)));
            }
            "fsync" | "fdatasync" => {
                if let Some(open) = self.open.get(&call.number(0)) {
                    self.steps.push(Step::Sync { what: Synced::Inode(open.inode), since });
                }
            }
            "syncfs" => self.steps.push(Step::Sync { what: Synced::Everything, since }),
            other => panic!("the model of a disk does not know {other}: {call:?}"),
        }
    }

    fn open_file(&mut self, call: &Call, start: &str, at: usize) {
        self.open.remove(&call.result);
        let flags = &call.args[at + 1];
        let Some((folder, name)) = self.resolve(start, &call.text(at)) else { return };
        let inode = if flags.contains("O_TMPFILE") {
            self.new_inode()
        } else {
            match self.at(folder, &name) {
                Some(inode) => inode,
                None => {
                    assert!(flags.contains("O_CREAT"), "{call:?}");
                    let inode = self.new_inode();
                    self.step(Step::Link { folder, name, inode });
                    inode
                }
            }
        };
        if flags.contains("O_TRUNC") {
            self.step(Step::Resize { inode, bytes: 0 });
        }
        self.open.insert(call.result, Open { inode, offset: 0 });
    }

    fn share_descriptor(&mut self, call: &Call) {
        assert!(
            !self.open.contains_key(&call.number(0)),
            "one place in a file for two descriptors: {call:?}"
        );
        self.open.remove(&call.result);
    }

    fn write(&mut self, call: &Call) {
        let descriptor = call.number(0);
        if descriptor == 1 && !self.open.contains_key(&1) {
            return self.steps.push(Step::Said);
        }
        let Some(open) = self.open.get_mut(&descriptor) else { return };
        let mut bytes = call.bytes(1);
        bytes.truncate(call.result as usize);
        let offset = match call.name == "pwrite64" {
            true => call.args[3].parse().unwrap(),
            false => open.offset,
        };
        if call.name == "write" {
            open.offset += bytes.len();
        }
        let inode = open.inode;
        self.step(Step::Write { inode, offset, bytes: Arc::new(bytes) });
    }

    fn resize(&mut self, call: &Call, bytes: usize) {
        if let Some(open) = self.open.get(&call.number(0)) {
            let inode = open.inode;
            self.step(Step::Resize { inode, bytes });
        }
    }

    /// Room that is reserved makes a file longer, never shorter.
    fn reserve(&mut self, call: &Call) {
        assert_eq!(call.args[1], "0", "{call:?}");
        let Some(open) = self.open.get(&call.number(0)) else { return };
        let now = match self.live.0.get(&open.inode) {
            Some(super::tree::Node::File(bytes)) => bytes.len(),
            _ => 0,
        };
        let end = (call.number(2) + call.number(3)) as usize;
        self.resize(call, now.max(end));
    }

    fn make_folder(&mut self, start: &str, path: &str) {
        if let Some((folder, name)) = self.resolve(start, path) {
            let inode = self.new_inode();
            self.step(Step::Folder { folder, name, inode });
        }
    }

    fn link(&mut self, call: &Call) {
        let from = call.text(1);
        let inode = match from.strip_prefix("/proc/self/fd/") {
            Some(number) => self.open.get(&number.parse().unwrap()).map(|open| open.inode),
            None => self.resolve(&call.args[0], &from).and_then(|(folder, name)| self.at(folder, &name)),
        };
        let to = self.resolve(&call.args[2], &call.text(3));
        if let (Some(inode), Some((folder, name))) = (inode, to) {
            self.step(Step::Link { folder, name, inode });
        }
    }

    fn unlink(&mut self, start: &str, path: &str) {
        if let Some((folder, name)) = self.resolve(start, path) {
            self.step(Step::Unlink { folder, name });
        }
    }

    fn rename(&mut self, from: (&str, &str), to: (&str, &str)) {
        let (Some((folder, from)), Some((other, to))) =
            (self.resolve(from.0, from.1), self.resolve(to.0, to.1))
        else {
            return;
        };
        assert_eq!(folder, other, "a file is renamed where it lies");
        let inode = self.at(folder, &from).unwrap();
        self.step(Step::Rename { folder, from, to, inode });
    }
}
