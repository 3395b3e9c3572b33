//! Objects of all kinds, from vaults as people make them: short texts, long operations, exhibits of zeros.

use std::path::Path;

use sanduq::crypto::ObjectType;
use sanduq::vault::Vault;

use crate::every_bit::scene::{Device, Scene};
use crate::support::people::{attach, new_case};

/// An object, or a sealed file beside an identity file.
pub(super) struct Sample {
    pub(super) kind: &'static str,
    pub(super) name: Option<[u8; 32]>,
    pub(super) bytes: Vec<u8>,
}

/// Everything of so many small vaults, and of so many into which cases were taken by the dozen.
pub(super) fn gather(small: usize, ingested: usize) -> Vec<Sample> {
    let mut samples = Vec::new();
    for i in 0..small {
        let scene = Scene::small();
        take(&scene, &mut samples);
        let mut vault = Vault::open(scene.store.clone(), scene.owner.desktop.clone()).unwrap();
        vault.notice_place(format!("/media/usb/{i}").as_bytes()).unwrap();
        beside(&scene.owner, &mut samples);
        beside(&scene.reader, &mut samples);
    }
    for i in 0..ingested {
        let (scene, mut vault) = Scene::ingested(60, 8);
        let (case, _) = new_case(&mut vault, &[("notes", &"көрдім ".repeat(i * 200))]);
        attach(&mut vault, case, "бос орын.bin", &vec![0; 30_000 * i]);
        take(&scene.end(), &mut samples);
    }
    samples
}

fn take(scene: &Scene, samples: &mut Vec<Sample>) {
    for (name, (kind, _)) in &scene.keys {
        let kind = match kind {
            ObjectType::Genesis => "Genesis",
            ObjectType::Entry => "Entry",
            ObjectType::Operations => "Operations",
            ObjectType::Run => "Run",
            ObjectType::Revision => "Revision",
            ObjectType::Segment => "Segment",
            ObjectType::Message => "Message",
            other => panic!("{other:?} lies in no vault"),
        };
        samples.push(Sample { kind, name: Some(*name.as_bytes()), bytes: scene.bytes(*name) });
    }
}

/// The sealed files beside an identity.
fn beside(device: &Device, samples: &mut Vec<Sample>) {
    let mut keep = |kind, path: &Path| {
        if let Ok(bytes) = std::fs::read(path) {
            samples.push(Sample { kind, name: None, bytes });
        }
    };
    keep("Address book", &device.path("identity.contacts"));
    let memory = device.path("identity.memory");
    keep("Places", &memory.join("places"));
    for entry in std::fs::read_dir(&memory).into_iter().flatten() {
        let path = entry.unwrap().path();
        if path.extension().is_none() && !path.ends_with("places") {
            keep("Memory", &path);
        }
    }
}
