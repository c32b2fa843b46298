//! The test command: every check of the repository in one order, the first failure stops it.
//!
//! Each step says its name and, when done, its time. Steps that run tests are counted by the tests they
//! ran, the others as one check each; the last line is `N passed, N failed` and nothing else.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use crate::failure::Failure;
use crate::{deny, python, real, shell, site, tools};

/// What the page and its worker are compiled for.
pub(crate) const WASM_TARGET: &str = "wasm32-unknown-unknown";
/// The packages that the page is made of.
const PACKAGES: [&str; 5] = ["concord", "concord-align", "concord-curation", "concord-lesson", "concord-lm"];
/// Where the tests that run in a browser's worker are.
const LM_TESTS: &str = "crates/concord-lm/tests";
/// Begins the names of the end-to-end tests that measure the page, which nothing may disturb.
const MEASURING: &str = "alone::";

/// How many checks passed and failed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Tally {
    /// Checks and tests that held.
    pub passed: usize,
    /// Those that did not.
    pub failed: usize,
    /// Tests that were not run; they count as neither.
    pub ignored: usize,
}

impl Tally {
    /// Adds what a line says when it is a test runner's summary; other lines change nothing.
    pub fn read(&mut self, line: &str) {
        let Some(rest) = line.trim().strip_prefix("test result: ") else { return };
        for part in rest.split([';', '.']) {
            let mut words = part.split_whitespace();
            let (Some(count), Some(what)) = (words.next(), words.next()) else { continue };
            let Ok(count) = count.parse::<usize>() else { continue };
            match what {
                "passed" => self.passed += count,
                "failed" => self.failed += count,
                "ignored" => self.ignored += count,
                _ => {}
            }
        }
    }
}

/// Runs everything.
///
/// # Errors
/// The first failure, after the counts are printed.
pub fn run() -> Result<(), Failure> {
    let start = Instant::now();
    let mut suite = Suite::default();
    let outcome = suite.all();
    let mut tally = suite.tally;
    if outcome.is_err() && tally.failed == 0 {
        tally.failed = 1;
    }
    println!("\nwhole run: {}", clock(start.elapsed()));
    for (name, duration) in &suite.times {
        println!("  {:>9}  {name}", clock(*duration));
    }
    if tally.ignored > 0 {
        println!("{} tests were ignored and count as neither passed nor failed", tally.ignored);
    }
    if let Err(failure) = &outcome {
        println!("\n{failure}");
    }
    println!("{} passed, {} failed", tally.passed, tally.failed);
    outcome
}

