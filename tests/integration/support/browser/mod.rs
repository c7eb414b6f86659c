//! Chromium without a window, as people use it: by keyboard, on a screen of some size, with or
//! without scripts. Steered over WebDriver (W3C) and the browser's own DevTools protocol through
//! Debian's chromedriver.
//!
//! ```text
//! Browser ─▶ Driver (chromedriver, a process) ─▶ Chromium, with a profile of the test's own
//!    └─▶ looks: what is wrong with a page as it is shown
//! ```

mod driver;
pub mod looks;

use std::{path::PathBuf, time::Duration};

use base64::{Engine as _, engine::general_purpose::STANDARD as BASE64};
use serde_json::{Value, json};
use tempfile::TempDir;

use self::driver::Driver;
use super::eventually::eventually;

const DEADLINE: Duration = Duration::from_secs(30);
/// The most presses of Tab until something must have had the focus.
const TABS_MAX: usize = 200;
/// Where pictures of pages stay, one folder a test, over a run's end.
const PICTURES: &str = concat!(env!("CARGO_TARGET_TMPDIR"), "/pictures");

/// What a page is shown on.
#[derive(Debug, Clone, Copy)]
pub struct Screen {
    /// For names of pictures.
    pub name: &'static str,
    /// In pixels of CSS.
    pub width: u32,
    /// Likewise.
    pub height: u32,
    /// Whether its owner likes dark pages.
    pub dark: bool,
}

impl Screen {
    /// The narrowest that pages must fit on (WCAG 2.2 §1.4.10).
    pub const PHONE: Self = Self { name: "phone", width: 320, height: 640, dark: false };
    /// The same at night.
    pub const PHONE_DARK: Self = Self { name: "phone-dark", dark: true, ..Self::PHONE };
    /// An ordinary window.
    pub const DESK: Self = Self { name: "desk", width: 1280, height: 800, dark: false };
    /// The same at night.
    pub const DESK_DARK: Self = Self { name: "desk-dark", dark: true, ..Self::DESK };
    /// Each of them.
    pub const ALL: [Self; 4] = [Self::PHONE, Self::PHONE_DARK, Self::DESK, Self::DESK_DARK];
}

/// How a browser is set up.
#[derive(Debug, Clone, Copy)]
pub struct Habits {
    /// Names the folder of its pictures.
    pub test: &'static str,
    /// What its user reads, as in `Accept-Language`.
    pub languages: &'static str,
    /// Whether pages may run scripts.
    pub scripts: bool,
}

/// A key.
#[derive(Debug, Clone, Copy)]
pub enum Key {
    /// To the next thing that can be used.
    Tab,
    /// Uses it.
    Enter,
    /// Presses a button.
    Space,
}

/// A running browser with one window, closed on drop.
#[derive(Debug)]
pub struct Browser {
    driver: Driver,
    pictures: PathBuf,
    downloads: TempDir,
    /// Last: what the browser writes until it is gone.
    _profile: TempDir,
}

impl Browser {
    /// Starts it, with nothing open.
    pub async fn start(habits: Habits) -> Self {
        let folder = |prefix: &str| tempfile::Builder::new().prefix(prefix).tempdir().unwrap();
        let (profile, downloads) = (folder("bellhop-browser"), folder("bellhop-downloads"));
        let driver = Driver::start(&habits, profile.path()).await;
        let pictures = PathBuf::from(PICTURES).join(habits.test);
        std::fs::create_dir_all(&pictures).unwrap();
        let browser = Self { driver, pictures, downloads, _profile: profile };
        let path = browser.downloads.path().display().to_string();
        let download = json!({ "behavior": "allow", "downloadPath": path });
        browser.devtools("Browser.setDownloadBehavior", download).await;
        // The browser's own first page asks for a lot, of itself.
        browser.open("about:blank").await;
        browser.asked().await;
        browser
    }

    /// From now on pages are shown on this.
    pub async fn show_on(&self, screen: Screen) {
        let Screen { width, height, dark, .. } = screen;
        let size = json!({
            "width": width, "height": height, "screenWidth": width, "screenHeight": height,
            "deviceScaleFactor": 1, "mobile": width < 600,
        });
        self.devtools("Emulation.setDeviceMetricsOverride", size).await;
        let scheme = if dark { "dark" } else { "light" };
        let feature = json!({ "name": "prefers-color-scheme", "value": scheme });
        self.devtools("Emulation.setEmulatedMedia", json!({ "features": [feature] })).await;
    }

    /// Opens an address, and waits until it is loaded.
    pub async fn open(&self, url: &str) {
        self.driver.post("/url", json!({ "url": url })).await;
    }

