//! Numbers in placeholders: digits, thousands, percent, scientific notation and fractions.

use super::{
    code::{Section, Token},
    digits::Digits,
    push, separators,
};
use crate::Locale;

/// Digits behind the point that a section shows.
pub(super) fn decimals(section: &Section) -> usize {
    let after = section.tokens.iter().skip_while(|token| **token != Token::Point);
    let until = after.take_while(|token| !matches!(token, Token::Exponent { .. }));
    until.filter(|token| matches!(token, Token::Digit(_))).count()
}

pub(super) fn number(section: &Section, value: f64, locale: Locale) -> String {
    let tokens = &section.tokens;
    let text = if tokens.iter().any(|token| matches!(token, Token::Exponent { .. })) {
        scientific(section, value, locale)
    } else if let Some(slash) = fraction_slash(tokens) {
        fraction(tokens, slash, value)
    } else {
        plain(section, value, locale)
    };
    // A number that rounds to zero has no sign.
    let shows_digits = tokens.iter().any(|token| matches!(token, Token::Digit(_)));
    let nothing = shows_digits && !text.bytes().any(|b| (b'1'..=b'9').contains(&b));
    if value < 0.0 && !nothing { format!("-{text}") } else { text }
}

/// A slash between digits is a fraction's; one without is a literal.
fn fraction_slash(tokens: &[Token]) -> Option<usize> {
    let slash = tokens.iter().position(|token| *token == Token::Slash)?;
    let digit_before = tokens[..slash].iter().any(|token| matches!(token, Token::Digit(_)));
    let digit_after = tokens[slash + 1..].iter().any(|token| match token {
        Token::Digit(_) => true,
        Token::Literal(text) => text.bytes().any(|b| b.is_ascii_digit()),
        _ => false,
    });
    (digit_before && digit_after).then_some(slash)
}

/// Where the digits of a section are and how the number is scaled for them.
struct Layout {
    /// Positions of the placeholders before the point.
    whole: Vec<usize>,
    /// Positions of the placeholders behind the point.
    places: Vec<usize>,
    grouped: bool,
    powers: i32,
}

fn layout(tokens: &[Token]) -> Layout {
    let end = tokens.iter().position(|token| matches!(token, Token::Exponent { .. })).unwrap_or(tokens.len());
    let point = tokens[..end].iter().position(|token| *token == Token::Point).unwrap_or(end);
    let digits = |from: usize, to: usize| -> Vec<usize> {
        (from..to).filter(|index| matches!(tokens[*index], Token::Digit(_))).collect()
    };
    let (whole, places) = (digits(0, point), digits(point, end));
    let mut powers = 2 * tokens.iter().filter(|token| **token == Token::Percent).count() as i32;
    let mut grouped = false;
    let (first, last) = (whole.first().copied(), whole.last().copied());
    for (index, token) in tokens[..end].iter().enumerate() {
        if *token == Token::Comma {
            if first < Some(index) && Some(index) < last && last.is_some() {
                grouped = true;
            } else if last.is_some_and(|last| index > last)
                && !(places.iter().any(|place| *place > index) && index > point)
            {
                powers -= 3;
            }
        }
    }
    Layout { whole, places, grouped, powers }
}

fn plain(section: &Section, value: f64, locale: Locale) -> String {
    let tokens = &section.tokens;
    let layout = layout(tokens);
    let digits = Digits::of(value).shifted(layout.powers).rounded(layout.places.len() as i32);
    let mut out = render(tokens, &layout, &digits, locale);
    if layout.whole.is_empty() && !layout.places.is_empty() && !digits.whole().is_empty() {
        // `.00` shows the digits before the point nevertheless.
        let point = separators(locale).0;
        out = out.replacen(point, &format!("{}{point}", digits.whole()), 1);
    }
    out
}

fn render(tokens: &[Token], layout: &Layout, digits: &Digits, locale: Locale) -> String {
    let (point, separator) = separators(locale);
    let whole = whole_pieces(tokens, layout, digits, separator);
    let places = place_pieces(tokens, layout, digits);
    let mut out = String::new();
    for (index, token) in tokens.iter().enumerate() {
        match token {
            Token::Digit(_) => {
                if let Some(position) = layout.whole.iter().position(|at| *at == index) {
                    out.push_str(&whole[position]);
                } else if let Some(position) = layout.places.iter().position(|at| *at == index) {
                    out.push_str(&places[position]);
                }
            }
            Token::Point => out.push(point),
            Token::Percent => out.push('%'),
            Token::Literal(text) => out.push_str(text),
            Token::Skip => out.push(' '),
            Token::Slash => out.push('/'),
            _ => {}
        }
    }
    out
}

/// The text of each placeholder before the point; the first takes all digits that are too many.
fn whole_pieces(tokens: &[Token], layout: &Layout, digits: &Digits, separator: char) -> Vec<String> {
    let whole: Vec<char> = digits.whole().chars().collect();
    let mut pieces = vec![String::new(); layout.whole.len()];
    let mut from_right = 0;
    for (position, index) in layout.whole.iter().enumerate().rev() {
        let Token::Digit(placeholder) = tokens[*index] else { continue };
        let count = if position == 0 { (whole.len() - whole.len().min(from_right)).max(1) } else { 1 };
        let mut piece = String::new();
        for _ in 0..count {
            let digit = whole.len().checked_sub(from_right + 1).map(|at| whole[at]);
            let shown = digit.or(match placeholder {
                '0' => Some('0'),
                '?' => Some(' '),
                _ => None,
            });
            if let Some(shown) = shown {
                if layout.grouped && from_right > 0 && from_right % 3 == 0 {
                    piece.push(if shown == ' ' { ' ' } else { separator });
                }
                piece.push(shown);
            }
            from_right += 1;
        }
        pieces[position] = piece.chars().rev().collect();
    }
    pieces
}

