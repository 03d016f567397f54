use std::collections::BTreeMap;

use super::*;

/// What comes of a file and an environment; `database_url` and the like are written as in the file.
fn read(file: &str, environment: &[(&str, &str)]) -> Result<Config, String> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(FILE);
    std::io::Write::write_all(&mut std::fs::File::create(&path).unwrap(), file.as_bytes()).unwrap();
    let environment: BTreeMap<_, _> =
        environment.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    let read = Config::read(&path, &environment, &Flags::default());
    read.map_err(|line| line.replace(&format!("{}/", folder.path().display()), ""))
}

#[track_caller]
fn refused(file: &str, environment: &[(&str, &str)], words: &[&str]) {
    let line = read(file, environment).unwrap_err();
    assert!(!line.contains('\n'), "{line}");
    for word in words {
        assert!(line.contains(word), "{word} is not in: {line}");
    }
}

#[test]
fn the_defaults_are_in_order() {
    let config = read("", &[]).unwrap();
    assert_eq!(config.base_url().unwrap().as_str(), "http://127.0.0.1:3000/");
    assert_eq!(config.warnings(), Vec::<String>::new());
}

#[test]
fn a_wrong_setting_is_refused_by_name() {
    for (setting, value) in [
        ("listen", "nowhere"),
        ("base_url", "ftp://example.com"),
        ("base_url", "https://example.com/gatehouse"),
        ("base_url", "https://me:secret@example.com"),
        ("secret", "short"),
        ("yard_zone", "Mars/Base"),
        ("mail_from", "nobody"),
        ("smtp_url", "http://mail.example"),
        ("smtp_url", "smtp://mail.example?tls=maybe"),
        ("database_url", "mysql://localhost"),
        ("database_url", "postgres://localhost:port/db"),
        ("trusted_proxies", "10.0.0.0/8,10.0.0.300"),
        ("log_format", "xml"),
    ] {
        refused("", &[(setting, value)], &[setting]);
    }
    refused("", &[("lisen", "x")], &["lisen"]);
}

#[test]
fn a_broken_file_is_named_with_the_line_and_the_setting() {
    refused("listen = \"127.0.0.1:1\"\nbase_url = oops\n", &[], &[FILE, "line 2", "base_url"]);
    refused("listen = 7\n", &[], &[FILE, "listen"]);
    refused("color = \"blue\"\n", &[], &[FILE, "color"]);
}

#[test]
fn what_the_environment_says_is_text() {
    let digits = "0".repeat(40);
    let config =
        read("", &[("secret", &digits), ("metrics_token", "1234567890"), ("yard_name", "1889"), ("s3_bucket", "true")])
            .unwrap();
    assert_eq!((config.secret, config.metrics_token.as_str()), (digits, "1234567890"));
    assert_eq!((config.yard_name.as_str(), config.s3_bucket.as_str()), ("1889", "true"));
}

#[test]
fn every_number_may_come_from_the_environment() {
    let all = serde_json::to_value(Config::default()).unwrap();
    let numbers: Vec<_> = all.as_object().unwrap().iter().filter(|(_, value)| value.is_u64()).collect();
    assert!(numbers.len() > 8, "{numbers:?}");
    for (name, _) in numbers {
        read("", &[(name, "20")]).unwrap_or_else(|error| panic!("{name}: {error:#}"));
    }
}

#[test]
fn proxies_are_addresses_and_ranges() {
    for (file, environment) in [
        ("trusted_proxies = [\"10.0.0.0/8\", \"::ffff:192.0.2.1\"]", &[][..]),
        ("", &[("trusted_proxies", "10.0.0.0/8, ::ffff:192.0.2.1")][..]),
        ("", &[("trusted_proxies", "[\"10.0.0.0/8\", \"::ffff:192.0.2.1\"]")][..]),
    ] {
        let nets: Vec<_> =
            read(file, environment).unwrap().proxies().unwrap().iter().map(ToString::to_string).collect();
        assert_eq!(nets, ["10.0.0.0/8", "192.0.2.1/32"]);
    }
}

