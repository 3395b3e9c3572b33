//! Revisions as files: what a bundle lays out and the content digest covers. docs/format.md section 7, "Rendering".

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{Exhibit, Malformed, is_form};
use crate::record::{CaseId, Digest, Lang, PartName};

const MAX_EXTENSION_CHARS: usize = 8;
const SHORT_DIGITS: usize = 8;

/// A file of a part: its path inside the part's folder and its bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RenderedFile {
    /// Path inside the part's folder.
    pub path: &'static str,
    /// Content.
    pub bytes: Vec<u8>,
}

/// The content of a part without the keys of its exhibits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PartContent {
    /// The case.
    pub case: CaseId,
    /// The part.
    pub part: PartName,
    /// Language of the text.
    pub lang: Option<Lang>,
    /// Makes digests unguessable.
    pub random: Digest,
    /// The text.
    pub text: Option<String>,
    /// Exhibits; `segments` is empty or ignored.
    pub exhibits: Vec<Exhibit>,
    /// SHA-256 of exhibits left out.
    pub removed: Vec<Digest>,
    /// The form.
    pub form: Option<String>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct PartJson {
    sanduq: String,
    case: String,
    part: PartName,
    lang: Option<Lang>,
    random: String,
    statement: bool,
    /// Left out where there is no form, as before there were any.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    form: bool,
    exhibits: Vec<ExhibitJson>,
    removed: Vec<String>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct ExhibitJson {
    id: String,
    name: String,
    file: String,
    bytes: u64,
    sha256: String,
}

const PART_FORM: &str = "part 1";

/// Lays a part out: `part.json`, `statement.txt` when there is a text, `form.json` when there is a form.
pub fn render_part(content: &PartContent) -> Vec<RenderedFile> {
    let files = exhibit_files(&content.exhibits);
    let json = PartJson {
        sanduq: PART_FORM.into(),
        case: content.case.to_string(),
        part: content.part.clone(),
        lang: content.lang.clone(),
        random: content.random.to_string(),
        statement: content.text.is_some(),
        form: content.form.is_some(),
        exhibits: content
            .exhibits
            .iter()
            .zip(files)
            .map(|(exhibit, file)| ExhibitJson {
                id: format!("E{}", exhibit.number),
                name: exhibit.name.clone(),
                file,
                bytes: exhibit.bytes,
                sha256: exhibit.sha256.to_string(),
            })
            .collect(),
        removed: content.removed.iter().map(ToString::to_string).collect(),
    };
    let mut rendered = vec![RenderedFile { path: "part.json", bytes: json_bytes(&json) }];
    if let Some(text) = &content.text {
        rendered.push(RenderedFile { path: "statement.txt", bytes: text.clone().into_bytes() });
    }
    if let Some(form) = &content.form {
        rendered.push(RenderedFile { path: "form.json", bytes: form.clone().into_bytes() });
    }
    rendered
}

/// JSON as all our files have it: two-space indentation, one LF at the end.
pub(crate) fn json_bytes(value: &impl Serialize) -> Vec<u8> {
    let mut bytes = serde_json::to_vec_pretty(value).expect("our types encode into memory");
    bytes.push(b'\n');
    bytes
}

/// Reads `part.json` and the statement and the form beside it; rendering the result again gives the same bytes or it is
/// refused.
pub fn parse_part(
    json: &[u8],
    statement: Option<&[u8]>,
    form: Option<&[u8]>,
) -> Result<PartContent, Malformed> {
    let not_a = Malformed::NotA("part.json");
    let parsed: PartJson = serde_json::from_slice(json).map_err(|_| not_a)?;
    match parsed.sanduq.strip_prefix("part ").map(str::parse::<u64>) {
        Some(Ok(1)) => {}
        Some(Ok(2..)) => return Err(Malformed::Newer),
        _ => return Err(not_a),
    }
    let digest = |hex: &String| Digest::from_hex(hex).ok_or(Malformed::Field("sha256"));
    let exhibits = parsed
        .exhibits
        .iter()
        .map(|e| {
            let number = e.id.strip_prefix('E').and_then(|n| n.parse().ok()).ok_or(Malformed::Field("id"))?;
            let sha256 = digest(&e.sha256)?;
            Ok(Exhibit { number, name: e.name.clone(), bytes: e.bytes, sha256, segments: Vec::new() })
        })
        .collect::<Result<_, _>>()?;
    let text = as_text(statement, "statement")?;
    let form = as_text(form, "form")?;
    if form.as_deref().is_some_and(|form| !is_form(form)) {
        return Err(Malformed::Field("form"));
    }
    let content = PartContent {
        case: CaseId::from_hex(&parsed.case).ok_or(Malformed::Field("case"))?,
        part: parsed.part,
        lang: parsed.lang,
        random: Digest::from_hex(&parsed.random).ok_or(Malformed::Field("random"))?,
        text,
        exhibits,
        removed: parsed.removed.iter().map(digest).collect::<Result<_, _>>()?,
        form,
    };
    match render_part(&content).first() {
        Some(first) if first.bytes == json => Ok(content),
        _ => Err(Malformed::NotCanonical),
    }
}

fn as_text(bytes: Option<&[u8]>, field: &'static str) -> Result<Option<String>, Malformed> {
    let text = bytes.map(std::str::from_utf8).transpose().map_err(|_| Malformed::Field(field))?;
    Ok(text.map(str::to_owned))
}

/// The safe file names of a part's exhibits, in order, such as `exhibits/E1.jpg`.
pub fn exhibit_files(exhibits: &[Exhibit]) -> Vec<String> {
    // Counted once: a hostile part.json may list more than a hundred thousand.
    let mut same = BTreeMap::<u64, usize>::new();
    for exhibit in exhibits {
        let count = same.entry(exhibit.number).or_default();
        *count = count.saturating_add(1);
    }
    let alone = |number: u64| same.get(&number).is_none_or(|count| *count < 2);
    exhibits
        .iter()
        .map(|exhibit| {
            let mut file = format!("exhibits/E{}", exhibit.number);
            if !alone(exhibit.number) {
                file.push('-');
                file.extend(exhibit.sha256.to_string().chars().take(SHORT_DIGITS));
            }
            if let Some(extension) = safe_extension(&exhibit.name) {
                file.push('.');
                file.push_str(&extension);
            }
            file
        })
        .collect()
}

fn safe_extension(name: &str) -> Option<String> {
    let (stem, extension) = name.rsplit_once('.')?;
    let safe = !stem.is_empty()
        && (1..=MAX_EXTENSION_CHARS).contains(&extension.len())
        && extension.bytes().all(|b| b.is_ascii_alphanumeric());
    safe.then(|| extension.to_ascii_lowercase())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn exhibit(number: u64, name: &str, seed: u8) -> Exhibit {
        Exhibit { number, name: name.into(), bytes: 5, sha256: Digest::new([seed; 32]), segments: vec![] }
    }

    fn content() -> PartContent {
        PartContent {
            case: CaseId::new([1; 16]),
            part: "testimony".parse().unwrap(),
            lang: Some("ug-Arab".parse().unwrap()),
            random: Digest::new([2; 32]),
            text: Some("مەن كۆردۈم\n".into()),
            exhibits: vec![exhibit(1, "снимок.JPG", 3), exhibit(2, "a.tar", 4), exhibit(2, "照片", 5)],
            removed: vec![Digest::new([9; 32])],
            form: None,
        }
    }

    #[test]
    fn reads_back_what_it_lays_out() {
        let files = render_part(&content());
        assert_eq!(files.len(), 2);
        let read = parse_part(&files[0].bytes, Some(&files[1].bytes), None).unwrap();
        assert_eq!(read, content());
    }

    #[test]
    fn names_files_safely_and_never_twice() {
        let files = exhibit_files(&content().exhibits);
        assert_eq!(files, ["exhibits/E1.jpg", "exhibits/E2-04040404.tar", "exhibits/E2-05050505"]);
        for hostile in ["../x", "a.b/c", "..", ".hidden", "a.ex e", "x.aaaaaaaaa", "a.é"] {
            assert_eq!(exhibit_files(&[exhibit(7, hostile, 0)]), ["exhibits/E7"], "{hostile}");
        }
    }

    /// Fails, by taking minutes, when each exhibit is compared with all others.
    #[test]
    fn as_many_exhibits_as_fit_are_named_in_a_moment() {
        let many: Vec<Exhibit> = (0..200_000u64).map(|n| exhibit(n / 2, "снимок.jpg", 3)).collect();
        let begun = std::time::Instant::now();
        let files = exhibit_files(&many);
        assert_eq!((files.len(), files[9].as_str()), (200_000, "exhibits/E4-03030303.jpg"));
        assert!(begun.elapsed() < std::time::Duration::from_secs(20), "{:?}", begun.elapsed());
    }

    #[test]
    fn refuses_any_other_writing_of_the_same() {
        let files = render_part(&content());
        let text = String::from_utf8(files[0].bytes.clone()).unwrap();
        for other in [
            text.replace("  ", " "),
            text.trim_end().into(),
            text.replace("E1.jpg", "E9.jpg"),
            format!("{text}\n"),
        ] {
            assert!(parse_part(other.as_bytes(), Some(b"x"), None).is_err());
        }
        assert!(parse_part(&files[0].bytes, None, None).is_err(), "a statement is announced");
        assert_eq!(
            parse_part(text.replace("part 1", "part 2").as_bytes(), None, None),
            Err(Malformed::Newer)
        );
    }
}