#[derive(Default)]
struct Suite {
    tally: Tally,
    times: Vec<(&'static str, Duration)>,
}

impl Suite {
    fn all(&mut self) -> Result<(), Failure> {
        self.check("format", |_| shell::run(&mut shell::cargo(["fmt", "--all", "--check"])))?;
        self.check("tools for testing", |_| {
            tools::wasm_target()?;
            tools::vulkan()?;
            tools::browser()?;
            tools::minilm()?;
            real::fetch()?;
            python::numpy()?;
            python::datasets()?;
            python::llama_server()?;
            python::shard_classes()?;
            tools::axe()?;
            tools::wasm_bindgen().map(|_| ())
        })?;
        self.check("licences and sources of dependencies", |_| deny::check(false))?;
        self.check("clippy, native", |_| {
            let args = ["clippy", "--workspace", "--all-targets", "--locked", "--", "--deny", "warnings"];
            shell::run(&mut shell::cargo(args))
        })?;
        self.check("clippy, WebAssembly", |_| shell::run(&mut wasm_clippy()?))?;
        self.check("fuzz targets compile", |_| {
            // In this workspace's folder: most of what they depend on has been checked there.
            let mut check = shell::cargo(["check", "--locked", "--manifest-path", "fuzz/Cargo.toml"]);
            shell::run(check.arg("--target-dir").arg(shell::target()))
        })?;
        self.check("documentation", |_| {
            let mut doc = shell::cargo(["doc", "--workspace", "--no-deps", "--locked"]);
            shell::run(doc.env("RUSTDOCFLAGS", "-D warnings"))
        })?;
        self.tests("native tests", |tally| {
            // The examples are linted, and those with tests are parts of them; linked, they would take minutes.
            for parts in ["--tests", "--doc"] {
                let mut tests =
                    shell::cargo(["test", "--workspace", "--exclude", "browser-tests", "--locked"]);
                tests.arg(parts).env("CONCORD_MINILM", tools::minilm()?);
                tests.env("CONCORD_REAL", real::fetch()?);
                tests.env("PYTHONPATH", python_path(&[python::numpy()?, python::datasets()?]));
                shell::run_reading(&mut tests, |line| tally.read(line))?;
            }
            Ok(())
        })?;
        self.check("tests of the training scripts", |_| {
            shell::run(&mut python_tests(&shell::root().join(TRAINING_TESTS), "test*.py")?)
        })?;
        self.check("a job on a server", |_| {
            let tools = python::llama_server()?;
            let mut tests = python_tests(&shell::root().join(HANDOFF_TESTS), "test_server*.py")?;
            tests.env("PYTHONPATH", &tools);
            shell::run(tools::with_path(&mut tests, &[&tools.join("bin/shellcheck")]))?;
            // And training on what came of it: the order of the rows. `test-trainers` trains.
            let mut order = python_tests(&shell::root().join(HANDOFF_TESTS), "test_order.py")?;
            order.env("PYTHONPATH", python::shard_classes()?);
            shell::run(tools::with_path(&mut order, &[&tools.join("bin/shellcheck")]))
        })?;
        self.tests("tests in a browser worker", |tally| {
            shell::run_reading(&mut worker_tests()?, |line| tally.read(line))
        })?;
        self.check("release build and its size", |_| site::build().map(|_| ()))?;
        // Two browsers at once: one test alone leaves a core idle for a third of its time. What measures has the machine to itself.
        self.tests("end-to-end tests in a browser", |tally| {
            let args = ["--test-threads", "2", "--nocapture", "--skip", MEASURING];
            shell::run_reading(&mut end_to_end(&args)?, |line| tally.read(line))
        })?;
        self.tests("end-to-end tests that measure", |tally| {
            let args = ["--test-threads", "1", "--nocapture", MEASURING];
            shell::run_reading(&mut end_to_end(&args)?, |line| tally.read(line))
        })
    }

    /// A step that is one check.
    fn check(
        &mut self,
        name: &'static str,
        step: impl FnOnce(&mut Tally) -> Result<(), Failure>,
    ) -> Result<(), Failure> {
        self.step(name, step)?;
        self.tally.passed += 1;
        Ok(())
    }

    /// A step that runs tests and counts them; a run of no tests at all is a failure.
    fn tests(
        &mut self,
        name: &'static str,
        step: impl FnOnce(&mut Tally) -> Result<(), Failure>,
    ) -> Result<(), Failure> {
        let before = self.tally;
        self.step(name, step)?;
        if self.tally.passed == before.passed {
            return Err(Failure::Check(format!("the step \"{name}\" ran no test")));
        }
        Ok(())
    }