#[test]
fn links_to_any_address_would_be_dead() {
    for listen in ["0.0.0.0:3000", "[::]:3000"] {
        let config = read("", &[("listen", listen)]).unwrap();
        assert_eq!(config.base_url().unwrap().as_str(), "http://localhost:3000/");
        assert!(config.warnings()[0].contains("base_url"));
    }
    let config = read("", &[("listen", "0.0.0.0:3000"), ("base_url", "https://yard.example")]).unwrap();
    assert_eq!((config.base_url().unwrap().as_str(), config.warnings().len()), ("https://yard.example/", 0));
}

#[test]
fn secrets_never_show() {
    let hidden = "hunter2hunter2hunter2hunter2hunter2";
    for database in [
        format!("postgres://me:{hidden}@host/db"),
        format!("postgres://me@host/db?sslmode=require&password={hidden}"),
        format!("postgres://me@host/db?sslpassword={hidden}"),
        format!("postgres//me:{hidden}@host"),
    ] {
        let config = Config {
            database_url: database.clone(),
            smtp_url: format!("smtp://me:{hidden}@mail.example"),
            secret: hidden.into(),
            metrics_token: hidden.into(),
            recorder_token: hidden.into(),
            ..Config::default()
        };
        let shown = format!("{config:?} {}", toml::to_string(&config.masked()).unwrap());
        assert!(!shown.contains("hunter2") && shown.contains("***"), "{database}: {shown}");
    }
    let plain = Config { database_url: "postgres://me@host/db?sslmode=require".into(), ..Config::default() };
    assert_eq!(plain.masked().database_url, plain.database_url);
    let file = Config { database_url: "sqlite:data/gatehouse.db".into(), ..Config::default() };
    assert_eq!(file.masked().database_url, file.database_url);
}

#[test]
fn names_of_the_old_systems_are_understood_below_our_own() {
    let old = [("USE_S3", "True"), ("AWS_STORAGE_BUCKET_NAME", "old-yard"), ("AWS_S3_REGION_NAME", "eu-west-1")];
    let config = read("", &old).unwrap();
    assert_eq!(
        (config.storage.as_str(), config.s3_bucket.as_str(), config.s3_region.as_str()),
        ("s3", "old-yard", "eu-west-1")
    );
    assert_eq!(config.warnings().len(), 3);
    let config = read("s3_bucket = \"yard\"\n", &old).unwrap();
    assert_eq!((config.storage.as_str(), config.s3_bucket.as_str()), ("s3", "yard"));
    assert!(
        config.warnings().iter().any(|line| line.contains("AWS_STORAGE_BUCKET_NAME") && line.contains("not looked at"))
    );
    refused("", &[("CLOUD_STORAGE_BACKEND", "AZURE")], &["CLOUD_STORAGE_BACKEND", "GATEHOUSE_STORAGE"]);
    let both = [("CLOUD_STORAGE_BACKEND", "BOTH"), ("AWS_STORAGE_BUCKET_NAME", "yard")];
    refused("", &both, &["gcs_bucket"]);
    let config = read("", &[("AWS_STORAGE_CLEANUP_LOCAL", "False"), ("AWS_PRESIGNED_URL_EXPIRATION", "7200")]).unwrap();
    assert_eq!((config.storage_cleanup_local, config.yard_url_hours), (false, 2));
}

#[test]
fn a_secret_in_the_file_is_taken_with_a_warning() {
    let file = format!(
        "secret = \"{}\"\nsmtp_url = \"smtp://me:placeholder@mail.example\"\ndatabase_url = \"postgres://localhost/yard\"\n",
        "0".repeat(40)
    );
    let lines = read(&file, &[]).unwrap().warnings();
    assert_eq!(lines.len(), 2, "{lines:?}");
    assert!(lines[0].contains("GATEHOUSE_SECRET") && lines[1].contains("GATEHOUSE_SMTP_URL"), "{lines:?}");
    assert!(!lines.iter().any(|line| line.contains("placeholder") || line.contains("0000")), "{lines:?}");
    assert_eq!(read("", &[("secret", &"0".repeat(40))]).unwrap().warnings(), Vec::<String>::new());
}
