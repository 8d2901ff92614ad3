//! A file is read in the encoding that it says it has, or refused: no letter is lost on the way.
#![expect(clippy::expect_used, reason = "helpers of tests are tests")]

use flow::{ProblemCode, xml};
use kernel::Language;

fn document(encoding: &str) -> String {
    format!(
        "<?xml version='1.0' encoding='{encoding}' standalone=\"yes\"?>\n<definitions>\n<process name=\"Aprobación\"/></definitions>"
    )
}

fn latin(text: &str) -> Vec<u8> {
    text.chars()
        .map(|c| u8::try_from(u32::from(c)).expect("a letter of Latin-1"))
        .collect()
}

fn wide(text: &str, bytes: fn(u16) -> [u8; 2]) -> Vec<u8> {
    text.encode_utf16().flat_map(bytes).collect()
}

fn read(bytes: &[u8]) -> String {
    xml::decode(bytes).expect("readable").into_owned()
}

fn refused(bytes: &[u8]) -> flow::Problem {
    let problem = xml::decode(bytes).expect_err("refused");
    for language in Language::ALL {
        assert!(!problem.sentence(language).contains('{'));
    }
    problem
}

#[test]
fn what_the_first_line_says_is_believed() {
    for name in ["ISO-8859-1", "iso-8859-1", "windows-1252", "latin1"] {
        let text = document(name);
        assert_eq!(read(&latin(&text)), text);
    }
    // 0x80 is the euro in windows-1252, and in what people call Latin-1.
    let mut euro = latin(&document("windows-1252"));
    euro.push(0x80);
    assert!(read(&euro).ends_with('€'));
    let central = [
        b"<?xml version=\"1.0\" encoding = \"ISO-8859-2\"?><a>".as_slice(),
        &[0xb3],
    ]
    .concat();
    assert!(read(&central).ends_with('ł'));
    let japanese = [
        b"<?xml version=\"1.0\" encoding=\"Shift_JIS\"?><a>".as_slice(),
        &[0x93, 0xfa, 0x96, 0x7b],
    ]
    .concat();
    assert!(read(&japanese).ends_with("日本"));
    let utf8 = document("UTF-8");
    assert_eq!(read(utf8.as_bytes()), utf8);
    assert_eq!(read("<a>ñ</a>".as_bytes()), "<a>ñ</a>");
    assert_eq!(read(b""), "");
}

#[test]
fn the_mark_at_the_beginning_goes_before_the_first_line() {
    let text = document("UTF-16");
    let marked = format!("\u{feff}{text}");
    assert_eq!(read(&wide(&marked, u16::to_le_bytes)), text);
    assert_eq!(read(&wide(&marked, u16::to_be_bytes)), text);
    // Without a mark, as appendix F has it.
    assert_eq!(read(&wide(&text, u16::to_le_bytes)), text);
    assert_eq!(read(&wide(&text, u16::to_be_bytes)), text);
    for name in ["UTF-8", "ISO-8859-1"] {
        let text = document(name);
        assert_eq!(read(format!("\u{feff}{text}").as_bytes()), text);
    }
    // Some tools write `utf-16` and then UTF-8.
    assert_eq!(read(text.as_bytes()), text);
}

#[test]
fn what_does_not_fit_is_refused_and_says_where() {
    let lies = refused(&latin(&document("UTF-8")));
    assert_eq!(
        (lies.code, lies.line, lies.column),
        (ProblemCode::WrongEncoding, 3, 24)
    );
    assert!(lies.sentence(Language::Es).contains("UTF-8"));
    let unsaid = refused(&latin("<a>Aprobación</a>"));
    assert_eq!((unsaid.code, unsaid.line), (ProblemCode::WrongEncoding, 1));
    let both = refused(document("ISO-8859-1").as_bytes());
    assert_eq!(both.code, ProblemCode::MislabelledEncoding);
    let unknown = refused(document("klingon").as_bytes());
    assert_eq!(unknown.code, ProblemCode::UnknownEncoding);
    assert!(unknown.sentence(Language::En).contains("klingon"));
    let four = refused(&[0xff, 0xfe, 0, 0, b'<', 0, 0, 0]);
    assert_eq!(four.code, ProblemCode::UnknownEncoding);
    let mut half = wide("\u{feff}<a>ñ</a>", u16::to_le_bytes);
    half.pop();
    assert_eq!(refused(&half).code, ProblemCode::WrongEncoding);
}

#[test]
fn a_file_above_the_limit_is_refused_with_both_sizes() {
    let problem = refused(&vec![b' '; xml::MAX_BYTES + 1]);
    assert_eq!(problem.code, ProblemCode::TooLarge);
    assert_eq!(problem.args, ["8 MiB", "9 MiB"]);
}
