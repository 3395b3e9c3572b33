//! Flags and environment to settings: the only reader of the environment, the clock and the machine's name.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::time::{Duration, UNIX_EPOCH};

use crate::args::Globals;
use crate::failure::{Failure, Kind};

/// Where this run works; paths only, never a secret.
#[derive(Debug)]
pub(crate) struct Settings {
    vault: Option<PathBuf>,
    identity: Option<PathBuf>,
}

impl Settings {
    /// Reads the flags, then the environment for what they leave open.
    pub(crate) fn read(flags: &Globals) -> Self {
        Self::resolve(flags, environment)
    }

    fn resolve(flags: &Globals, environment: impl Fn(&str) -> Option<OsString>) -> Self {
        // An empty variable counts as none, as a shell script that clears one expects.
        let path = |name: &str| environment(name).filter(|value| !value.is_empty()).map(PathBuf::from);
        let vault = flags.vault.clone().or_else(|| path("SANDUQ_VAULT"));
        let config = path("XDG_CONFIG_HOME")
            .filter(|path| path.is_absolute())
            .or_else(|| path("HOME").map(|home| home.join(".config")));
        let identity = flags
            .identity
            .clone()
            .or_else(|| path("SANDUQ_IDENTITY"))
            .or_else(|| config.map(|config| config.join("sanduq/identity")));
        Self { vault, identity }
    }

    /// Returns the vault folder named by `--vault` or SANDUQ_VAULT.
    pub(crate) fn vault(&self) -> Result<&Path, Failure> {
        self.vault.as_deref().ok_or_else(|| {
            Failure::say(Kind::NoVault, "no vault named")
                .hint("name its folder with `--vault DIR` or SANDUQ_VAULT")
        })
    }

    /// Returns the identity file named by `--identity` or SANDUQ_IDENTITY, else the usual one.
    pub(crate) fn identity(&self) -> Result<&Path, Failure> {
        self.identity.as_deref().ok_or_else(|| {
            Failure::say(Kind::NoMatch, "no identity named")
                .hint("name its file with `--identity FILE` or SANDUQ_IDENTITY")
        })
    }

    /// Returns how this program is called from here: by its name where the shell finds it, else by its path.
    pub(crate) fn program(&self) -> PathBuf {
        let Ok(program) = std::env::current_exe() else { return "sanduq".into() };
        let path = environment("PATH").unwrap_or_default();
        if let (Some(folder), Some(name)) = (program.parent(), program.file_name())
            && std::env::split_paths(&path).any(|listed| listed == folder)
        {
            return name.into();
        }
        let here = std::env::current_dir().ok();
        let inside = here.and_then(|here| program.strip_prefix(here).map(Path::to_path_buf).ok());
        inside.filter(|inside| inside.components().count() > 1).unwrap_or(program)
    }

    /// Returns seconds since 1970; a clock set before that reads as 0.
    #[expect(clippy::disallowed_methods, reason = "the one reader of the clock")]
    pub(crate) fn now(&self) -> u64 {
        std::time::SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |elapsed| elapsed.as_secs())
    }

    /// Returns what names this machine, if the system says.
    pub(crate) fn machine_id(&self) -> Option<String> {
        let id = std::fs::read_to_string("/etc/machine-id").ok()?;
        let id = id.trim();
        (!id.is_empty() && id != "uninitialized").then(|| id.to_owned())
    }

    /// Returns the memory that can be had without pushing other programs out, in KiB, if the system says.
    pub(crate) fn available_memory_kib(&self) -> Option<u64> {
        let table = std::fs::read_to_string("/proc/meminfo").ok()?;
        let line = table.lines().find_map(|line| line.strip_prefix("MemAvailable:"))?;
        line.trim().strip_suffix("kB")?.trim().parse().ok()
    }
}

/// Returns the time since the machine was started, the time it slept included.
pub(crate) fn since_boot() -> Duration {
    let now = rustix::time::clock_gettime(rustix::time::ClockId::Boottime);
    now.try_into().unwrap_or_default()
}

#[expect(clippy::disallowed_methods, reason = "the one reader of the environment")]
fn environment(name: &str) -> Option<OsString> {
    std::env::var_os(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn resolve(flags: &Globals, variables: &[(&str, &str)]) -> Settings {
        Settings::resolve(flags, |name| {
            variables.iter().find(|(known, _)| *known == name).map(|(_, value)| OsString::from(value))
        })
    }

    #[test]
    fn flags_go_before_the_environment() {
        let flags = Globals { vault: Some("a".into()), identity: Some("b".into()), ..Globals::default() };
        let settings = resolve(&flags, &[("SANDUQ_VAULT", "c"), ("SANDUQ_IDENTITY", "d")]);
        assert_eq!(settings.vault().unwrap(), Path::new("a"));
        assert_eq!(settings.identity().unwrap(), Path::new("b"));
    }

    #[test]
    fn identity_falls_back_to_the_configuration_folder() {
        let flags = Globals::default();
        let cases: [(&[(&str, &str)], &str); 4] = [
            (&[("SANDUQ_IDENTITY", "/id"), ("HOME", "/h")], "/id"),
            (&[("XDG_CONFIG_HOME", "/x"), ("HOME", "/h")], "/x/sanduq/identity"),
            (&[("XDG_CONFIG_HOME", "relative"), ("HOME", "/h")], "/h/.config/sanduq/identity"),
            (&[("SANDUQ_IDENTITY", ""), ("HOME", "/h")], "/h/.config/sanduq/identity"),
        ];
        for (variables, path) in cases {
            assert_eq!(resolve(&flags, variables).identity().unwrap(), Path::new(path));
        }
    }

    #[test]
    fn a_missing_vault_names_the_flag_and_the_variable() {
        let settings = resolve(&Globals::default(), &[("SANDUQ_VAULT", "")]);
        let failure = settings.vault().unwrap_err();
        assert_eq!(failure.exit_code(), 10);
        assert!(failure.render().contains("`--vault DIR` or SANDUQ_VAULT"));
        assert_eq!(settings.identity().unwrap_err().exit_code(), 11);
    }
}
