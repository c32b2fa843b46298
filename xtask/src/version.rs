//! Reading versions out of lock files and out of what programs print. Pure text functions.

/// The version that a Cargo.lock pins for `package`; the first one where there are several.
pub fn locked<'a>(lock: &'a str, package: &str) -> Option<&'a str> {
    let name_line = format!("name = \"{package}\"");
    let mut lines = lock.lines();
    lines.find(|line| line.trim() == name_line)?;
    let version = lines.next()?.trim().strip_prefix("version = \"")?;
    version.strip_suffix('"')
}

/// The version in the first line of what `tool --version` prints: the first word that starts with a digit.
pub fn printed(output: &str) -> Option<&str> {
    output.split_whitespace().find(|word| word.starts_with(|c: char| c.is_ascii_digit()))
}

/// The part before the first dot, as in `156` of `156.0.8078.79`.
pub fn major(version: &str) -> &str {
    version.split('.').next().unwrap_or(version)
}

#[cfg(test)]
mod tests {
    use super::*;

    const LOCK: &str = "version = 4\n\n[[package]]\nname = \"wasm-bindgen\"\nversion = \"0.2.130\"\nsource = \"x\"\n\n\
                        [[package]]\nname = \"wasm-bindgen-futures\"\nversion = \"0.4.80\"\n";

    #[test]
    fn a_lock_file_names_the_version_of_exactly_the_package_asked_for() {
        assert_eq!(locked(LOCK, "wasm-bindgen"), Some("0.2.130"));
        assert_eq!(locked(LOCK, "wasm-bindgen-futures"), Some("0.4.80"));
        assert_eq!(locked(LOCK, "wasm"), None);
        assert_eq!(locked("name = \"wasm\"", "wasm"), None);
    }

    #[test]
    fn versions_are_found_in_what_programs_print() {
        let cases = [
            ("trunk 0.21.14\n", Some("0.21.14")),
            ("wasm-opt version 123 (version_123)", Some("123")),
            ("Chromium 156.0.8078.79 built on Debian GNU/Linux 12", Some("156.0.8078.79")),
            ("no version here", None),
            ("", None),
        ];
        for (output, expected) in cases {
            assert_eq!(printed(output), expected, "{output:?}");
        }
    }

    #[test]
    fn the_major_version_is_what_browser_and_driver_must_share() {
        assert_eq!(major("156.0.8078.79"), "156");
        assert_eq!(major("123"), "123");
    }
}
