//! Every bit of a bundle: of the sealed file, and of the archive in it, sealed anew by someone who knows the
//! recipient's public key. Nothing of a bundle exists for the reader before all of it was verified.
#![allow(clippy::print_stdout, reason = "the figures of a campaign")]

use std::io::{Read as _, Write as _};

use sanduq::crypto::age::file::{AgeReader, AgeWriter};

use super::damaged::small;
use super::{Story, story};
use crate::every_bit::changes::{Reach, Taken, none_accepted};

fn take(story: &Story, file: &[u8]) -> Taken {
    match story.read(file) {
        Err(_) => Taken::Noticed,
        Ok(_) => Taken::Accepted("it is verified"),
    }
}

fn change_sealed(story: &Story, reach: Reach) {
    none_accepted("sealed bundle", &story.write(), reach, |changed| take(story, changed));
}

fn change_archive(story: &Story, reach: Reach) {
    let mut archive = Vec::new();
    let keys = story.agency.age_keys();
    AgeReader::open(story.write().as_slice(), &keys).unwrap().read_to_end(&mut archive).unwrap();
    let seal = |archive: &[u8]| {
        let mut sealer = AgeWriter::seal(Vec::new(), &story.recipient()).unwrap();
        sealer.write_all(archive).unwrap();
        sealer.finish().unwrap()
    };
    assert_eq!(take(story, &seal(&archive)), Taken::Accepted("it is verified"), "unchanged");
    none_accepted("archive of a bundle", &archive, reach, |changed| take(story, &seal(changed)));
}

/// Fails when what fills a block of the archive is not looked at.
#[test]
fn no_change_of_a_bundle_is_accepted() {
    change_sealed(&small(), Reach::Sample(300));
    change_archive(&small(), Reach::Sample(600));
}

#[test]
#[ignore = "campaign: 4 min of processor time, every bit of a small bundle, and the edges of one of several chunks"]
fn campaign_every_bit_of_a_sealed_bundle() {
    change_sealed(&small(), Reach::All);
    change_sealed(&story(), Reach::Edges);
}

#[test]
#[ignore = "campaign: 6 min of processor time, every bit of the archive in a small bundle, sealed anew"]
fn campaign_every_bit_of_an_archive() {
    change_archive(&small(), Reach::All);
}
