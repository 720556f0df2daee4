//! Why a file cannot be read or written, in both languages: every reason once, its English and its German side by side.
//!
//! **Architecture Invariant:** a reason holds facts, never words: what is said of them is said here. Texts from a file were
//! made [presentable](crate::error) before they came here.

use std::fmt;

/// Defines reasons from a table: name, facts, English, German. Words of a library beneath are English, so only the English
/// sentence may show them.
macro_rules! reasons {
    ($($name:ident $({ $($fact:ident: $kind:ty),+ })? $english:literal $german:literal)+) => {
        /// Why a file cannot be read or written; see [`Reason::german`] for the other language.
        #[derive(Debug, Clone, PartialEq, Eq)]
        #[expect(missing_docs, reason = "the sentence beside each name says what it means")]
        pub enum Reason {
            $($name $({ $($fact: $kind),+ })?,)+
        }

        impl fmt::Display for Reason {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                match self {
                    $(Self::$name $({ $($fact),+ })? => write!(f, $english),)+
                }
            }
        }

        impl Reason {
            /// The reason in German.
            pub fn german(&self) -> String {
                match self {
                    $(Self::$name $({ $($fact),+ })? => {
                        $($(let _ = $fact;)+)?
                        format!($german)
                    })+
                }
            }

            /// One of each, for tests of their words.
            #[cfg(test)]
            pub(crate) fn each() -> Vec<Self> {
                vec![$(Self::$name $({ $($fact: example::<$kind>()),+ })?,)+]
            }
        }
    };
}

