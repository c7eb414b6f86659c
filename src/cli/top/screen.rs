//! A terminal while somebody looks: the other screen, without a cursor, without echo; and as it was
//! once it is dropped.

use std::io::{Read as _, Write as _};

use rustix::termios::{
    LocalModes, OptionalActions, SpecialCodeIndex, Termios, tcgetattr, tcgetwinsize, tcsetattr,
};
use tokio::sync::mpsc::{Receiver, channel};

/// The other screen (`xterm`), no cursor, and no line that goes on in the next.
const ENTER: &str = "\x1b[?1049h\x1b[?25l\x1b[?7l";
const LEAVE: &str = "\x1b[?7h\x1b[?25h\x1b[?1049l";
const HOME: &str = "\x1b[H";
const REST_OF_LINE: &str = "\x1b[K";
const REST_OF_SCREEN: &str = "\x1b[J";
/// Keys that were pressed and not looked at.
const KEYS_MAX: usize = 16;
/// Where a terminal does not say how many lines it has.
const ROWS_DEFAULT: u16 = 24;
/// The foot, and the empty line before it.
const FOOT_ROWS: usize = 2;

/// See the module.
pub struct Screen {
    before: Termios,
}

impl Screen {
    /// Takes the terminal.
    ///
    /// # Errors
    /// If it is none.
    pub fn open() -> std::io::Result<Self> {
        let before = tcgetattr(std::io::stdin())?;
        let mut now = before.clone();
        now.local_modes -= LocalModes::ICANON | LocalModes::ECHO;
        // Nobody is left with this screen while it is stopped.
        now.special_codes[SpecialCodeIndex::VSUSP] = 0;
        tcsetattr(std::io::stdin(), OptionalActions::Now, &now)?;
        let screen = Self { before };
        write(ENTER)?;
        Ok(screen)
    }

    /// Shows these lines, as many as there is room for, and the foot below them.
    ///
    /// # Errors
    /// If the terminal is gone.
    pub fn draw(&mut self, text: &str, foot: &str) -> std::io::Result<()> {
        let rows = tcgetwinsize(std::io::stdout()).map_or(0, |size| size.ws_row);
        let rows = if rows == 0 { ROWS_DEFAULT } else { rows };
        write(&frame(text, foot, usize::from(rows)))
    }
}

impl Drop for Screen {
    fn drop(&mut self) {
        // The terminal may be what is gone.
        let _ = write(LEAVE);
        let _ = tcsetattr(std::io::stdin(), OptionalActions::Now, &self.before);
    }
}

fn frame(text: &str, foot: &str, rows: usize) -> String {
    let room = rows.saturating_sub(FOOT_ROWS).max(1);
    let left_out = text.lines().count().saturating_sub(room);
    let foot = match left_out {
        0 => format!("{foot}."),
        1 => format!("{foot}; 1 more line does not fit."),
        _ => format!("{foot}; {left_out} more lines do not fit."),
    };
    let lines: Vec<&str> = text.lines().take(room).chain(["", &foot]).collect();
    let lines = lines.join(&format!("{REST_OF_LINE}\r\n"));
    format!("{HOME}{lines}{REST_OF_LINE}{REST_OF_SCREEN}")
}

fn write(text: &str) -> std::io::Result<()> {
    let mut out = std::io::stdout().lock();
    out.write_all(text.as_bytes())?;
    out.flush()
}

/// What is pressed from now on. The thread ends with the process.
pub fn keys() -> Receiver<u8> {
    let (pressed, keys) = channel(KEYS_MAX);
    std::thread::spawn(move || {
        let mut key = [0];
        while std::io::stdin().lock().read_exact(&mut key).is_ok() {
            if pressed.blocking_send(key[0]).is_err() {
                break;
            }
        }
    });
    keys
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_more_lines_are_drawn_than_there_are() {
        let drawn = frame("one\ntwo\nthree\n", "q ends", 4);
        assert_eq!(
            drawn,
            "\x1b[Hone\x1b[K\r\ntwo\x1b[K\r\n\x1b[K\r\nq ends; 1 more line does not fit.\x1b[K\x1b[J"
        );
        let drawn = frame("one\n", "q ends", 3);
        assert_eq!(drawn, "\x1b[Hone\x1b[K\r\n\x1b[K\r\nq ends.\x1b[K\x1b[J");
    }
}
