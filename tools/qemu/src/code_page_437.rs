//! The characters of the PC's own character set.

/// 0x00 to 0x1f. The code 0 shows nothing.
const LOW: &str = " ☺☻♥♦♣♠•◘○◙♂♀♪♫☼►◄↕‼¶§▬↨↑↓→←∟↔▲▼";
/// 0x7f to 0xff.
const HIGH: &str = concat!(
    "⌂",
    "ÇüéâäàåçêëèïîìÄÅÉæÆôöòûùÿÖÜ¢£¥₧ƒ",
    "áíóúñÑªº¿⌐¬½¼¡«»░▒▓│┤╡╢╖╕╣║╗╝╜╛┐",
    "└┴┬├─┼╞╟╚╔╩╦╠═╬╧╨╤╥╙╘╒╓╫╪┘┌█▄▌▐▀",
    "αßΓπΣσµτΦΘΩδ∞φε∩≡±≥≤⌠⌡÷≈°∙·√ⁿ²■\u{a0}",
);

/// The character that the screen shows for `code`.
pub(crate) fn character(code: u8) -> char {
    let listed = match code {
        0x00..=0x1f => LOW.chars().nth(code.into()),
        0x20..=0x7e => Some(code.into()),
        0x7f..=0xff => HIGH.chars().nth((code - 0x7f).into()),
    };
    listed.unwrap_or(char::REPLACEMENT_CHARACTER)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_has_a_character_of_its_own() {
        assert_eq!(LOW.chars().count(), 0x20);
        assert_eq!(HIGH.chars().count(), 0x81);
        // 0x00 and 0x20 look the same.
        let mut characters: Vec<char> = (1..=255).map(character).collect();
        characters.sort_unstable();
        characters.dedup();
        assert_eq!(characters.len(), 255);
    }

    #[test]
    fn ascii_stays_and_the_others_are_where_they_belong() {
        assert_eq!(character(b'A'), 'A');
        assert_eq!(character(0x7f), '⌂');
        assert_eq!(character(0xb0), '░');
        assert_eq!(character(0xc9), '╔');
        assert_eq!(character(0xcd), '═');
        assert_eq!(character(0xdb), '█');
        assert_eq!(character(0xe1), 'ß');
        assert_eq!(character(0xfe), '■');
    }
}