    /// Runs a function's body in the page, whatever the page itself may run.
    pub async fn run(&self, script: &str) -> Value {
        self.driver.post("/execute/sync", json!({ "script": script, "args": [] })).await
    }

    /// The page's first heading; empty without one.
    pub async fn heading(&self) -> String {
        let heading = self.run("return document.querySelector('h1')?.innerText ?? ''").await;
        heading.as_str().unwrap().to_owned()
    }

    /// Waits until the page has this heading.
    pub async fn shows(&self, heading: &str) {
        eventually(heading, DEADLINE, || async { (self.heading().await == heading).then_some(()) })
            .await;
    }

    /// Presses a key and lets go.
    pub async fn press(&self, key: Key) {
        let code = match key {
            Key::Tab => "\u{E004}",
            Key::Enter => "\u{E007}",
            Key::Space => " ",
        };
        let strokes = ["keyDown", "keyUp"].map(|stroke| json!({ "type": stroke, "value": code }));
        let keyboard = json!({ "type": "key", "id": "keyboard", "actions": strokes });
        self.driver.post("/actions", json!({ "actions": [keyboard] })).await;
    }

    /// Types a text into what has the focus.
    pub async fn types(&self, text: &str) {
        let strokes = text.chars().flat_map(|key| {
            ["keyDown", "keyUp"].map(|stroke| json!({ "type": stroke, "value": key.to_string() }))
        });
        let strokes: Vec<Value> = strokes.collect();
        let keyboard = json!({ "type": "key", "id": "keyboard", "actions": strokes });
        self.driver.post("/actions", json!({ "actions": [keyboard] })).await;
    }

    /// What people can read on the page.
    pub async fn reads(&self) -> String {
        self.run("return document.body.innerText").await.as_str().unwrap().to_owned()
    }

    /// Presses Tab until what has this name, as a screen reader says it, has the focus and
    /// shows it.
    ///
    /// # Panics
    /// When all that can be used was passed without it.
    pub async fn tab_to(&self, name: &str) {
        let mut passed = Vec::new();
        for _ in 0..TABS_MAX {
            self.press(Key::Tab).await;
            let focused = self.driver.get("/element/active").await;
            let id = focused.as_object().and_then(|it| it.values().next()?.as_str()).unwrap();
            let label = self.driver.get(&format!("/element/{id}/computedlabel")).await;
            let label = label.as_str().unwrap().to_owned();
            if label == name {
                let outline = self.run(looks::FOCUS_WIDTH).await;
                assert!(outline.as_f64().unwrap() >= 2.0, "{name}: one cannot see it: {outline}");
                return;
            }
            if passed.len() > 1 && passed.first() == Some(&label) {
                break;
            }
            passed.push(label);
        }
        panic!("{name:?} is not among {passed:?}");
    }

    /// Paints the whole page into `target/tmp/pictures`.
    pub async fn picture(&self, name: &str) {
        let whole = json!({ "captureBeyondViewport": true, "format": "png" });
        let shot = self.devtools("Page.captureScreenshot", whole).await;
        let png = BASE64.decode(shot["data"].as_str().unwrap()).unwrap();
        std::fs::write(self.pictures.join(format!("{name}.png")), png).unwrap();
    }

    /// What the browser has complained of on its console since the last time.
    pub async fn complaints(&self) -> Vec<String> {
        let log = self.log("browser").await;
        log.iter().map(|line| line["message"].as_str().unwrap().to_owned()).collect()
    }

    /// The method and address of every request since the last time, such as
    /// `GET http://127.0.0.1:8025/`.
    pub async fn asked(&self) -> Vec<String> {
        let log = self.log("performance").await;
        let told = log.iter().map(|line| line["message"].as_str().unwrap());
        let told = told.map(|text| serde_json::from_str::<Value>(text).unwrap()["message"].take());
        let sent = told.filter(|of| of["method"] == "Network.requestWillBeSent");
        let request = |of: Value| {
            let request = &of["params"]["request"];
            format!("{} {}", request["method"].as_str().unwrap(), request["url"].as_str().unwrap())
        };
        sent.map(request).collect()
    }

    /// Waits for a file of this name that the browser saved.
    pub async fn saved(&self, name: &str) -> String {
        let path = self.downloads.path().join(name);
        eventually(name, DEADLINE, || async { std::fs::read_to_string(&path).ok() }).await
    }

    /// <https://chromedevtools.github.io/devtools-protocol/>
    async fn devtools(&self, command: &str, parameters: Value) -> Value {
        self.driver.post("/goog/cdp/execute", json!({ "cmd": command, "params": parameters })).await
    }

    async fn log(&self, kind: &str) -> Vec<Value> {
        let log = self.driver.post("/se/log", json!({ "type": kind })).await;
        log.as_array().unwrap().clone()
    }
}
