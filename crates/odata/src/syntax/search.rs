//! `$search`: words, phrases and their operators. What is not such an expression may be quoted as plain text.

use super::{
    ast::Search,
    parser::{Parser, Result},
};

impl<'p> Parser<'p> {
    /// A search expression, or text in single quotes.
    pub(crate) fn search(&mut self) -> Result<Search> {
        self.node()?;
        if self.peek() == b'\'' {
            return self.string().map(Search::Text);
        }
        self.search_or()
    }

    fn search_or(&mut self) -> Result<Search> {
        self.down()?;
        let mut terms = vec![self.search_and()?];
        while self.search_operator("OR") {
            self.node()?;
            terms.push(self.search_and()?);
        }
        self.up();
        Ok(if terms.len() == 1 { terms.swap_remove(0) } else { Search::Or(terms) })
    }

    fn search_and(&mut self) -> Result<Search> {
        let mut terms = vec![self.search_term()?];
        loop {
            let before = self.pos;
            if !self.search_operator("AND") {
                let or = self.search_operator("OR");
                if or || !(self.space() && self.term_follows()) {
                    self.pos = before;
                    break;
                }
            }
            self.node()?;
            terms.push(self.search_term()?);
        }
        Ok(if terms.len() == 1 { terms.swap_remove(0) } else { Search::And(terms) })
    }

    /// Takes this operator when it stands between two terms; otherwise it is a word.
    fn search_operator(&mut self, operator: &str) -> bool {
        let before = self.pos;
        if self.space() && self.search_word() == operator {
            self.pos += operator.len();
            if self.space() && self.term_follows() {
                return true;
            }
        }
        self.pos = before;
        false
    }

    fn search_term(&mut self) -> Result<Search> {
        self.node()?;
        if self.eat("(") {
            self.space();
            let inner = self.search_or()?;
            self.close()?;
            return Ok(inner);
        }
        if self.peek() == b'"' {
            return self.phrase();
        }
        let word = self.search_word();
        if word.is_empty() {
            return Err(self.expected("a word or a phrase"));
        }
        self.pos += word.len();
        if word == "NOT" {
            let before = self.pos;
            if self.space() && self.term_follows() {
                self.down()?;
                let inner = Box::new(self.search_term()?);
                self.up();
                return Ok(Search::Not(inner));
            }
            self.pos = before;
        }
        Ok(Search::Word(word.to_owned()))
    }

    fn phrase(&mut self) -> Result<Search> {
        let start = self.pos;
        self.pos += 1;
        let length = self.rest().find('"').unwrap_or(0);
        if length == 0 {
            self.pos = if self.peek() == b'"' { start + 1 } else { self.text.len() };
            return Err(self.expected("a phrase that ends with `\"`"));
        }
        let phrase = &self.rest()[..length];
        self.pos += length + 1;
        Ok(Search::Phrase(phrase.to_owned()))
    }

    fn term_follows(&self) -> bool {
        matches!(self.peek(), b'(' | b'"') || !self.search_word().is_empty()
    }

    /// The word that is next, not taken. A semicolon belongs to it only when it came percent-encoded.
    fn search_word(&self) -> &'p str {
        let rest = self.rest();
        let fits = |(at, c): (usize, char)| match c {
            ' ' | '\t' | '(' | ')' | '"' => false,
            ';' | '&' => self.escaped_at(at),
            '\'' => at > 0,
            _ => true,
        };
        let end = rest.char_indices().find(|pair| !fits(*pair)).map_or(rest.len(), |(at, _)| at);
        &rest[..end]
    }
}
