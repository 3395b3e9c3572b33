//! Small words of several pages.

/// A number and what is counted: `1 case`, `2 cases`.
pub(super) fn count(number: usize, one: &str, several: &str) -> String {
    let what = if number == 1 { one } else { several };
    format!("{number} {what}")
}
