//! `sanduq card`: the public half of the identity.

use std::path::PathBuf;

use qrcode::{EcLevel, QrCode};
use serde::Serialize;

use sanduq::crypto::Fingerprint;
use sanduq::store::files;

use super::Context;
use crate::failure::{Failure, Kind};
use crate::sanitize::one_line;

/// Show my card and its fingerprint words
#[derive(clap::Args, Debug)]
pub(crate) struct Args {
    /// Write the card to this file, to be given to others
    #[arg(long, value_name = "FILE")]
    pub(crate) out: Option<PathBuf>,
    /// Draw the fingerprint as a QR code
    #[arg(long)]
    pub(crate) qr: bool,
}

/// The card, for `--json`.
#[derive(Serialize)]
struct Shown {
    card: String,
    words: [&'static str; 12],
    digits: [String; 12],
    qr: String,
    file: Option<String>,
}

/// Runs the command.
pub(crate) fn run(args: Args, context: &mut Context) -> Result<(), Failure> {
    let identity = context.identity()?;
    let card = identity.card();
    if let Some(out) = &args.out {
        files::create_new(out, card.to_text().as_bytes())?;
    }
    let fingerprint = card.fingerprint();
    let code = format!("sanduq:{}", card.hash().to_string().to_uppercase());
    let shown = Shown {
        card: card.hash().to_string(),
        words: fingerprint.words(),
        digits: fingerprint.digits(),
        qr: code.clone(),
        file: args.out.map(|out| out.display().to_string()),
    };
    let drawn = if args.qr { Some(draw(&code)?) } else { None };
    context.ui.answer(&shown, || page(&shown, &fingerprint, drawn.as_deref()))?;
    if let Some(file) = &shown.file {
        let file = one_line(file);
        context.ui.status(&format!("your card was written to {file}; it holds no secret, give it to others"));
        context.ui.hint(
            "they add it with `sanduq contact add LABEL --card FILE`; then read them the words, over a call or in person",
        );
    }
    Ok(())
}

fn page(shown: &Shown, fingerprint: &Fingerprint, drawn: Option<&str>) -> String {
    let mut text = String::from("the fingerprint of your card; it may be said aloud\n\n");
    text.push_str(&numbered(&fingerprint.words()));
    text.push_str("\nthe same as digits\n\n");
    for row in fingerprint.digits().chunks(6) {
        text.push_str(&format!("    {}\n", row.join(" ")));
    }
    if let Some(drawn) = drawn {
        text.push_str(&format!("\nthe same to scan: {}…\n\n{drawn}", &shown.qr[..15]));
    }
    text
}

/// Lays twelve words out in four rows of three, each with its number.
pub(super) fn numbered(words: &[&str]) -> String {
    let cells: Vec<String> = (1..).zip(words).map(|(n, word)| format!("{n:>2} {word:<12}")).collect();
    cells.chunks(3).map(|row| format!("    {}\n", row.concat().trim_end())).collect()
}

/// Draws a QR code with half blocks and a quiet zone of four modules: light modules are drawn, so that it
/// stands right on a dark terminal; most readers take it the other way round as well.
fn draw(text: &str) -> Result<String, Failure> {
    let code = QrCode::with_error_correction_level(text, EcLevel::M)
        .map_err(|error| Failure::new(Kind::Other, error))?;
    let width = code.width();
    let quiet = 4;
    let light = |x: usize, y: usize| {
        let inside = |at: usize| (quiet..quiet + width).contains(&at);
        !(inside(x) && inside(y) && code[(x - quiet, y - quiet)] == qrcode::Color::Dark)
    };
    let side = width + 2 * quiet;
    let mut drawn = String::new();
    for y in (0..side).step_by(2) {
        drawn.extend((0..side).map(|x| match (light(x, y), y + 1 < side && light(x, y + 1)) {
            (true, true) => '█',
            (true, false) => '▀',
            (false, true) => '▄',
            (false, false) => ' ',
        }));
        drawn.push('\n');
    }
    Ok(drawn)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_drawn_code_has_its_quiet_zone_and_its_finder_patterns() {
        let drawn = draw("sanduq:0123").unwrap();
        let rows: Vec<Vec<char>> = drawn.lines().map(|row| row.chars().collect()).collect();
        assert!(rows.iter().all(|row| row.len() == rows[0].len()));
        assert!(rows[..2].iter().flatten().all(|c| *c == '█'));
        assert!(
            rows[..rows.len() - 1].iter().all(|row| row[..4] == ['█'; 4] && row[row.len() - 4..] == ['█'; 4])
        );
        // The upper row of the finder pattern is dark, its inside light.
        assert_eq!(rows[2][4..11].iter().collect::<String>(), " ▄▄▄▄▄ ");
    }
}
