//! Bringing a search index up to date with its vault.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::ops::ControlFlow;
use std::sync::atomic::{AtomicU64, Ordering};

use super::content::{fields_of, fields_of_title};
use super::corpus::{Corpus, Holding, Standing, Text, case_of, revision_of};
use super::shelf::{Kept, Shelf};
use super::{SearchIndex, Watch};
use crate::format::{SearchCase, SearchList, SearchSource};
use crate::search::{Broken, Builder, Document, RULES, Written, join};
use crate::vault::desk::Lock;
use crate::vault::error::{Damage, Item, VaultError};
use crate::vault::revision::read_revision;
use crate::vault::spread::spread;

/// Most documents of a segment.
const MAX_DOCUMENTS: usize = 8192;
/// Most bytes of text in a segment that is made at once.
const MAX_TEXT_BYTES: usize = 48 << 20;
/// Most bytes of a segment that is joined of others.
const MAX_JOINED_BYTES: u64 = 64 << 20;
/// With fewer documents than this another thread gains nothing.
const LEAST_SHARE: usize = 256;

/// An index that is being brought up to date.
pub(super) struct Update<'a, 'w> {
    corpus: Corpus<'a>,
    watch: &'w Watch<'w>,
    shelf: Shelf,
    may_write: bool,
    list: SearchList,
    segments: Vec<Kept>,
    /// Segments that hold what is nowhere any more.
    tainted: Vec<bool>,
}

