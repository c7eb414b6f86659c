//! Bytes written as hexadecimal digits.

/// The bytes that a text stands for, in small or large letters; nothing if it stands for none.
pub(super) fn decode(text: &str) -> Option<Vec<u8>> {
    let digits: Option<Vec<u8>> = text
        .chars()
        .map(|digit| digit.to_digit(16).and_then(|digit| u8::try_from(digit).ok()))
        .collect();
    let digits = digits.filter(|digits| digits.len() % 2 == 0)?;
    Some(
        digits.chunks(2).map(|pair| pair.iter().fold(0, |byte, digit| byte * 16 + digit)).collect(),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_digits_are_a_byte() {
        assert_eq!(decode("00fFa9"), Some(vec![0, 255, 169]));
        assert_eq!(decode(""), Some(Vec::new()));
        for none in ["0", "0g", "é", "0x00", " 00"] {
            assert_eq!(decode(none), None, "{none}");
        }
    }
}
