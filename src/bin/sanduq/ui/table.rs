//! Columns of text, aligned by what a terminal draws.

use unicode_normalization::char::is_combining_mark;

/// Lays rows out in columns two spaces apart; the last column is left as it is.
pub(crate) fn table<const N: usize>(rows: impl IntoIterator<Item = [String; N]>) -> String {
    let rows: Vec<[String; N]> = rows.into_iter().collect();
    let mut widths = [0; N];
    for row in &rows {
        for (width, cell) in widths.iter_mut().zip(row) {
            *width = (*width).max(columns(cell));
        }
    }
    let mut text = String::new();
    for row in &rows {
        let mut line = String::new();
        for (i, (cell, width)) in row.iter().zip(widths).enumerate() {
            line.push_str(cell);
            if i + 1 < N {
                line.extend(std::iter::repeat_n(' ', width - columns(cell) + 2));
            }
        }
        text.push_str(line.trim_end());
        text.push('\n');
    }
    text
}

/// Columns a terminal takes for a text, near enough to align by: two for East Asian wide signs, none for
/// combining marks and joiners.
fn columns(text: &str) -> usize {
    text.chars()
        .map(|c| match c {
            '\u{200b}'..='\u{200f}' | '\u{fe00}'..='\u{fe0f}' => 0,
            c if is_combining_mark(c) => 0,
            '\u{1100}'..='\u{115f}' | '\u{2e80}'..='\u{a4cf}' | '\u{ac00}'..='\u{d7a3}' => 2,
            '\u{f900}'..='\u{faff}' | '\u{fe30}'..='\u{fe6f}' | '\u{ff00}'..='\u{ff60}' => 2,
            '\u{ffe0}'..='\u{ffe6}' | '\u{1f300}'..='\u{1faff}' | '\u{20000}'..='\u{3fffd}' => 2,
            _ => 1,
        })
        .sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_stand_under_each_other_in_every_script() {
        let rows = [["证人", "1"], ["Әсел", "22"], ["e\u{301}", ""]].map(|row| row.map(String::from));
        assert_eq!(table(rows), "证人  1\nӘсел  22\ne\u{301}\n");
    }
}
