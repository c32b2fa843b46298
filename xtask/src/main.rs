//! `cargo xtask <command>`: the developer's commands; CONTRIBUTING.md lists them.

#![expect(clippy::print_stdout, reason = "a command-line tool talks to its user on stdout")]

use std::process::{Command, ExitCode};

use xtask::failure::Failure;
use xtask::{cli_bench, deny, fuzz, job_bench, real, shell, site, suite, times, tools, trainers};

const USAGE: &str = "\
cargo xtask <command>

  serve [--port N]            build the page and serve it on localhost
  build                       build the static page into dist/ and print its size
  test                        run every check: format, lints, native, browser and end-to-end tests
  deny [--advisories]         check licences and sources of the dependencies, and known holes on request
  fuzz [SECONDS]              run every fuzz target for as long (60 if not said)
  times                       measure cargo check after touching a view, a kernel, a method; print the page's size
  bench [args]                measure the engine (--browser: its products in headless Chromium, beside onnxruntime-web's; --browser --peers:
                              real models on the CPU, beside wllama)
  soak [MINUTES]              run small jobs in headless Chromium for as long (10 if not said), and fail where memory grows
  bench-kernels [args]        measure the products with quantised weights, for every number of rows
  bench-methods [args]        measure the methods that need no model on a session of 32,000 responses;
                              --cli: the command line on a million; --job N: a job of N prompts
                              (--cli: the command line on 1,000,000, with its memory)
  evaluate [args]             measure the teaching model and the pairs made from it (--json for a program)
  compare [args]              compare the methods on held-out problems (--write puts the table into docs/results.md)
  example-session [args]      say where consistency misleads on the starter prompts (--write makes the page's example session)
  minilm                      fetch the one real encoder that the tests use, and say where it is
  real                        fetch the two real generators that the tests use (350 MB), and say where they are
  test-trainers [names]       train with the real TRL on the CPU as a job's recipes do (PyTorch: 6 GB, in a folder of its own)
  train-teaching-model [args] make the teaching model again, from its problem generator on

Each command installs whatever is missing, at pinned versions.";

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let (command, rest) = args.split_first().map_or(("", &[][..]), |(first, rest)| (first.as_str(), rest));
    let outcome = match command {
        "serve" => port(rest).and_then(site::serve),
        "build" => site::build().map(|dist| println!("built {}", dist.display())),
        "test" => suite::run(),
        "deny" => advisories(rest).and_then(deny::check),
        "fuzz" => seconds(rest).and_then(fuzz::run),
        "times" => times::run(),
        "bench" if rest.iter().any(|arg| arg == "--browser") => {
            let is_peers = rest.iter().any(|arg| arg == "--peers");
            in_browser(if is_peers { "bench_peers" } else { "bench_browser" }, rest)
        }
        "soak" => in_browser("soak", rest),
        "bench-methods" if rest == ["--cli"] => cli_bench::run(),
        "bench-methods" if matches!(rest, [job, _] if job == "--job") => match rest[1].parse() {
            Ok(n_prompts) => job_bench::run(n_prompts),
            Err(_) => Err(Failure::Check("--job takes a number of prompts".to_owned())),
        },
        "bench" | "bench-kernels" | "bench-methods" | "evaluate" | "compare" | "example-session" => {
            shell::run_quietly(example(&command.replace("-", "_")).args(rest))
        }
        "minilm" => tools::minilm().map(|folder| println!("{}", folder.display())),
        "real" => real::fetch().map(|folder| println!("{}", folder.display())),
        "test-trainers" => trainers::test(rest),
        "train-teaching-model" => train(rest),
        "" | "help" | "--help" | "-h" => {
            println!("{USAGE}");
            Ok(())
        }
        other => Err(Failure::Check(format!("there is no command {other}\n\n{USAGE}"))),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(_) if command == "test" => ExitCode::FAILURE, // The suite has already said what failed.
        Err(failure) => {
            println!("{failure}");
            ExitCode::FAILURE
        }
    }
}

fn port(args: &[String]) -> Result<Option<u16>, Failure> {
    match args {
        [] => Ok(None),
        [flag, value] if flag == "--port" => match value.parse() {
            Ok(port) => Ok(Some(port)),
            Err(error) => Err(Failure::Check(format!("--port {value}: {error}"))),
        },
        _ => Err(Failure::Check("serve takes --port and a number, nothing else".to_owned())),
    }
}

fn advisories(args: &[String]) -> Result<bool, Failure> {
    match args {
        [] => Ok(false),
        [flag] if flag == "--advisories" => Ok(true),
        _ => Err(Failure::Check("deny takes --advisories, nothing else".to_owned())),
    }
}

fn seconds(args: &[String]) -> Result<u32, Failure> {
    match args {
        [] => Ok(60),
        [secs] => secs.parse().map_err(|error| Failure::Check(format!("fuzz {secs}: {error}"))),
        _ => Err(Failure::Check("fuzz takes a number of seconds, nothing else".to_owned())),
    }
}

/// An example of the package, run natively and optimised. It has stdout to itself: `evaluate --json` is for programs.
fn example(name: &str) -> Command {
    shell::cargo(["run", "--quiet", "--locked", "--profile", "bench-fast", "--example", name, "--"])
}

/// An example that drives headless Chromium.
fn in_browser(name: &str, args: &[String]) -> Result<(), Failure> {
    let mut cargo = Command::new("cargo");
    cargo.args(["run", "--package", "browser-tests", "--example", name, "--"]);
    shell::run_quietly(cargo.args(args))
}

/// Trains the teaching model in a virtual environment with pinned packages; without arguments, measures it and
/// writes its card, too.
fn train(args: &[String]) -> Result<(), Failure> {
    let training = shell::root().join("training");
    let venv = training.join(".venv");
    let python = venv.join("bin/python");
    if !python.is_file() {
        shell::run(shell::command("python3", ["-m", "venv"]).arg(&venv))?;
    }
    let requirements = training.join("requirements.txt");
    shell::run(
        shell::command(&python, ["-m", "pip", "install", "--quiet", "--requirement"]).arg(requirements),
    )?;
    shell::run(shell::command(&python, ["training/train.py"]).args(args))?;
    if !args.is_empty() {
        return Ok(());
    }
    let report = training.join("work/report.json");
    let into = std::fs::File::create(&report).map_err(Failure::file(&report))?;
    shell::run(example("evaluate").arg("--json").stdout(into))?;
    shell::run(shell::command(&python, ["training/train.py", "--card"]).arg(report))
}