reasons! {
    // The package.
    NoDirectory
        "the directory at its end is missing or broken; it was probably not copied to its end"
        "Das Verzeichnis an seinem Ende fehlt oder ist beschädigt; vermutlich wurde die Datei nicht bis zum Ende kopiert"
    SameNames "two parts of it have the same name" "Zwei Teile darin heißen gleich"
    Overlap "parts of it overlap, as in a zip bomb" "Teile darin überlappen sich wie in einer Zip-Bombe"
    PartMissing { part: String } "its part “{part}” is missing" "Der Teil „{part}“ fehlt"
    MainPartMissing { part: String } "its main part “{part}” is missing" "Der Hauptteil „{part}“ fehlt"
    RelationshipLeadsOut { target: String }
        "a relationship leads out of the package, to “{target}”"
        "Eine Beziehung führt aus dem Paket heraus, zu „{target}“"
    TooManyRelationships { most: usize } "more than {most} relationships" "Mehr als {most} Beziehungen"
    PackageTooLarge { megabytes: u64 }
        "unpacked it would take {megabytes} MB" "Entpackt würde es {megabytes} MB groß"
    PartTooLarge { megabytes: u64 }
        "unpacked it takes more than {megabytes} MB" "Entpackt ist der Teil größer als {megabytes} MB"
    WorkbookTooLarge { megabytes: u64 }
        "with it, the unpacked workbook takes more than {megabytes} MB"
        "Mit diesem Teil ist die entpackte Arbeitsmappe größer als {megabytes} MB"
    TooDense { times: u64 }
        "unpacked it is more than {times} times its size, as in a zip bomb"
        "Entpackt ist der Teil mehr als {times}-mal so groß, wie in einer Zip-Bombe"
    TooManyParts { most: u32 } "it has more than {most} parts" "Es sind mehr als {most} Teile"
    PartNameUnreadable "the name of a part cannot be read" "Der Name eines Teils ist nicht lesbar"
    PartNameTooLong { bytes: usize }
        "the name of a part is {bytes} bytes long" "Der Name eines Teils ist {bytes} Bytes lang"
    PartLeadsOut { name: String }
        "a part is named “{name}”, which leads out of the package"
        "Ein Teil heißt „{name}“, was aus dem Paket herausführt"
    PartLeadsOutOfFolder { name: String }
        "a part is named “{name}”, which leads out of its folder"
        "Ein Teil heißt „{name}“, was aus seinem Ordner herausführt"
    PartNamedTwice { name: String } "two parts are named “{name}”" "Zwei Teile heißen „{name}“"
    Encrypted "it is encrypted" "Der Teil ist verschlüsselt"
    UnknownPacking { detail: String }
        "it is packed in a way that is not understood ({detail})"
        "Der Teil ist auf eine Weise gepackt, die nicht verstanden wird"
    DoesNotUnpack
        "its packed bytes do not unpack to what was packed"
        "Die gepackten Bytes ergeben nicht, was gepackt wurde"
    Unreadable { detail: String } "{detail}" "Der Inhalt ist nicht lesbar"
    FileTooLarge { megabytes: usize, most: u64 }
        "it has {megabytes} MB; {most} MB are allowed" "Es sind {megabytes} MB; erlaubt sind {most} MB"

    // XML.
    TooDeep { most: usize }
        "its elements nest deeper than {most}" "Die Elemente sind tiefer als {most}-fach verschachtelt"
    UndefinedEntity { entity: String }
        "it uses the entity “{entity}”, which is not defined" "Die Entität „{entity}“ ist nicht definiert"
    DocumentType
        "it declares a document type (DTD), which a workbook never does"
        "Es wird ein Dokumenttyp (DTD) erklärt, was in einer Arbeitsmappe nie vorkommt"
    ForeignEncoding { encoding: String }
        "it is written in the encoding “{encoding}” instead of UTF-8"
        "Die Zeichenkodierung ist „{encoding}“ statt UTF-8"
    Empty "it is empty" "Der Teil ist leer"
    EndsTooEarly "it ends too early" "Der Teil endet zu früh"
    TextTooLong { megabytes: usize }
        "a text is longer than {megabytes} MB" "Ein Text ist länger als {megabytes} MB"
    TokenTooLong { megabytes: usize }
        "a single tag or text is longer than {megabytes} MB"
        "Ein einzelnes Element oder ein Text ist länger als {megabytes} MB"
    Utf16TooLong { megabytes: u64 }
        "in UTF-16 it may take {megabytes} MB at most" "In UTF-16 darf der Teil höchstens {megabytes} MB groß sein"
    NotInEncoding { encoding: &'static str }
        "its text is not valid {encoding}" "Der Text ist kein gültiges {encoding}"
    NotXml "it ends too early or is not XML" "Der Teil endet zu früh oder ist kein XML"
    TagsDoNotFit "its tags do not fit each other" "Die Elemente passen nicht zueinander"

    // The workbook and its sheets.
    NotAWorksheet { name: String }
        "it begins with “{name}” where a worksheet is due"
        "Der Teil beginnt mit „{name}“, wo ein Tabellenblatt stehen müsste"
    NotAWorkbook { name: String }
        "it begins with “{name}” where a workbook is due"
        "Der Teil beginnt mit „{name}“, wo eine Arbeitsmappe stehen müsste"
    TooManySheets { most: usize } "it has more than {most} sheets" "Es sind mehr als {most} Blätter"
    SheetWithoutName "a sheet has no name" "Ein Blatt hat keinen Namen"
    SheetNamedTwice { name: String } "two sheets are named “{name}”" "Zwei Blätter heißen „{name}“"
    NoSheet "it has no sheet" "Es gibt kein Blatt"
    NoSheets "it has no sheets" "Es gibt keine Blätter"
    NotARange { text: String } "“{text}” is not a range" "„{text}“ ist kein Bereich"
    NotARow { text: String } "“{text}” is not the address of a row" "„{text}“ ist keine Zeilennummer"
    NotACell { text: String } "“{text}” is not the address of a cell" "„{text}“ ist keine Zelladresse"
    CellOutside "a cell lies outside the sheet" "Eine Zelle liegt außerhalb des Blatts"
    TooManySharedFormulas "it has too many shared formulas" "Es gibt zu viele gemeinsame Formeln"
    NotANumber { text: String } "“{text}” is not a number" "„{text}“ ist keine Zahl"
    NotFinite { text: String } "“{text}” is not a finite number" "„{text}“ ist keine endliche Zahl"
    NotASharedText { text: String }
        "“{text}” is not the number of a shared text" "„{text}“ ist keine Nummer eines gemeinsamen Textes"
    NoSuchSharedText { text: String }
        "“{text}” is not the number of a shared text that exists"
        "Einen gemeinsamen Text mit der Nummer „{text}“ gibt es nicht"
    NotADate { text: String } "“{text}” is not a date" "„{text}“ ist kein Datum"
    TooManyEntries { most: usize } "it holds more than {most} entries" "Es sind mehr als {most} Einträge"
    TooManyFormats { most: usize } "it holds more than {most} formats" "Es sind mehr als {most} Formate"
    TooManyTexts { most: usize } "it holds more than {most} texts" "Es sind mehr als {most} Texte"
    TooMuchTextHere { megabytes: usize }
        "it holds more than {megabytes} MB of text" "Der Teil enthält mehr als {megabytes} MB Text"
    TooManyCells { most: usize }
        "the workbook has more than {most} filled cells" "Die Arbeitsmappe hat mehr als {most} gefüllte Zellen"
    TooManyObjects { most: usize }
        "the workbook has more than {most} merged ranges, validations, links, names and drawings"
        "Die Arbeitsmappe hat mehr als {most} verbundene Bereiche, Gültigkeitsregeln, Verweise, Namen und Zeichnungen"
    TooMuchText { megabytes: usize }
        "the workbook has more than {megabytes} MB of text" "Die Arbeitsmappe hat mehr als {megabytes} MB Text"
    SheetNameTooLong { name: String, characters: usize, most: usize }
        "the name of a sheet, “{name}”, is {characters} characters long; {most} are allowed"
        "Der Name eines Blatts, „{name}“, ist {characters} Zeichen lang; erlaubt sind {most}"
    TableNameTooLong { name: String, characters: usize, most: usize }
        "the name of a table, “{name}”, is {characters} characters long; {most} are allowed"
        "Der Name einer Tabelle, „{name}“, ist {characters} Zeichen lang; erlaubt sind {most}"
    ColumnNameTooLong { name: String, characters: usize, most: usize }
        "the name of a column, “{name}”, is {characters} characters long; {most} are allowed"
        "Der Name einer Spalte, „{name}“, ist {characters} Zeichen lang; erlaubt sind {most}"
    DefinedNameTooLong { name: String, characters: usize, most: usize }
        "the name of a defined name, “{name}”, is {characters} characters long; {most} are allowed"
        "Ein definierter Name, „{name}“, ist {characters} Zeichen lang; erlaubt sind {most}"

    // Text files.
    TextFileTooLarge { megabytes: usize }
        "it has more than {megabytes} MB of text" "Die Datei hat mehr als {megabytes} MB Text"
    TextFileNotInEncoding { encoding: &'static str }
        "it is not valid {encoding}" "Die Datei ist kein gültiges {encoding}"
    TooManyColumns { values: usize, most: usize }
        "it has {values} values; {most} are allowed" "Es sind {values} Werte; erlaubt sind {most}"
    OpenQuote { most: usize }
        "a value is longer than {most} characters; a quote is probably not closed"
        "Ein Wert ist länger als {most} Zeichen; vermutlich ist ein Anführungszeichen nicht geschlossen"
    TooManyLines { most: u32 } "it has more than {most} lines" "Es sind mehr als {most} Zeilen"
    TooManyValues { most: usize } "it has more than {most} values" "Es sind mehr als {most} Werte"
    NothingButBlanks "it holds nothing but blanks" "Es steht nichts als Leerraum darin"

    // Writing.
    NoPlaceForCells "it has no place for cells" "Es gibt keinen Platz für Zellen"
    RowsNotInOrder "its rows are not in order" "Die Zeilen stehen nicht in ihrer Reihenfolge"
    CellsNotInOrder "its cells are not in order" "Die Zellen stehen nicht in ihrer Reihenfolge"
    RowsDoNotFit "its rows do not fit its columns" "Die Zeilen passen nicht zu den Spalten"
    NoSuchSheet "the workbook has no sheet of that name" "Die Arbeitsmappe hat kein Blatt dieses Namens"
    SheetMissing "the sheet is missing" "Das Blatt fehlt"
    PartOfArray { range: String }
        "it is a part of the array formula in {range}" "Die Zelle gehört zur Matrixformel in {range}"
    TableHeader { table: String }
        "it is a header of the table “{table}”" "Die Zelle ist eine Überschrift der Tabelle „{table}“"
    CellTextTooLong { most: usize }
        "a text is longer than {most} characters, which no cell can hold"
        "Ein Text ist länger als {most} Zeichen, was keine Zelle fasst"
    InfiniteNumber
        "a number is infinite, which no cell can hold" "Eine Zahl ist unendlich, was keine Zelle fasst"
    BeyondLastRow { rows: u32 }
        "{rows} more rows go beyond the last row of the sheet"
        "{rows} weitere Zeilen gehen über die letzte Zeile des Blatts hinaus"
    CutsArray { range: String }
        "new rows would cut the array formula in {range} in two"
        "Neue Zeilen würden die Matrixformel in {range} zerschneiden"
}

/// Defines kinds of foreign files: name, English, German, each with its article.
macro_rules! kinds {
    ($($name:ident $english:literal $german:literal)+) => {
        /// What a file is that is no workbook.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        #[expect(missing_docs, reason = "the words beside each name say what it means")]
        pub enum ForeignKind {
            $($name,)+
        }

        impl fmt::Display for ForeignKind {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(match self { $(Self::$name => $english,)+ })
            }
        }

        impl ForeignKind {
            /// In German, with its article.
            pub const fn german(self) -> &'static str {
                match self { $(Self::$name => $german,)+ }
            }

            /// One of each, for tests of their words.
            #[cfg(test)]
            pub(crate) const ALL: &[Self] = &[$(Self::$name,)+];
        }
    };
}

