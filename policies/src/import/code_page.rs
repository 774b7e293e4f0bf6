//! The ANSI code pages that Windows reads old registry files in, and a guess at
//! which one a file is of.

use std::fmt;

use chardetng::{EncodingDetector, Iso2022JpDetection, Utf8Detection};
use encoding_rs::Encoding;

/// Number, name for people, encoding.
const PAGES: [(u16, &str, &Encoding); 24] = [
    (1252, "Western European", encoding_rs::WINDOWS_1252),
    (1250, "Central European", encoding_rs::WINDOWS_1250),
    (1251, "Cyrillic", encoding_rs::WINDOWS_1251),
    (1253, "Greek", encoding_rs::WINDOWS_1253),
    (1254, "Turkish", encoding_rs::WINDOWS_1254),
    (1255, "Hebrew", encoding_rs::WINDOWS_1255),
    (1256, "Arabic", encoding_rs::WINDOWS_1256),
    (1257, "Baltic", encoding_rs::WINDOWS_1257),
    (1258, "Vietnamese", encoding_rs::WINDOWS_1258),
    (874, "Thai", encoding_rs::WINDOWS_874),
    (932, "Japanese, Shift-JIS", encoding_rs::SHIFT_JIS),
    (936, "Simplified Chinese, GBK", encoding_rs::GBK),
    (949, "Korean", encoding_rs::EUC_KR),
    (950, "Traditional Chinese, Big5", encoding_rs::BIG5),
    (866, "Cyrillic, DOS", encoding_rs::IBM866),
    (20866, "Cyrillic, KOI8-R", encoding_rs::KOI8_R),
    (21866, "Cyrillic, KOI8-U", encoding_rs::KOI8_U),
    (
        28592,
        "Central European, ISO 8859-2",
        encoding_rs::ISO_8859_2,
    ),
    (28594, "Baltic, ISO 8859-4", encoding_rs::ISO_8859_4),
    (28595, "Cyrillic, ISO 8859-5", encoding_rs::ISO_8859_5),
    (28597, "Greek, ISO 8859-7", encoding_rs::ISO_8859_7),
    (28598, "Hebrew, ISO 8859-8", encoding_rs::ISO_8859_8),
    (51932, "Japanese, EUC", encoding_rs::EUC_JP),
    (65001, "UTF-8", encoding_rs::UTF_8),
];

/// So few letters tell no page from the usual one, and the Latin ones not from each other.
const FEW: usize = 6;
const FEW_LATIN: usize = 12;
const LATIN: [u16; 6] = [1250, 1254, 1257, 1258, 28592, 28594];

/// A code page of Windows, such as 1252 or 932.
#[derive(Clone, Copy)]
pub struct CodePage {
    number: u16,
    title: &'static str,
    encoding: &'static Encoding,
}

impl CodePage {
    /// The code page of this number.
    #[must_use]
    pub fn numbered(number: u16) -> Option<Self> {
        Self::all().find(|page| page.number == number)
    }

    /// The code page of a word such as `1252`, `cp932` or `shift_jis`.
    #[must_use]
    pub fn named(word: &str) -> Option<Self> {
        let word = word.trim();
        let digits = word.trim_start_matches(|c: char| c.is_ascii_alphabetic() || c == '-');
        if let Some(page) = digits.parse().ok().and_then(Self::numbered) {
            return Some(page);
        }
        let encoding = Encoding::for_label(word.as_bytes())?;
        Self::all().find(|page| page.encoding == encoding)
    }

    /// The usual one.
    #[must_use]
    pub fn western() -> Self {
        let (number, title, encoding) = PAGES[0];
        Self {
            number,
            title,
            encoding,
        }
    }

    /// All of them, the usual one first.
    pub fn all() -> impl Iterator<Item = Self> {
        PAGES.into_iter().map(|(number, title, encoding)| Self {
            number,
            title,
            encoding,
        })
    }

    /// Its number.
    #[must_use]
    pub fn number(self) -> u16 {
        self.number
    }

    /// What it is for: `Western European`.
    #[must_use]
    pub fn title(self) -> &'static str {
        self.title
    }

    /// The text of bytes, and whether there were some that it has no characters for.
    pub(crate) fn decode(self, bytes: &[u8]) -> (String, bool) {
        let (text, lossy) = self.encoding.decode_without_bom_handling(bytes);
        (text.into_owned(), lossy)
    }

    /// The page that these bytes are most likely of.
    pub(crate) fn guess(bytes: &[u8]) -> Self {
        let mut detector = EncodingDetector::new(Iso2022JpDetection::Deny);
        detector.feed(bytes, true);
        let guessed = detector.guess(None, Utf8Detection::Deny);
        let page = Self::all().find(|page| page.encoding == guessed);
        let letters = bytes.iter().filter(|byte| !byte.is_ascii()).count();
        let least = |page: &Self| {
            if LATIN.contains(&page.number) {
                FEW_LATIN
            } else {
                FEW
            }
        };
        page.filter(|page| letters >= least(page))
            .unwrap_or_else(Self::western)
    }
}

impl PartialEq for CodePage {
    fn eq(&self, other: &Self) -> bool {
        self.number == other.number
    }
}

impl Eq for CodePage {}

impl fmt::Debug for CodePage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "CodePage({})", self.number)
    }
}

/// `code page 932 (Japanese, Shift-JIS)`
impl fmt::Display for CodePage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "code page {} ({})", self.number, self.title)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn number(word: &str) -> Option<u16> {
        CodePage::named(word).map(CodePage::number)
    }

    #[test]
    fn pages_are_named_by_number_and_by_word() {
        for (word, expected) in [
            ("1252", Some(1252)),
            ("cp932", Some(932)),
            ("Windows-1251", Some(1251)),
            ("shift_jis", Some(932)),
            ("utf-8", Some(65001)),
            ("iso-8859-1", Some(1252)),
            ("klingon", None),
            ("437", None),
            ("", None),
        ] {
            assert_eq!(number(word), expected, "{word}");
        }
    }

    #[test]
    fn texts_of_each_script_are_told_apart() {
        for (text, page) in [
            ("Nur dienstlich im Büro, Gespräche werden geführt", 1252),
            ("Café réservé aux employés", 1252),
            ("Büro", 1252),
            ("パスワードを絶対に教えないでください", 932),
            ("Никогда не сообщайте пароль", 1251),
            ("Μην δίνετε ποτέ τον κωδικό", 1253),
            ("请勿泄露您的密码或信用卡号码", 936),
            ("비밀번호를 절대 알려주지 마십시오", 949),
        ] {
            let expected = CodePage::numbered(page).unwrap();
            let (bytes, _, _) = expected.encoding.encode(text);
            assert_eq!(CodePage::guess(&bytes), expected, "{text}");
            assert_eq!(expected.decode(&bytes), (text.to_owned(), false));
        }
    }

    #[test]
    fn every_byte_of_windows_1252_has_a_character() {
        let all: Vec<u8> = (0..=255).collect();
        let (text, lossy) = CodePage::western().decode(&all);
        assert_eq!((text.chars().count(), lossy), (256, false));
    }
}