impl<'a, 'w> Update<'a, 'w> {
    /// Opens the index, brought up to date if it is behind; `anew` to make it from the beginning.
    pub(super) fn run(
        corpus: Corpus<'a>,
        watch: &'w Watch<'w>,
        anew: bool,
    ) -> Result<SearchIndex<'a>, VaultError> {
        let shelf = Shelf::of(corpus.desktop(), corpus.id());
        let live = corpus.sources();
        if let Some(index) = up_to_date(corpus, &shelf, &live).filter(|_| !anew) {
            return Ok(index);
        }
        let lock = lock(corpus)?;
        // Whoever held the lock may have done it.
        let list = shelf.list()?;
        if let Some(index) = up_to_date(corpus, &shelf, &live).filter(|_| !anew) {
            return Ok(index);
        }
        let opened = list.filter(|_| !anew).and_then(|list| Some((shelf.segments(&list)?, list)));
        let (segments, list) = opened.unwrap_or_else(|| (Vec::new(), blank(corpus)));
        let tainted = vec![false; segments.len()];
        let may_write = lock.is_some();
        let mut update = Self { corpus, watch, shelf, may_write, list, segments, tainted };
        update.follow(&live)?;
        update.tidy()?;
        update.finish()
    }

    /// Takes in what is new, and marks what does not stand any more.
    fn follow(&mut self, live: &[SearchSource]) -> Result<(), VaultError> {
        let (before, now): (HashSet<_>, HashSet<_>) =
            (self.list.sources.iter().copied().collect(), live.iter().copied().collect());
        let new: Vec<SearchSource> = live.iter().copied().filter(|source| !before.contains(source)).collect();
        let gone: Vec<SearchSource> = before.difference(&now).copied().collect();
        let (read, mut cases) = self.corpus.read_sources(&new)?;
        cases.extend(self.list.unread.iter().copied());
        let all = before.is_empty() || self.corpus.may_have_lost(&gone, &new);
        let holdings = self.corpus.holdings((!all).then_some(&cases))?;
        self.list.sources.retain(|source| now.contains(source));
        self.list.sources.extend(read);
        self.list.sources.sort_unstable();
        let touched = (!all).then_some(&cases);
        let missing = self.compare(&holdings, touched).map_err(|Broken| broken())?;
        let mut unread: BTreeSet<SearchCase> =
            holdings.iter().filter(|holding| holding.damaged).map(|holding| holding.case).collect();
        unread.extend(self.add(missing)?);
        self.list.unread = unread.into_iter().collect();
        Ok(())
    }

    /// Marks documents of the touched cases that do not stand, and gives those that stand and are not there.
    fn compare(
        &mut self,
        holdings: &[Holding],
        touched: Option<&BTreeSet<SearchCase>>,
    ) -> Result<Vec<Standing>, Broken> {
        let known: HashSet<[u8; 32]> =
            holdings.iter().flat_map(|holding| holding.known.iter().copied()).collect();
        let standing = holdings.iter().flat_map(|holding| &holding.standing);
        let mut missing: HashMap<Document, &Standing> = standing.map(|one| (one.document, one)).collect();
        for (kept, tainted) in self.segments.iter_mut().zip(&mut self.tainted) {
            for (at, document) in kept.segment.all_documents()?.into_iter().enumerate() {
                let at = u32::try_from(at).map_err(|_| Broken)?;
                let is_touched = touched.is_none_or(|touched| touched.contains(&case_of(&document)));
                if !is_touched || kept.segment.is_gone(at) || missing.remove(&document).is_some() {
                    // What was replaced long ago may be purged now.
                    *tainted |= is_touched && kept.segment.is_gone(at) && !known.contains(&document.id);
                    continue;
                }
                kept.segment.mark_gone(at);
                *tainted |= !known.contains(&document.id);
            }
        }
        let mut missing: Vec<Standing> = missing.into_values().cloned().collect();
        missing.sort_by_key(|standing| (standing.time, standing.document));
        Ok(missing)
    }

    /// Reads documents into new segments, on all cores; gives the cases of those that cannot be read.
    fn add(&mut self, missing: Vec<Standing>) -> Result<Vec<SearchCase>, VaultError> {
        let threads = std::thread::available_parallelism().map_or(1, usize::from);
        let share = missing.len().div_ceil(threads).clamp(LEAST_SHARE, MAX_DOCUMENTS);
        let (total, done) = (missing.len() as u64, AtomicU64::new(0));
        let told = || match (self.watch)(done.fetch_add(1, Ordering::Relaxed) + 1, total) {
            ControlFlow::Continue(()) => Ok(()),
            ControlFlow::Break(()) => Err(VaultError::Cancelled),
        };
        let shares: Vec<&[Standing]> = missing.chunks(share).collect();
        let made = spread(&shares, |share| self.make(share, &told));
        let mut unread = Vec::new();
        for made in made {
            let (kept, failed) = made?;
            self.tainted.extend(kept.iter().map(|_| false));
            self.segments.extend(kept);
            unread.extend(failed);
        }
        Ok(unread)
    }

    /// Segments of some documents.
    fn make(
        &self,
        share: &[Standing],
        told: &(dyn Fn() -> Result<(), VaultError> + Sync),
    ) -> Result<(Vec<Kept>, Vec<SearchCase>), VaultError> {
        let (mut kept, mut unread, mut builder) = (Vec::new(), Vec::new(), Builder::default());
        for standing in share {
            match self.fields(standing) {
                Ok(fields) => builder.add(standing.document, standing.time, &fields),
                Err(VaultError::Damaged(..) | VaultError::Newer) => unread.push(case_of(&standing.document)),
                Err(error) => return Err(error),
            }
            told()?;
            if builder.text_bytes() > MAX_TEXT_BYTES {
                kept.push(self.keep(std::mem::take(&mut builder).finish())?);
            }
        }
        if builder.documents() > 0 {
            kept.push(self.keep(builder.finish())?);
        }
        Ok((kept, unread))
    }

    fn fields(&self, standing: &Standing) -> Result<Vec<crate::search::Field>, VaultError> {
        match &standing.text {
            Text::Title(title) => Ok(fields_of_title(title)),
            Text::Revision { part, key } => {
                let (case, id) = (case_of(&standing.document).case, revision_of(&standing.document));
                let opened = read_revision(self.corpus.store(), case, part, (key, id))?;
                Ok(fields_of(&opened.revision))
            }
        }
    }

    fn keep(&self, written: Written) -> Result<Kept, VaultError> {
        self.shelf.keep(written, self.may_write)
    }

    /// Joins small segments, and writes anew those that hold too much of what is gone, or anything that is nowhere.
    fn tidy(&mut self) -> Result<(), VaultError> {
        let mut at = 0;
        while let Some(kept) = self.segments.get(at) {
            let (gone, all) = (kept.segment.gone_count(), kept.segment.documents());
            if gone == all {
                self.segments.remove(at);
                self.tainted.remove(at);
                continue;
            }
            if self.tainted[at] || gone > all / 4 {
                let written = join(&[&kept.segment]).map_err(|Broken| broken())?;
                self.segments[at] = self.keep(written)?;
                self.tainted[at] = false;
            }
            at += 1;
        }
        while let [.., before, last] = self.segments.as_slice() {
            let (older, newer) = (before.segment.documents(), last.segment.documents());
            let bytes = before.segment.bytes() + last.segment.bytes();
            let fits = (older + newer) as usize <= MAX_DOCUMENTS && bytes <= MAX_JOINED_BYTES;
            if older >= 2 * newer || !fits {
                break;
            }
            let written = join(&[&before.segment, &last.segment]).map_err(|Broken| broken())?;
            let joined = self.keep(written)?;
            self.segments.truncate(self.segments.len() - 2);
            self.segments.push(joined);
        }
        Ok(())
    }

    /// Writes the list, if everything it names could be written.
    fn finish(self) -> Result<SearchIndex<'a>, VaultError> {
        let Self { corpus, shelf, may_write, mut list, segments, .. } = self;
        list.segments = segments.iter().map(Kept::row).collect();
        let is_whole = may_write && segments.iter().all(|kept| kept.is_file);
        let is_kept = is_whole && shelf.publish(&list).is_ok();
        let holes = corpus.sources().len().saturating_sub(list.sources.len()) + corpus.holes();
        Ok(SearchIndex { corpus, segments, unread: list.unread.len() + holes, is_kept })
    }
}

/// The index, if it covers just these sources and can be opened.
fn up_to_date<'a>(corpus: Corpus<'a>, shelf: &Shelf, live: &[SearchSource]) -> Option<SearchIndex<'a>> {
    let list = shelf.list().ok().flatten()?;
    let mut live = live.to_vec();
    live.sort_unstable();
    if list.sources != live || !list.unread.is_empty() {
        return None;
    }
    let segments = shelf.segments(&list)?;
    Some(SearchIndex { corpus, segments, unread: corpus.holes(), is_kept: true })
}

/// Waits for the lock on the index; none where it cannot be taken for want of a place that can be written.
fn lock(corpus: Corpus<'_>) -> Result<Option<Lock>, VaultError> {
    let desktop = corpus.desktop();
    match desktop.desk.lock_search(&desktop.identity, &corpus.id()) {
        Ok(lock) => Ok(Some(lock)),
        Err(VaultError::Store(_)) => Ok(None),
        Err(error) => Err(error),
    }
}

fn blank(corpus: Corpus<'_>) -> SearchList {
    SearchList {
        vault: corpus.id(),
        rules: RULES,
        sources: Vec::new(),
        segments: Vec::new(),
        unread: Vec::new(),
    }
}

/// A segment opened and cannot be read to its end.
fn broken() -> VaultError {
    VaultError::damaged(Item::Search, Damage::Other)
}