kinds! {
    Pdf "a PDF document" "ein PDF-Dokument"
    Png "a PNG picture" "ein PNG-Bild"
    Jpeg "a JPEG picture" "ein JPEG-Bild"
    Gif "a GIF picture" "ein GIF-Bild"
    Rtf "a rich text document" "ein RTF-Dokument"
    Gzip "a gzip archive" "ein Gzip-Archiv"
    SevenZip "a 7-Zip archive" "ein 7-Zip-Archiv"
    Rar "a RAR archive" "ein RAR-Archiv"
    WindowsProgram "a Windows program" "ein Windows-Programm"
    Program "a program" "ein Programm"
    Sqlite "a SQLite database" "eine SQLite-Datenbank"
    OldExcel "an old Excel workbook (.xls)" "eine alte Excel-Arbeitsmappe (.xls)"
    Parquet "a Parquet file" "eine Parquet-Datei"
    Unknown "a file of an unknown kind" "eine Datei unbekannter Art"
    WebPage "a web page" "eine Webseite"
    ExcelXml "an XML spreadsheet of 2003" "eine XML-Kalkulationstabelle von 2003"
    Xml "an XML document" "ein XML-Dokument"
    Word "a Word document" "ein Word-Dokument"
    PowerPoint "a PowerPoint presentation" "eine PowerPoint-Präsentation"
    BinaryExcel "a binary Excel workbook (.xlsb)" "eine binäre Excel-Arbeitsmappe (.xlsb)"
    OpenDocument "an OpenDocument file" "eine OpenDocument-Datei"
    Numbers "a Numbers or Pages document" "ein Numbers- oder Pages-Dokument"
    Zip "a zip archive without a workbook in it" "ein Zip-Archiv ohne Arbeitsmappe darin"
    OldWord "an old Word document (.doc)" "ein altes Word-Dokument (.doc)"
    OldOffice "an old office document" "ein altes Office-Dokument"
}

