//! Asks a name server for the text records of a domain (RFC 1035), over TCP (RFC 7766): what a stranger would have to guess to
//! answer in its place is a connection.
//!
//! **Architecture Invariant:** an answer is read within its bounds, in time, and is for this very question.

use std::{net::SocketAddr, time::Duration};

use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
};

/// How long the name server has.
const TIME: Duration = Duration::from_secs(5);
/// Type and class of a text record.
const TXT: [u8; 4] = [0, 16, 0, 1];

/// The text records of a domain; `None` when nobody answers, or not rightly.
pub(super) async fn texts(server: SocketAddr, domain: &str, id: [u8; 2]) -> Option<Vec<String>> {
    let asked = question(domain, id)?;
    let speak = async {
        let mut stream = TcpStream::connect(server).await.ok()?;
        let length = u16::try_from(asked.len()).ok()?.to_be_bytes();
        stream.write_all(&[&length, asked.as_slice()].concat()).await.ok()?;
        let mut answer = vec![0; usize::from(stream.read_u16().await.ok()?)];
        stream.read_exact(&mut answer).await.ok()?;
        Some(answer)
    };
    read(&tokio::time::timeout(TIME, speak).await.ok()??, &asked)
}

/// A question for the text records of a domain.
fn question(domain: &str, id: [u8; 2]) -> Option<Vec<u8>> {
    // One question, and whatever it takes to answer it.
    let mut asked = [id.as_slice(), &[1, 0, 0, 1, 0, 0, 0, 0, 0, 0]].concat();
    for label in domain.split('.') {
        let length = u8::try_from(label.len()).ok().filter(|length| (1..=63).contains(length))?;
        asked.push(length);
        asked.extend_from_slice(label.as_bytes());
    }
    asked.push(0);
    asked.extend_from_slice(&TXT);
    (asked.len() <= 300).then_some(asked)
}

/// The text records of an answer to this question.
fn read(answer: &[u8], asked: &[u8]) -> Option<Vec<String>> {
    let header = answer.get(..12)?;
    // An answer (QR), without an error but that there is no such name.
    let code = header[3] & 15;
    if header[..2] != asked[..2] || header[2] & 0x80 == 0 || !matches!(code, 0 | 3) || header[4..6] != [0, 1]
    {
        return None;
    }
    let question = asked.get(12..)?;
    if !answer.get(12..12 + question.len())?.eq_ignore_ascii_case(question) {
        return None;
    }
    let mut at = 12 + question.len();
    let mut found = Vec::new();
    for _ in 0..u16::from_be_bytes([header[6], header[7]]) {
        at = behind_name(answer, at)?;
        let fixed = answer.get(at..at + 10)?;
        let length = usize::from(u16::from_be_bytes([fixed[8], fixed[9]]));
        let data = answer.get(at + 10..at + 10 + length)?;
        at += 10 + length;
        if fixed[..4] == TXT {
            found.push(text(data)?);
        }
    }
    Some(found)
}

/// Where a name ends: at its last label, or where it goes on elsewhere.
fn behind_name(answer: &[u8], mut at: usize) -> Option<usize> {
    loop {
        match *answer.get(at)? {
            0 => return Some(at + 1),
            length if length & 0xc0 == 0xc0 => return Some(at + 2),
            length if length < 64 => at += 1 + usize::from(length),
            _ => return None,
        }
    }
}

/// The parts of a record, one after the other.
fn text(mut data: &[u8]) -> Option<String> {
    let mut text = Vec::new();
    while let Some((length, rest)) = data.split_first() {
        let (part, rest) = rest.split_at_checked(usize::from(*length))?;
        text.extend_from_slice(part);
        data = rest;
    }
    Some(String::from_utf8_lossy(&text).into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(records: &[(&[u8], [u8; 4], &[u8])]) -> Vec<u8> {
        let mut answer = question("corp.example", [7, 8]).unwrap();
        answer[2] = 0x81;
        answer[7] = records.len() as u8;
        for (name, kind, data) in records {
            answer.extend_from_slice(name);
            answer.extend_from_slice(kind);
            answer.extend_from_slice(&[0, 0, 0, 60]);
            answer.extend_from_slice(&(data.len() as u16).to_be_bytes());
            answer.extend_from_slice(data);
        }
        answer
    }

    #[test]
    fn records_are_read_and_nothing_else_is() {
        let asked = question("corp.example", [7, 8]).unwrap();
        assert_eq!(asked.len(), 12 + 14 + 4);
        let pointer: &[u8] = &[0xc0, 12];
        let alias: &[u8] = b"\x01a\x00";
        let good = answer(&[
            (pointer, [0, 5, 0, 1], b"\x01a\x00"),
            (alias, TXT, b"\x03abc\x02de"),
            (pointer, TXT, b"\x00"),
        ]);
        assert_eq!(read(&good, &asked), Some(vec!["abcde".to_owned(), String::new()]));
        assert_eq!(read(&answer(&[]), &asked), Some(Vec::new()));
        // Cut anywhere, it is none.
        for length in 0..good.len() {
            assert_eq!(read(&good[..length], &asked), None, "{length}");
        }
        let check = |at: usize, byte: u8, expect: bool| {
            let mut changed = good.clone();
            changed[at] = byte;
            assert_eq!(read(&changed, &asked).is_some(), expect, "{at}");
        };
        check(0, 9, false);
        check(2, 1, false);
        check(3, 3, true);
        check(3, 2, false);
        check(13, b'C', true);
        check(13, b'x', false);
        check(7, 9, false);
        assert_eq!(read(&answer(&[(&[0x80], TXT, b"\x00")]), &asked), None);
        assert_eq!(read(&answer(&[(pointer, TXT, b"\x09a")]), &asked), None);
        for domain in ["", "a..b", &"a".repeat(64), &"abc.".repeat(80)] {
            assert_eq!(question(domain, [0, 0]), None, "{domain}");
        }
    }
}
