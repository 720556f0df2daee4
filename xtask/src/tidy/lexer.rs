//! Rust source taken apart just far enough: code, text and comments, each with its line.
//!
//! Not a parser: it knows strings, raw strings, characters, lifetimes and comments, which is what a rule needs in order
//! not to trip over its own examples.

/// The parts of a Rust file.
pub(crate) struct Source {
    /// The code line by line, with comments and the insides of strings blanked out.
    pub(crate) code: Vec<String>,
    /// The strings, each with the line it begins on (1 is the first).
    pub(crate) strings: Vec<(usize, String)>,
    /// The first line of the tests at the end of the file; one past the last when there are none.
    pub(crate) tests: usize,
}

impl Source {
    /// Takes the text of a file apart.
    pub(crate) fn parse(text: &str) -> Self {
        let mut lexer = Lexer { rest: text, line: 1, code: String::new(), strings: Vec::new() };
        while !lexer.rest.is_empty() {
            lexer.step();
        }
        let code: Vec<String> = lexer.code.lines().map(str::to_owned).collect();
        let tests = tests_begin(&code);
        Self { code, strings: lexer.strings, tests }
    }

    /// Lines of code outside the tests, each with its number.
    pub(crate) fn product(&self) -> impl Iterator<Item = (usize, &str)> {
        let numbered = self.code.iter().enumerate().map(|(index, line)| (index + 1, line.as_str()));
        numbered.take_while(|(line, _)| *line < self.tests)
    }
}

impl Source {
    /// Names of modules declared `#[cfg(test)] mod name;`.
    pub(crate) fn test_modules(&self) -> impl Iterator<Item = &str> {
        let pairs = self.code.windows(2).filter(|pair| pair[0].trim() == "#[cfg(test)]");
        pairs.filter_map(|pair| {
            let (_, name) = pair[1].trim().strip_suffix(';')?.rsplit_once("mod ")?;
            Some(name)
        })
    }
}

/// The line of the `#[cfg(test)]` that stands before a module with a body.
fn tests_begin(code: &[String]) -> usize {
    for (index, line) in code.iter().enumerate() {
        if line.trim() == "#[cfg(test)]" {
            let next = code[index + 1..].iter().map(|line| line.trim()).find(|line| !line.starts_with("#["));
            if next.is_some_and(|line| line.starts_with("mod ") && line.ends_with('{')) {
                return index + 1;
            }
        }
    }
    code.len() + 1
}

struct Lexer<'a> {
    rest: &'a str,
    line: usize,
    code: String,
    strings: Vec<(usize, String)>,
}

impl Lexer<'_> {
    fn step(&mut self) {
        let after_word = self.code.ends_with(|c: char| c.is_alphanumeric() || c == '_');
        if self.rest.starts_with("//") {
            let end = self.rest.find('\n').unwrap_or(self.rest.len());
            self.blank(end);
        } else if self.rest.starts_with("/*") {
            self.blank(block_comment(self.rest));
        } else if self.rest.starts_with('"') {
            self.string(0, false);
        } else if let Some((prefix, hashes)) = raw_string(self.rest).filter(|_| !after_word) {
            self.keep(prefix);
            self.string(hashes, true);
        } else if self.rest.starts_with('\'') {
            let length = character(self.rest);
            if length > 1 { self.blank(length) } else { self.keep(1) }
        } else {
            let length = self.rest.chars().next().map_or(1, char::len_utf8);
            self.keep(length);
        }
    }

    /// Moves on by so many bytes, which stay visible.
    fn keep(&mut self, length: usize) {
        let (kept, rest) = self.rest.split_at(length);
        self.line += kept.matches('\n').count();
        self.code.push_str(kept);
        self.rest = rest;
    }

    /// Moves on by so many bytes, of which only the line ends stay.
    fn blank(&mut self, length: usize) {
        let (hidden, rest) = self.rest.split_at(length);
        self.line += hidden.matches('\n').count();
        self.code.extend(hidden.chars().map(|c| if c == '\n' { '\n' } else { ' ' }));
        self.rest = rest;
    }

    /// A string whose opening quote is next, closed by a quote and so many hashes.
    fn string(&mut self, hashes: usize, raw: bool) {
        let line = self.line;
        self.keep(1);
        let close = format!("\"{}", "#".repeat(hashes));
        let mut end = 0;
        while end < self.rest.len() && !self.rest[end..].starts_with(&close) {
            let mut step = self.rest[end..].chars().next().map_or(1, char::len_utf8);
            if !raw && self.rest[end..].starts_with('\\') {
                step += self.rest[end + 1..].chars().next().map_or(0, char::len_utf8);
            }
            end += step;
        }
        self.strings.push((line, self.rest[..end].to_owned()));
        self.blank(end);
        self.keep(close.len().min(self.rest.len()));
    }
}

