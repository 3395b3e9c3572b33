//! A folder as a model: files and folders by number, so that a file may lack a name and a name may change.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

/// A file or folder, whatever its name.
pub(super) type Inode = usize;

/// The folder everything lies in.
pub(super) const ROOT: Inode = 0;

/// What a folder holds; a file's bytes or, for a folder, nothing.
pub(super) type Visible = BTreeMap<String, Option<Arc<Vec<u8>>>>;

#[derive(Clone, Debug)]
pub(super) enum Node {
    File(Arc<Vec<u8>>),
    Folder(BTreeMap<String, Inode>),
}

/// One change, as one system call makes it.
#[derive(Clone, Debug)]
pub(super) enum Step {
    /// A name for a file, new or not.
    Link {
        folder: Inode,
        name: String,
        inode: Inode,
    },
    Folder {
        folder: Inode,
        name: String,
        inode: Inode,
    },
    Unlink {
        folder: Inode,
        name: String,
    },
    Rename {
        folder: Inode,
        from: String,
        to: String,
        inode: Inode,
    },
    Write {
        inode: Inode,
        offset: usize,
        bytes: Arc<Vec<u8>>,
    },
    Resize {
        inode: Inode,
        bytes: usize,
    },
    /// A sync that came back, and how many steps were done when it was called.
    Sync {
        what: Synced,
        since: usize,
    },
    /// The program said on standard output that it is done.
    Said,
}

/// What a sync was asked to make durable.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Synced {
    Inode(Inode),
    Everything,
}

/// Files and folders, and the names they have.
#[derive(Clone, Debug)]
pub(super) struct Tree(pub(super) BTreeMap<Inode, Node>);

impl Tree {
    /// Reads a real folder.
    pub(super) fn read(root: &Path) -> Self {
        let mut tree = Self(BTreeMap::new());
        tree.read_folder(root, ROOT);
        tree
    }

    fn read_folder(&mut self, path: &Path, inode: Inode) {
        self.0.insert(inode, Node::Folder(BTreeMap::new()));
        for entry in std::fs::read_dir(path).unwrap() {
            let entry = entry.unwrap();
            let (name, child) = (entry.file_name().into_string().unwrap(), self.0.len());
            match entry.file_type().unwrap().is_dir() {
                true => self.read_folder(&entry.path(), child),
                false => {
                    let bytes = std::fs::read(entry.path()).unwrap();
                    drop(self.0.insert(child, Node::File(Arc::new(bytes))));
                }
            }
            self.folder(inode).insert(name, child);
        }
    }

    fn folder(&mut self, inode: Inode) -> &mut BTreeMap<String, Inode> {
        match self.0.entry(inode).or_insert_with(|| Node::Folder(BTreeMap::new())) {
            Node::Folder(names) => names,
            Node::File(_) => panic!("{inode} is no folder"),
        }
    }

    fn file(&mut self, inode: Inode) -> &mut Vec<u8> {
        match self.0.entry(inode).or_insert_with(|| Node::File(Arc::default())) {
            Node::File(bytes) => Arc::make_mut(bytes),
            Node::Folder(_) => panic!("{inode} is no file"),
        }
    }

    /// What has this name in a folder.
    pub(super) fn find(&self, folder: Inode, name: &str) -> Option<Inode> {
        match self.0.get(&folder)? {
            Node::Folder(names) => names.get(name).copied(),
            Node::File(_) => None,
        }
    }

    /// Makes a change, also where an earlier one that it builds on was lost.
    pub(super) fn apply(&mut self, step: &Step) {
        match step {
            Step::Link { folder, name, inode } => {
                self.0.entry(*inode).or_insert_with(|| Node::File(Arc::default()));
                self.folder(*folder).insert(name.clone(), *inode);
            }
            Step::Folder { folder, name, inode } => {
                self.folder(*inode);
                self.folder(*folder).insert(name.clone(), *inode);
            }
            Step::Unlink { folder, name } => drop(self.folder(*folder).remove(name)),
            Step::Rename { folder, from, to, inode } => {
                self.0.entry(*inode).or_insert_with(|| Node::File(Arc::default()));
                let names = self.folder(*folder);
                if names.get(from) == Some(inode) {
                    names.remove(from);
                }
                names.insert(to.clone(), *inode);
            }
            Step::Write { inode, offset, bytes } => {
                let file = self.file(*inode);
                let end = offset + bytes.len();
                file.resize(file.len().max(end), 0);
                file[*offset..end].copy_from_slice(bytes);
            }
            Step::Resize { inode, bytes } => self.file(*inode).resize(*bytes, 0),
            Step::Sync { .. } | Step::Said => {}
        }
    }

    /// Everything that has a name, by its path.
    pub(super) fn visible(&self) -> Visible {
        let mut found = Visible::new();
        self.collect(ROOT, "", &mut found);
        found
    }

    fn collect(&self, inode: Inode, path: &str, found: &mut Visible) {
        match &self.0[&inode] {
            Node::File(bytes) => drop(found.insert(path.to_owned(), Some(Arc::clone(bytes)))),
            Node::Folder(names) => {
                if !path.is_empty() {
                    found.insert(path.to_owned(), None);
                }
                for (name, child) in names {
                    let below = if path.is_empty() { name.clone() } else { format!("{path}/{name}") };
                    self.collect(*child, &below, found);
                }
            }
        }
    }
}
