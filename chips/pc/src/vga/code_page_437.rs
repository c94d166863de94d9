//! Code page 437: the 256 glyphs in the character generator of a PC's text screen, as Unicode.
//!
//! The adapter shows a glyph for every byte, also for those that ASCII keeps for control characters.
//! Two tables of the Unicode consortium say which: `MAPPINGS/VENDORS/MICSFT/PC/CP437.TXT` for the
//! bytes from 0x20 up, and `MAPPINGS/VENDORS/MISC/IBMGRAPH.TXT` for 0x01 to 0x1f and 0x7f. The glyph
//! of byte 0 is empty; it stands for U+0000, so that every byte has a character of its own.

/// The byte shown for a character that the page lacks: `■`, which no text uses as a letter.
pub const REPLACEMENT: u8 = 0xfe;

/// The character of each byte.
#[rustfmt::skip]
const CHARACTERS: [char; 256] = [
    '\0', '☺', '☻', '♥', '♦', '♣', '♠', '•', '◘', '○', '◙', '♂', '♀', '♪', '♫', '☼',
    '►', '◄', '↕', '‼', '¶', '§', '▬', '↨', '↑', '↓', '→', '←', '∟', '↔', '▲', '▼',
    ' ', '!', '"', '#', '$', '%', '&', '\'', '(', ')', '*', '+', ',', '-', '.', '/',
    '0', '1', '2', '3', '4', '5', '6', '7', '8', '9', ':', ';', '<', '=', '>', '?',
    '@', 'A', 'B', 'C', 'D', 'E', 'F', 'G', 'H', 'I', 'J', 'K', 'L', 'M', 'N', 'O',
    'P', 'Q', 'R', 'S', 'T', 'U', 'V', 'W', 'X', 'Y', 'Z', '[', '\\', ']', '^', '_',
    '`', 'a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i', 'j', 'k', 'l', 'm', 'n', 'o',
    'p', 'q', 'r', 's', 't', 'u', 'v', 'w', 'x', 'y', 'z', '{', '|', '}', '~', '⌂',
    'Ç', 'ü', 'é', 'â', 'ä', 'à', 'å', 'ç', 'ê', 'ë', 'è', 'ï', 'î', 'ì', 'Ä', 'Å',
    'É', 'æ', 'Æ', 'ô', 'ö', 'ò', 'û', 'ù', 'ÿ', 'Ö', 'Ü', '¢', '£', '¥', '₧', 'ƒ',
    'á', 'í', 'ó', 'ú', 'ñ', 'Ñ', 'ª', 'º', '¿', '⌐', '¬', '½', '¼', '¡', '«', '»',
    '░', '▒', '▓', '│', '┤', '╡', '╢', '╖', '╕', '╣', '║', '╗', '╝', '╜', '╛', '┐',
    '└', '┴', '┬', '├', '─', '┼', '╞', '╟', '╚', '╔', '╩', '╦', '╠', '═', '╬', '╧',
    '╨', '╤', '╥', '╙', '╘', '╒', '╓', '╫', '╪', '┘', '┌', '█', '▄', '▌', '▐', '▀',
    'α', 'ß', 'Γ', 'π', 'Σ', 'σ', 'µ', 'τ', 'Φ', 'Θ', 'Ω', 'δ', '∞', 'φ', 'ε', '∩',
    '≡', '±', '≥', '≤', '⌠', '⌡', '÷', '≈', '°', '∙', '·', '√', 'ⁿ', '²', '■', '\u{a0}',
];

/// All bytes, in the order of their characters, so that a character can be searched for.
///
/// Made from [`CHARACTERS`] when this is compiled, so that the two cannot disagree.
const BYTES_BY_CHARACTER: [u8; 256] = sorted_by_character();

const fn sorted_by_character() -> [u8; 256] {
    let mut bytes = [0; 256];
    let mut count = 0;
    while count < bytes.len() {
        // Insertion sort: shift what comes later in the order up by one, then fill the gap.
        let mut gap = count;
        while gap > 0 && to_char(bytes[gap - 1]) as u32 > to_char(count as u8) as u32 {
            bytes[gap] = bytes[gap - 1];
            gap -= 1;
        }
        bytes[gap] = count as u8;
        count += 1;
    }
    bytes
}

/// The byte whose glyph is `character`, or `None` if the page lacks it.
///
/// Control characters are not glyphs: of U+0001 to U+001F and U+007F the page has none.
pub fn from_char(character: char) -> Option<u8> {
    match character {
        ' '..='~' => Some(character as u8),
        _ => BYTES_BY_CHARACTER
            .binary_search_by_key(&character, |&byte| to_char(byte))
            .ok()
            .map(|place| BYTES_BY_CHARACTER[place]),
    }
}

/// The character whose glyph the adapter shows for `byte`.
pub const fn to_char(byte: u8) -> char {
    CHARACTERS[byte as usize]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_byte_comes_back_from_its_character() {
        for byte in 0..=u8::MAX {
            assert_eq!(from_char(to_char(byte)), Some(byte), "byte {byte:#04x}");
        }
    }

    #[test]
    fn no_two_bytes_share_a_character() {
        let characters = BYTES_BY_CHARACTER.map(to_char);
        assert!(characters.is_sorted_by(|one, next| one < next));
    }

    #[test]
    fn printable_ascii_stands_for_itself() {
        for byte in b' '..=b'~' {
            assert_eq!(to_char(byte), char::from(byte));
        }
    }

    #[test]
    fn known_glyphs_are_where_the_tables_of_unicode_say() {
        let known = [
            (0x01, '☺'),
            (0x0d, '♪'),
            (0x10, '►'),
            (0x1f, '▼'),
            (0x7f, '⌂'),
            (0x80, 'Ç'),
            (0x9e, '₧'),
            (0xb0, '░'),
            (0xc4, '─'),
            (0xc9, '╔'),
            (0xdb, '█'),
            (0xe1, 'ß'),
            (0xe6, 'µ'),
            (0xf9, '∙'),
            (0xfa, '·'),
            (0xff, '\u{a0}'),
        ];
        for (byte, character) in known {
            assert_eq!(to_char(byte), character, "byte {byte:#04x}");
        }
    }

    #[test]
    fn what_the_page_lacks_has_no_byte() {
        let lacking = [
            '\x01', '\n', '\x1b', '\x7f', '\u{80}', '€', 'Ж', '\u{fffd}', '😀',
        ];
        for character in lacking {
            assert_eq!(from_char(character), None, "{character:?}");
        }
    }
}
