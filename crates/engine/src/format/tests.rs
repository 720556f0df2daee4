//! Number formats, code by code, as Excel shows them.

use proptest::prelude::*;

use super::*;

fn check(value: f64, format: &str, expect: &str) {
    assert_eq!(display(&CellValue::Number(value), format, Locale::En, false), expect, "{value} in {format}");
}

fn check_de(value: f64, format: &str, expect: &str) {
    assert_eq!(display(&CellValue::Number(value), format, Locale::De, false), expect, "{value} in {format}");
}

#[test]
fn general_shows_eleven_characters() {
    let general = |value, expect| check(value, "General", expect);
    general(0.0, "0");
    general(1.0, "1");
    general(-12.5, "-12.5");
    general(1.0 / 3.0, "0.333333333");
    general(100.0 / 3.0, "33.33333333");
    general(1_234_567.891_234_5, "1234567.891");
    general(12_345_678_901.0, "12345678901");
    general(123_456_789_012.0, "1.23457E+11");
    general(0.000_1, "0.0001");
    general(0.000_123_456_78, "0.000123457");
    general(0.000_01, "0.00001");
    general(0.000_000_000_123, "1.23E-10");
    general(0.1 + 0.2, "0.3");
    general(1e100, "1E+100");
    check_de(-1234.5, "General", "-1234,5");
}

#[test]
fn numbers_fill_their_placeholders() {
    check(1234.5, "0", "1235");
    check(1234.5, "#,##0.00", "1,234.50");
    check(-1234.567, "#,##0.00", "-1,234.57");
    check(0.0, "#,##0.00", "0.00");
    check(0.0, "#", "");
    check(5.0, "000", "005");
    check(12.0, "0,000", "0,012");
    check(1_234_567.0, "#,##0,", "1,235");
    check(1_234_567.0, "0.0,,", "1.2");
    check(0.256, "0%", "26%");
    check(0.256, "0.0 %", "25.6 %");
    check(2.5, "0.##", "2.5");
    check(2.0, "0.##", "2.");
    check(0.5, ".00", ".50");
    check(12.5, ".00", "12.50");
    check(1.005, "0.00", "1.01");
    check(2.675, "0.00", "2.68");
    check(-0.001, "0.00", "0.00");
    check(5_551_234_567.0, "(000) 000-0000", "(555) 123-4567");
    check(3.0, "0 \"pcs\"", "3 pcs");
    check(3.0, "0\\x", "3x");
    check(3.0, "_(0_)", " 3 ");
    check(12.0, "* 0", "12");
    check(2.3, "?0.0?", " 2.3 ");
}

#[test]
fn sections_and_conditions_choose() {
    check(5.0, "0;(0);\"zero\"", "5");
    check(-5.0, "0;(0);\"zero\"", "(5)");
    check(0.0, "0;(0);\"zero\"", "zero");
    check(-5.0, "0;[Red]-0", "-5");
    check(5.0, "[>=100]\"many\";[<10]\"few\";\"some\"", "few");
    check(500.0, "[>=100]\"many\";[<10]\"few\";\"some\"", "many");
    check(50.0, "[>=100]\"many\";[<10]\"few\";\"some\"", "some");
    check(5.0, ";;;", "");
    check(-7.0, "General;-General", "-7");
    check(1234.5, "[$€-407] #,##0.00", "€ 1.234,50");
    check(1234.5, "#,##0.00 [$USD]", "1,234.50 USD");
    let text = |format: &str, expect: &str| {
        assert_eq!(display(&CellValue::text("abc"), format, Locale::En, false), expect, "{format}");
    };
    text("0.00", "abc");
    text("@", "abc");
    text("0;0;0;\"<\"@\">\"", "<abc>");
    text("\"x: \"@", "x: abc");
    text("0;0;0;", "");
}