/// For `r"`, `br##"` and so on: the bytes before the quote and the number of hashes.
fn raw_string(text: &str) -> Option<(usize, usize)> {
    let prefix = ["r", "br", "cr"].into_iter().find(|prefix| text.starts_with(prefix))?;
    let hashes = text[prefix.len()..].bytes().take_while(|byte| *byte == b'#').count();
    text[prefix.len() + hashes..].starts_with('"').then_some((prefix.len() + hashes, hashes))
}

/// The length of a block comment, nested ones included.
fn block_comment(text: &str) -> usize {
    let (mut depth, mut at) = (0_usize, 0);
    while at < text.len() {
        if text[at..].starts_with("/*") {
            depth += 1;
            at += 2;
        } else if text[at..].starts_with("*/") {
            depth -= 1;
            at += 2;
            if depth == 0 {
                return at;
            }
        } else {
            at += text[at..].chars().next().map_or(1, char::len_utf8);
        }
    }
    text.len()
}

/// The length of a character literal; 1 when the quote begins a lifetime.
fn character(text: &str) -> usize {
    let mut inside = text.char_indices().skip(1);
    match inside.next() {
        Some((_, '\\')) => {
            inside.next();
            inside.find(|(_, c)| *c == '\'').map_or(1, |(at, _)| at + 1)
        }
        Some(_) => inside.next().filter(|(_, c)| *c == '\'').map_or(1, |(at, _)| at + 1),
        None => 1,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn code_and_strings_part() {
        let check = |text: &str, code: &str, strings: &[(usize, &str)]| {
            let source = Source::parse(text);
            assert_eq!(source.code.join("\n").trim_end(), code, "{text}");
            let found: Vec<_> = source.strings.iter().map(|(line, text)| (*line, text.as_str())).collect();
            assert_eq!(found, strings, "{text}");
        };
        check("let a = 1; // \"x\"", "let a = 1;", &[]);
        check("a(\"x // y\") + b", "a(\"      \") + b", &[(1, "x // y")]);
        check("a\n/* b /* c */ \" */ d", "a\n                  d", &[]);
        check("f(r#\"say \"no\" \"#, '\"', 'a)", "f(r#\"         \"#,    , 'a)", &[(1, "say \"no\" ")]);
        check("\"a\\\"b\";\n\"c\"", "\"    \";\n\" \"", &[(1, "a\\\"b"), (2, "c")]);
        check("for r in x { '\\'' }", "for r in x {      }", &[]);
        check("\"open", "\"", &[(1, "open")]);
    }

    #[test]
    fn tests_are_found() {
        let check = |text: &str, expect: usize| assert_eq!(Source::parse(text).tests, expect, "{text}");
        check("fn a() {}\n\n#[cfg(test)]\nmod tests {\n}\n", 3);
        check("fn a() {}\n#[cfg(test)]\nmod tests;\nfn b() {}", 5);
        check("// #[cfg(test)]\nfn a() {}", 3);
    }
}