    fn step(
        &mut self,
        name: &'static str,
        step: impl FnOnce(&mut Tally) -> Result<(), Failure>,
    ) -> Result<(), Failure> {
        println!("\n== {name} ==");
        let start = Instant::now();
        let outcome = step(&mut self.tally);
        println!("-- {name}: {}", clock(start.elapsed()));
        self.times.push((name, start.elapsed()));
        outcome
    }
}

/// The end-to-end tests, with arguments of the test runner.
fn end_to_end(args: &[&str]) -> Result<Command, Failure> {
    let mut tests = shell::cargo(["test", "--package", "browser-tests", "--locked", "--"]);
    let browser = tools::browser()?;
    tests.args(args).env("CHROMIUM", browser.chromium).env("CHROMEDRIVER", browser.chromedriver);
    tests.env("CONCORD_AXE", tools::axe()?);
    tests.env("PYTHONPATH", python_path(&[python::numpy()?, python::llama_server()?]));
    tests.env("CONCORD_REAL", real::fetch()?);
    Ok(tests)
}

/// Clippy over what is compiled for the browser: libraries, binaries and the tests that run there.
fn wasm_clippy() -> Result<Command, Failure> {
    let mut clippy = shell::cargo(["clippy", "--locked", "--lib", "--bins", "--target", WASM_TARGET]);
    for package in PACKAGES {
        clippy.args(["--package", package]);
    }
    for name in browser_test_names(&shell::root().join(LM_TESTS))? {
        clippy.args(["--test", &name]);
    }
    clippy.args(["--", "--deny", "warnings"]);
    Ok(clippy)
}

/// The tests that run in a dedicated worker of a headless Chromium.
fn worker_tests() -> Result<Command, Failure> {
    let wasm_bindgen = tools::wasm_bindgen()?;
    let browser = tools::browser()?;
    let runner = wasm_bindgen.with_file_name("wasm-bindgen-test-runner");
    let mut tests = shell::cargo(["test", "--package", "concord-lm", "--locked", "--target", WASM_TARGET]);
    for name in browser_test_names(&shell::root().join(LM_TESTS))? {
        tests.args(["--test", &name]);
    }
    tests.env("CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUNNER", runner);
    tests.env("CHROMEDRIVER", browser.chromedriver).env("WASM_BINDGEN_TEST_TIMEOUT", "900");
    Ok(tests)
}

/// Names of the integration tests made for the browser: `tests/browser_*.rs`.
fn browser_test_names(folder: &Path) -> Result<Vec<String>, Failure> {
    let mut names = Vec::new();
    for entry in std::fs::read_dir(folder).map_err(Failure::file(folder))? {
        let name = entry.map_err(Failure::file(folder))?.file_name().to_string_lossy().into_owned();
        if let Some(stem) = name.strip_suffix(".rs").filter(|stem| stem.starts_with("browser_")) {
            names.push(stem.to_owned());
        }
    }
    names.sort();
    Ok(names)
}

/// Where the tests of the training scripts are; they need Python's own library only.
const TRAINING_TESTS: &str = "training/tests";
/// Where the tests of the scripts that run a job on other machines are.
const HANDOFF_TESTS: &str = "tests/handoff";

/// What runs the Python tests of a folder. A folder that is missing is a failure: nothing would have run.
fn python_tests(folder: &Path, pattern: &str) -> Result<Command, Failure> {
    if !folder.is_dir() {
        let message = format!("{} is missing; tests in Python are there", folder.display());
        return Err(Failure::Check(message));
    }
    let mut tests = shell::command(tools::python()?, ["-m", "unittest", "discover", "--pattern", pattern]);
    tests.arg("--start-directory").arg(folder);
    Ok(tests)
}

/// The folders as PYTHONPATH; one that Python needs no longer, because it has the library already, is empty.
fn python_path(folders: &[PathBuf]) -> OsString {
    let folders = folders.iter().filter(|folder| !folder.as_os_str().is_empty());
    std::env::join_paths(folders).unwrap_or_default()
}

fn clock(duration: Duration) -> String {
    let secs = duration.as_secs();
    format!("{} min {:02} s", secs / 60, secs % 60)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn summaries_of_test_runners_are_added_up() {
        let mut tally = Tally::default();
        tally.read(
            "test result: ok. 12 passed; 0 failed; 1 ignored; 0 measured; 3 filtered out; finished in 0.10s",
        );
        tally.read("test result: FAILED. 4 passed; 2 failed; 0 ignored; 0 measured; 0 filtered out");
        tally.read("test align::cm_align::tests::a_tie ... ok");
        tally.read("99 passed; 99 failed");
        assert_eq!(tally, Tally { passed: 16, failed: 2, ignored: 1 });
    }

    #[test]
    fn a_step_that_runs_no_test_fails() {
        let mut suite = Suite::default();
        assert!(suite.tests("empty", |_| Ok(())).is_err());
        let one = |tally: &mut Tally| {
            tally.read("test result: ok. 1 passed; 0 failed");
            Ok(())
        };
        assert!(suite.tests("one", one).is_ok());
        assert_eq!(suite.tally.passed, 1);
    }

    #[test]
    fn only_tests_named_for_the_browser_run_there() {
        let folder = std::env::temp_dir().join(format!("concord-suite-{}", std::process::id()));
        std::fs::create_dir_all(folder.join("it")).unwrap();
        for name in ["browser_kernels.rs", "browser_a.rs", "other.rs", "browser_notes.md"] {
            std::fs::write(folder.join(name), "").unwrap();
        }
        let names = browser_test_names(&folder).unwrap();
        std::fs::remove_dir_all(&folder).unwrap();
        assert_eq!(names, ["browser_a", "browser_kernels"]);
    }

    #[test]
    fn python_tests_that_are_missing_are_a_failure() {
        let outcome = python_tests(Path::new("/there/is/no/such/folder"), "test*.py");
        assert!(matches!(outcome, Err(Failure::Check(said)) if said.contains("/there/is/no/such/folder")));
    }

    #[test]
    fn times_are_minutes_and_seconds() {
        assert_eq!(clock(Duration::from_secs(125)), "2 min 05 s");
    }
}
