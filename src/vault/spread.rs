//! Independent work spread over the cores. Knows nothing of what the work is.

use std::sync::atomic::{AtomicUsize, Ordering};

use crate::crypto::leaving_no_stack;

/// More threads than this gain nothing on what a vault does.
const MAX_THREADS: usize = 8;

/// Does `work` on every item, on all cores, and gives the results in the order of the items.
pub fn spread<T: Sync, R: Send>(items: &[T], work: impl Fn(&T) -> R + Sync) -> Vec<R> {
    let threads = std::thread::available_parallelism().map_or(1, usize::from).min(MAX_THREADS);
    if threads < 2 || items.len() < 2 {
        return items.iter().map(work).collect();
    }
    let next = AtomicUsize::new(0);
    let take = || {
        let mut done = Vec::new();
        while let Some((i, item)) =
            Some(next.fetch_add(1, Ordering::Relaxed)).and_then(|i| Some((i, items.get(i)?)))
        {
            done.push((i, work(item)));
        }
        done
    };
    let mut results: Vec<(usize, R)> = std::thread::scope(|scope| {
        let workers: Vec<_> =
            (0..threads.min(items.len())).map(|_| scope.spawn(|| leaving_no_stack(take))).collect();
        let done = workers.into_iter().map(|worker| *worker.join().expect("work on one item does not panic"));
        done.flatten().collect()
    });
    results.sort_unstable_by_key(|(i, _)| *i);
    results.into_iter().map(|(_, result)| result).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gives_every_result_once_and_in_order() {
        let items: Vec<usize> = (0..5000).collect();
        assert_eq!(spread(&items, |i| i * 2), items.iter().map(|i| i * 2).collect::<Vec<_>>());
        assert!(spread(&[] as &[usize], |i| *i).is_empty());
    }
}