#[test]
fn scientific_and_fractions() {
    check(12_345.0, "0.00E+00", "1.23E+04");
    check(0.000_123, "0.0E+0", "1.2E-4");
    check(12_345.0, "##0.0E+0", "12.3E+3");
    check(9.999_9, "0.00E+00", "1.00E+01");
    check(0.0, "0.00E+00", "0.00E+00");
    check(1.5, "# ?/?", "1 1/2");
    check(0.333_333, "# ?/?", "1/3");
    check(3.285_7, "# ??/??", "3  2/7 ");
    check(0.4, "# ?/8", "3/8");
    check(2.0, "# ?/?", "2    ");
    check(1.25, "?/?", "5/4");
}

#[test]
fn dates_and_times() {
    let moment = 46_347.854_201_388_89; // 2026-11-21 20:30:03
    check(moment, "yyyy-mm-dd", "2026-11-21");
    check(moment, "d mmmm yyyy", "21 November 2026");
    check(moment, "ddd, d-mmm-yy", "Sat, 21-Nov-26");
    check(moment, "mmmmm", "N");
    check(moment, "h:mm AM/PM", "8:30 PM");
    check(moment, "hh:mm:ss", "20:30:03");
    check(moment, "mm:ss.0", "30:03.0");
    check(moment, "m/d/yy h:mm", "11/21/2026 20:30");
    check(moment, "mm-dd-yy", "11/21/2026");
    check(1.5, "[h]:mm", "36:00");
    check(1.5, "[mm]:ss", "2160:00");
    check(-0.25, "[h]:mm", "-6:00");
    check(60.0, "yyyy-mm-dd", "1900-02-29");
    check(59.0, "yyyy-mm-dd", "1900-02-28");
    check(61.0, "yyyy-mm-dd", "1900-03-01");
    check(1.0, "dddd", "Sunday");
    check(-1.0, "yyyy-mm-dd", "########");
    check(0.999_999_9, "hh:mm", "00:00");
    check_de(moment, "m/d/yyyy", "21.11.2026");
    check_de(moment, "dd.mm.yyyy", "21.11.2026");
    check_de(moment, "dddd, d. mmmm yyyy", "Samstag, 21. November 2026");
    check_de(46_082.0, "ddd d. mmm", "So 1. Mrz");
    check(46_082.0, "[$-407]mmmm", "März");
    check_de(1234.5, "#,##0.00", "1.234,50");
    let at_1904 = display(&CellValue::Number(0.0), "yyyy-mm-dd", Locale::En, true);
    assert_eq!(at_1904, "1904-01-01");
}

#[test]
fn kinds_are_told() {
    let check = |format: &str, expect: FormatKind| assert_eq!(Format::new(format).kind(), expect, "{format}");
    check("General", FormatKind::General);
    check("#,##0.00", FormatKind::Number);
    check("0.0%", FormatKind::Percent);
    check("#,##0.00 [$€-407]", FormatKind::Currency);
    check("\"$\"#,##0", FormatKind::Currency);
    check("dd.mm.yyyy", FormatKind::Date);
    check("h:mm", FormatKind::Time);
    check("[h]:mm", FormatKind::Time);
    check("d/m/yy h:mm", FormatKind::DateTime);
    check("@", FormatKind::Text);
}

proptest! {
    #[test]
    fn no_code_and_no_number_makes_it_fail(code in "[0#?.,%;@dmyhsE+\\-\\[\\]$\"\\\\_* a-c/]{0,24}", value in proptest::num::f64::ANY) {
        let _ = display(&CellValue::Number(value), &code, Locale::En, false);
        let _ = display(&CellValue::text("text"), &code, Locale::De, true);
    }

    #[test]
    fn two_decimals_read_back(value in -1e9_f64..1e9) {
        let shown = display(&CellValue::Number(value), "0.00", Locale::En, false);
        let back: f64 = shown.parse().expect("a number");
        prop_assert!((back - value).abs() <= 0.005_001);
    }
}
