//! File systems made for a test, gone after it. Most need root; the reason why not is returned.

use std::path::Path;
use std::process::Command;

/// A mounted file system, unmounted on drop.
pub(crate) struct Mount {
    device: Option<String>,
    folder: tempfile::TempDir,
    below: Option<Box<Self>>,
    immutable: bool,
}

impl Mount {
    pub(crate) fn path(&self) -> &Path {
        self.folder.path()
    }

    pub(crate) fn make_read_only(&self) {
        run("mount", &["-o", "remount,ro", utf8(self.path())]).unwrap();
    }

    /// As if the stick were pulled out: the daemon of its file system ends, and every call to it fails.
    pub(crate) fn pull_out(&self) {
        let folder = utf8(self.path());
        for process in std::fs::read_dir("/proc").unwrap().flatten() {
            let line = std::fs::read(process.path().join("cmdline")).unwrap_or_default();
            let mut words = line.split(|byte| *byte == 0);
            let is_ours = words.next().is_some_and(|program| program.ends_with(b"mount.exfat-fuse"));
            if is_ours && words.any(|word| word == folder.as_bytes()) {
                run("kill", &["-9", utf8(Path::new(&process.file_name()))]).unwrap();
            }
        }
    }

    /// Puts the stick in again.
    pub(crate) fn put_back(&self) -> Result<(), String> {
        let device = self.device.clone().ok_or("there is no device")?;
        run("umount", &[utf8(self.path())])?;
        run("mount.exfat-fuse", &[&device, utf8(self.path())]).map(drop)
    }

    fn new() -> Result<Self, String> {
        let folder = tempfile::tempdir().map_err(|error| error.to_string())?;
        Ok(Self { device: None, folder, below: None, immutable: false })
    }

    /// Lays a new file system on an image file and mounts it.
    fn on_image(image: &Path, bytes: u64, make: &[&str], mount: &[&str]) -> Result<Self, String> {
        let file = std::fs::File::create(image).map_err(|error| error.to_string())?;
        file.set_len(bytes).map_err(|error| error.to_string())?;
        run(make[0], &[&make[1..], &[utf8(image)]].concat())?;
        let mut mounted = Self::new()?;
        let device = run("losetup", &["-f", "--show", utf8(image)])?;
        mounted.device = Some(device.clone());
        run(mount[0], &[&mount[1..], &[device.as_str(), utf8(mounted.path())]].concat())?;
        Ok(mounted)
    }
}

impl Drop for Mount {
    fn drop(&mut self) {
        // Of what was not mounted these fail, and nothing is lost by it.
        if self.immutable {
            run("chattr", &["-i", utf8(self.path())]).unwrap_or_default();
            return;
        }
        let (unmounted, detached) = (
            run("umount", &[utf8(self.folder.path())]),
            self.device.as_deref().map(|device| run("losetup", &["-d", device])),
        );
        drop((unmounted, detached, self.below.take()));
    }
}

pub(crate) fn mount_tmpfs(options: &str) -> Result<Mount, String> {
    let mount = Mount::new()?;
    run("mount", &["-t", "tmpfs", "-o", options, "tmpfs", utf8(mount.path())])?;
    Ok(mount)
}

pub(crate) fn mount_exfat() -> Result<Mount, String> {
    let image = Mount::new()?;
    let path = image.path().join("image");
    let mut mounted = Mount::on_image(&path, 128 << 20, &["mkfs.exfat"], &["mount.exfat-fuse"])?;
    mounted.below = Some(Box::new(image));
    Ok(mounted)
}

pub(crate) fn mount_vfat() -> Result<Mount, String> {
    let image = Mount::new()?;
    let path = image.path().join("image");
    let mut mounted = Mount::on_image(&path, 128 << 20, &["mkfs.vfat"], &["mount", "-t", "vfat"])?;
    mounted.below = Some(Box::new(image));
    Ok(mounted)
}

/// An ext4 of 64 MiB whose blocks cannot all be kept: its image lies on a tmpfs of 16 MiB. Its journal is written each
/// second, and where that fails it lets nothing more be changed.
pub(crate) fn mount_on_too_small_a_disk() -> Result<Mount, String> {
    let disk = mount_tmpfs("size=16m")?;
    let path = disk.path().join("image");
    let mut mounted =
        Mount::on_image(&path, 64 << 20, &["mkfs.ext4", "-q"], &["mount", "-t", "ext4", "-o", "commit=1"])?;
    mounted.below = Some(Box::new(disk));
    Ok(mounted)
}

/// A folder in which nothing may be made, not even by root. Not mounted, but undone on drop too.
pub(crate) fn immutable_folder() -> Result<Mount, String> {
    let mut folder = Mount::new()?;
    run("chattr", &["+i", utf8(folder.path())])?;
    folder.immutable = true;
    Ok(folder)
}

fn run(program: &str, arguments: &[&str]) -> Result<String, String> {
    let output = Command::new(program).args(arguments).output();
    let output = output.map_err(|error| format!("{program}: {error}"))?;
    let said = String::from_utf8_lossy(&output.stderr);
    match output.status.success() {
        true => Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned()),
        false => Err(format!("{program}: {}", said.lines().next().unwrap_or("failed"))),
    }
}

fn utf8(path: &Path) -> &str {
    path.to_str().expect("temporary folders have plain names")
}
