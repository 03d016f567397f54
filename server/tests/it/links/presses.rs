//! Who presses the button: people with every browser, and many at once.

use std::collections::BTreeMap;

use super::{page_token, person, sent, views};
use crate::support::Client;

#[tokio::test]
async fn every_browser_downloads_with_one_press() {
    let (house, _, path, _) = sent(&[]).await;
    let page = house.anonymous().get(&path).await.expect(200);
    let token = page_token(&page);
    let fields = [("csrf", token.as_str()), ("download", "pdf")];
    let with = |headers: &[(&'static str, &str)]| {
        headers
            .iter()
            .fold(house.anonymous().with("origin", "null"), |client: Client, (name, value)| client.with(name, value))
    };
    let safari = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.5 Mobile/15E148 Safari/604.1";
    let firefox = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0";
    let mode = ("sec-fetch-mode", "navigate");
    let pressed = ("sec-fetch-user", "?1");
    let chromium = ("sec-ch-ua", "\"Chromium\";v=\"142\"");
    let people = [
        ("Safari on an iPhone", with(&[mode, ("user-agent", safari)])),
        ("Chrome", with(&[mode, pressed, chromium])),
        ("Firefox", with(&[mode, pressed, ("user-agent", firefox)])),
        (
            "Firefox on an iPhone",
            with(&[mode, ("user-agent", "Mozilla/5.0 (iPhone) AppleWebKit/605.1.15 FxiOS/140.0 Mobile")]),
        ),
        ("curl", with(&[("user-agent", "curl/8.9")]).without("sec-fetch-site")),
        ("an old browser", with(&[("user-agent", "Mozilla/4.0 (compatible; MSIE 8.0)")]).without("sec-fetch-site")),
    ];
    for (who, browser) in people {
        assert_eq!(browser.post(&path, &fields).await.status, 303, "{who}");
    }
    // What says when a person presses, and does not say so here, was a script.
    for (who, script) in [("Chrome", with(&[mode, chromium])), ("Firefox", with(&[mode, ("user-agent", firefox)]))] {
        let answer = script.post(&path, &fields).await.expect(422);
        assert!(answer.body.contains("Type the last four digits"), "{who}");
    }
}

#[tokio::test]
async fn many_passcodes_at_once_are_not_more_tries() {
    let (house, _, path, browser) = sent(&[("passcode", "blue heron")]).await;
    let token = page_token(&browser.get(&path).await);
    let tries = (0..30).map(|n| {
        let (browser, path, token) = (person(&house), path.clone(), token.clone());
        tokio::spawn(async move {
            let code = format!("heron {n:04}");
            browser.post(&path, &[("csrf", &token), ("download", "pdf"), ("passcode", &code)]).await.status
        })
    });
    let mut answers = BTreeMap::new();
    for answer in tries.collect::<Vec<_>>() {
        *answers.entry(answer.await.unwrap()).or_insert(0) += 1;
    }
    assert_eq!(answers, BTreeMap::from([(422, 5), (429, 25)]));
    let right = [("csrf", token.as_str()), ("download", "pdf"), ("passcode", "blue heron")];
    browser.post(&path, &right).await.expect(429);
    assert!(!views(&house).await.iter().any(|view| view.starts_with("downloaded")));
}
