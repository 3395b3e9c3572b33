//! What a hostile person sends: bundles, unpacked bundles, cards, files of cases, names and texts.

mod bundles;
mod cards;
mod entries;
mod folders;
mod texts;

use sanduq::crypto::Identity;

use super::circle::path;
use crate::support::bundles::{Story, story_for};
use crate::support::program::{Home, Run, first_obeyed, tree_of};
use entries::{entries, entry, lies, tricks};

/// The commands that read a bundle.
const COMMANDS: [&[&str]; 3] = [
    &["open", "hostile.age", "--out", "a/b/c/d/out"],
    &["verify", "hostile.age"],
    &["import", "hostile.age"],
];

/// An agency that knows the lawyer of a story, and to whom its bundles are sealed.
struct Scene {
    home: Home,
    story: Story,
}

impl Scene {
    fn new() -> Self {
        let agency = Identity::generate();
        let home = Home::of(&agency);
        let story = story_for(agency);
        home.write("lawyer.card", story.lawyer.card().to_text());
        home.run(&["contact", "add", "lawyer", "--card", "lawyer.card"]).succeeds();
        // Deep enough that what climbs out of the chosen folder still lands in this home.
        std::fs::create_dir_all(home.path("a/b/c/d")).unwrap();
        Self { home, story }
    }

    /// Every command that reads bundles refuses this one, says so in lines of its own, shows nothing and writes
    /// nothing, inside the chosen folder or outside.
    #[track_caller]
    fn refuses(&self, what: &str, bundle: &[u8], code: i32, words: &str) {
        self.refuses_by(&COMMANDS, (what, bundle), code, words);
    }

    #[track_caller]
    fn refuses_by(&self, commands: &[&[&str]], (what, bundle): (&str, &[u8]), code: i32, words: &str) {
        self.home.write("hostile.age", bundle);
        let before = tree_of(&self.home.path(""));
        for args in commands {
            let run = self.home.run(args);
            assert_eq!(run.code, code, "{what}: {}", run.err);
            let run = run.fails(code, words);
            assert!(run.out.is_empty(), "{what}: {}", run.out);
            harmless(&run);
            assert!(tree_of(&self.home.path("")) == before, "{what}: {args:?} wrote something");
        }
    }

    /// The bundle is a right one, so that the refusals are not for another reason.
    #[track_caller]
    fn takes(&self, bundle: &[u8]) {
        self.home.write("right.age", bundle);
        self.home.run(&["open", "right.age", "--out", "a/b/c/d/right"]).succeeds();
    }
}

/// Nothing of what was printed is obeyed by a terminal, every line of complaint is one of ours, and no line begins
/// with what a hostile text put behind a line break.
#[track_caller]
fn harmless(run: &Run) {
    for text in [&run.out, &run.err] {
        assert_eq!(first_obeyed(text), None, "{text:?}");
        assert!(text.lines().all(|line| !line.trim_start().starts_with("FORGED")), "{text}");
    }
}
