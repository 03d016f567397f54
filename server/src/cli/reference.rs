//! `docs/ref/cli.md` is made of the commands as they are declared here; a test refuses a page that is out of date.

use std::{fmt::Write, path::Path};

use clap::CommandFactory;

use super::Cli;
use crate::config::Config;

const HEAD: &str = "# Commands

Made from the program's own declarations; `gatehouse help <command>` says the same. Exit codes: 0 done, 1 failed, 2 wrong use,
3 finished with some items failed. Commands that report take `--json`.
";

fn describe(page: &mut String, path: &str, command: &clap::Command) {
    let about = command.get_about().map(ToString::to_string).unwrap_or_default();
    let (about, example) = about.split_once("Example:").unwrap_or((&about, ""));
    writeln!(page, "\n## `{path}`\n\n{}", about.trim()).unwrap();
    if !example.is_empty() {
        writeln!(page, "\n    {}", example.trim()).unwrap();
    }
    let mut options: Vec<_> = command.get_arguments().filter(|arg| !arg.is_hide_set()).collect();
    options.retain(|arg| !matches!(arg.get_id().as_str(), "help" | "version"));
    if !options.is_empty() {
        page.push_str("\n| option | meaning |\n| --- | --- |\n");
    }
    for arg in options {
        let name = arg.get_long().map_or_else(|| format!("<{}>", arg.get_id()), |long| format!("--{long}"));
        let value = match arg.get_action().takes_values() && arg.get_long().is_some() {
            true => arg.get_value_names().and_then(<[_]>::first).map(|value| format!(" {value}")).unwrap_or_default(),
            false => String::new(),
        };
        let default = match arg.get_default_values().first() {
            Some(value) if arg.get_action().takes_values() => format!(" (default `{}`)", value.to_string_lossy()),
            _ => String::new(),
        };
        let help = arg.get_help().map(ToString::to_string).unwrap_or_default();
        writeln!(page, "| `{name}{value}` | {help}{default} |").unwrap();
    }
    for sub in command.get_subcommands().filter(|sub| sub.get_name() != "help" && !sub.is_hide_set()) {
        describe(page, &format!("{path} {}", sub.get_name()), sub);
    }
}

/// `GATEHOUSE_WRITE_DOCS=1 cargo test -p gatehouse reference` brings the page up to date.
#[test]
fn the_page_of_commands_is_up_to_date() {
    let mut page = HEAD.to_owned();
    describe(&mut page, "gatehouse", &Cli::command());
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/ref/cli.md");
    if std::env::var_os("GATEHOUSE_WRITE_DOCS").is_some() {
        std::fs::File::create(&path)
            .and_then(|mut file| std::io::Write::write_all(&mut file, page.as_bytes()))
            .unwrap();
    }
    assert_eq!(std::fs::read_to_string(&path).unwrap_or_default(), page, "run it with GATEHOUSE_WRITE_DOCS=1");
}

/// Every command and subcommand, with the words that lead to it.
fn walk(command: &clap::Command, path: &str, look: &mut impl FnMut(&str, &clap::Command)) {
    for sub in command.get_subcommands().filter(|sub| sub.get_name() != "help") {
        let path = format!("{path} {}", sub.get_name());
        look(&path, sub);
        walk(sub, &path, look);
    }
}

#[test]
fn every_command_has_an_example_and_every_flag_a_meaning() {
    let mut seen = Vec::new();
    walk(&Cli::command(), "gatehouse", &mut |path, command| {
        let about = command.get_about().map(ToString::to_string).unwrap_or_default();
        assert!(about.contains(&format!("Example: {path}")), "{path}: {about}");
        for arg in command.get_arguments() {
            assert!(arg.get_help().is_some_and(|help| !help.to_string().is_empty()), "{path} --{}", arg.get_id());
        }
        seen.push(path.to_owned());
    });
    assert!(seen.contains(&"gatehouse user create".to_owned()), "{seen:?}");
}

#[test]
fn the_page_of_settings_names_every_setting() {
    let page =
        std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/ref/configuration.md")).unwrap();
    let settings = serde_json::to_value(Config::default()).unwrap();
    for name in settings.as_object().unwrap().keys() {
        assert!(page.contains(&format!("| `{name}` |")), "{name} is not in docs/ref/configuration.md");
    }
}
