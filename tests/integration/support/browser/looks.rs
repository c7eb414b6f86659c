//! Whether a page can be read and used, by what a browser makes of it.

use super::{Browser, Screen};

/// See the file.
const LOOKS: &str = include_str!("looks.js");
/// How wide the ring around what has the focus is, in pixels of CSS.
pub const FOCUS_WIDTH: &str = "const style = getComputedStyle(document.activeElement); \
     return style.outlineStyle === 'none' ? 0 : parseFloat(style.outlineWidth)";

impl Browser {
    /// What is wrong with the page as it is shown now; empty where nothing is.
    pub async fn faults(&self) -> Vec<String> {
        let faults = self.run(LOOKS).await;
        faults.as_array().unwrap().iter().map(|of| of.as_str().unwrap().to_owned()).collect()
    }

    /// Asserts that nothing is wrong with the page on any screen, and paints it on each.
    ///
    /// # Panics
    /// Tells what is.
    pub async fn assert_sound(&self, name: &str) {
        for screen in Screen::ALL {
            self.show_on(screen).await;
            self.picture(&format!("{name}-{}", screen.name)).await;
            let faults = self.faults().await;
            assert!(faults.is_empty(), "{name} on {screen:?}: {faults:#?}");
        }
    }
}