/// A fact for tests: one that is no word of either language.
#[cfg(test)]
fn example<T: Example>() -> T {
    T::example()
}

#[cfg(test)]
trait Example {
    fn example() -> Self;
}

#[cfg(test)]
mod tests {
    use super::*;

    macro_rules! examples {
        ($($kind:ty = $value:expr),+) => { $(impl Example for $kind { fn example() -> Self { $value } })+ };
    }
    examples!(String = "X7".to_owned(), &'static str = "UTF-8", usize = 9, u64 = 9, u32 = 9);

    /// Words that only English has; German ones that look alike (`in`, `an`, `was`, `name`, `text`) are not among them.
    const ENGLISH: &[&str] = &[
        "the",
        "is",
        "are",
        "it",
        "its",
        "of",
        "than",
        "more",
        "which",
        "not",
        "no",
        "has",
        "have",
        "holds",
        "cannot",
        "be",
        "to",
        "with",
        "a",
        "and",
        "or",
        "cell",
        "cells",
        "row",
        "rows",
        "sheet",
        "sheets",
        "file",
        "part",
        "parts",
        "workbook",
        "longer",
        "allowed",
        "value",
        "values",
        "too",
        "two",
        "out",
        "document",
        "picture",
        "archive",
        "database",
        "old",
        "page",
        "spreadsheet",
        "presentation",
        "unknown",
        "kind",
        "byte",
        "line",
        "package",
    ];

    fn english_in(german: &str) -> Vec<String> {
        let words = german.split(|c: char| !c.is_alphanumeric()).map(str::to_lowercase);
        words.filter(|word| ENGLISH.contains(&word.as_str())).collect()
    }

    #[test]
    fn every_reason_is_told_in_german() {
        for reason in Reason::each() {
            let (english, german) = (reason.to_string(), reason.german());
            assert_eq!(english_in(&german), Vec::<String>::new(), "{reason:?}: {german}");
            assert!(!german.is_empty() && english != german, "{reason:?}");
            // What the reason knows, both tell, apart from the words of a library.
            let facts = |text: &str| text.matches("X7").count() + text.matches('9').count();
            let library = matches!(reason, Reason::Unreadable { .. } | Reason::UnknownPacking { .. });
            assert!(library || facts(&english) == facts(&german), "{english} / {german}");
        }
        for kind in ForeignKind::ALL {
            assert_eq!(english_in(kind.german()), Vec::<String>::new(), "{kind}");
            assert!(kind.german().starts_with("ein"), "{kind}");
        }
    }
}