/// The text of each placeholder behind the point; trailing zeros show only where `0` asks for them.
fn place_pieces(tokens: &[Token], layout: &Layout, digits: &Digits) -> Vec<String> {
    let fraction: Vec<char> = digits.fraction(layout.places.len()).chars().collect();
    let last = fraction.iter().rposition(|digit| *digit != '0');
    let piece = |(position, index): (usize, &usize)| {
        let filled = last.is_some_and(|last| position <= last);
        match tokens[*index] {
            Token::Digit('#') if !filled => String::new(),
            Token::Digit('?') if !filled => " ".into(),
            _ => fraction[position].to_string(),
        }
    };
    layout.places.iter().enumerate().map(piece).collect()
}

fn scientific(section: &Section, value: f64, locale: Locale) -> String {
    let tokens = &section.tokens;
    let Some(split) = tokens.iter().position(|token| matches!(token, Token::Exponent { .. })) else {
        return String::new();
    };
    let layout = layout(tokens);
    let step = layout.whole.len().max(1) as i32;
    let places = layout.places.len() as i32;
    let digits = Digits::of(value).shifted(layout.powers);
    let mut exponent = 0;
    if !digits.is_zero() {
        // With several digits before the point the exponent goes in steps of their number.
        exponent = (digits.exponent - 1).div_euclid(step) * step;
    }
    let mut mantissa = digits.clone().shifted(-exponent).rounded(places);
    if mantissa.exponent > step {
        exponent += step;
        mantissa = digits.shifted(-exponent).rounded(places);
    }
    let mut out = render(&tokens[..split], &layout, &mantissa, locale);
    let plus = matches!(tokens[split], Token::Exponent { plus: true });
    out.push('E');
    if exponent < 0 {
        out.push('-');
    } else if plus {
        out.push('+');
    }
    let width = tokens[split + 1..].iter().filter(|token| matches!(token, Token::Digit(_))).count();
    push(&mut out, format_args!("{:0width$}", exponent.abs()));
    for token in &tokens[split + 1..] {
        match token {
            Token::Literal(text) => out.push_str(text),
            Token::Percent => out.push('%'),
            Token::Skip => out.push(' '),
            _ => {}
        }
    }
    out
}

fn fraction(tokens: &[Token], slash: usize, value: f64) -> String {
    let value = value.abs();
    let is_digit = |token: &Token| matches!(token, Token::Digit(_));
    // The numerator's placeholders touch the slash; those before are for whole numbers.
    let numerator_from = tokens[..slash].iter().rposition(|token| !is_digit(token)).map_or(0, |at| at + 1);
    let has_whole = tokens[..numerator_from].iter().any(is_digit);
    let after = &tokens[slash + 1..];
    let fixed: Option<u64> = match after.first() {
        Some(Token::Literal(text)) => {
            text.chars().take_while(char::is_ascii_digit).collect::<String>().parse().ok()
        }
        _ => None,
    };
    let width = after.iter().take_while(|token| is_digit(token)).count();
    let whole = if has_whole { value.floor() } else { 0.0 };
    let rest = value - whole;
    let (numerator, denominator) = match fixed.filter(|fixed| *fixed > 0) {
        Some(fixed) => ((rest * fixed as f64).round() as u64, fixed),
        None => approximate(rest, 10_u64.pow(width.clamp(1, 7) as u32) - 1),
    };
    let (whole, numerator) =
        if has_whole && numerator == denominator { (whole + 1.0, 0) } else { (whole, numerator) };
    let mut out = String::new();
    if has_whole && (whole > 0.0 || numerator == 0) {
        push(&mut out, format_args!("{whole:.0}"));
    }
    let numerator_width = slash - numerator_from;
    if has_whole {
        if !out.is_empty() {
            out.push(' ');
        }
        if numerator == 0 {
            // The place stays empty, as wide as it would be.
            let blanks = numerator_width + 1 + width.max(fixed.map_or(0, |f| f.to_string().len()));
            out.push_str(&" ".repeat(blanks));
            return out;
        }
    }
    push(&mut out, format_args!("{numerator:>numerator_width$}/{denominator:<width$}"));
    out
}

/// The fraction nearest to a number with a denominator of at most `limit`, which is at least 1.
fn approximate(value: f64, limit: u64) -> (u64, u64) {
    let (mut before, mut last) = ((0_u64, 1_u64), (1_u64, 0_u64));
    let mut rest = value;
    for _ in 0..40 {
        let whole = rest.floor();
        if whole > 1e15 {
            break;
        }
        let next = (
            (whole as u64).saturating_mul(last.0).saturating_add(before.0),
            (whole as u64).saturating_mul(last.1).saturating_add(before.1),
        );
        if next.1 > limit {
            // The last step that still fits, when it comes nearer than the one before.
            let steps = (limit - before.1) / last.1.max(1);
            let partial = (steps.saturating_mul(last.0).saturating_add(before.0), steps * last.1 + before.1);
            let error = |(n, d): (u64, u64)| (value - n as f64 / d as f64).abs();
            return if error(partial) < error(last) { partial } else { last };
        }
        (before, last) = (last, next);
        let fraction = rest - whole;
        if fraction < 1e-10 {
            break;
        }
        rest = 1.0 / fraction;
    }
    last
}
