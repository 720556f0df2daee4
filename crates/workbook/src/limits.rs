//! How much of a file is read at most. Every reader asks here before it takes memory.

/// The largest file that is opened, in each of its dimensions. The default keeps one reading below 256 MiB.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of the file itself.
    pub file_bytes: u64,
    /// Parts in the package.
    pub parts: u32,
    /// Bytes of all parts that are read, uncompressed.
    pub inflated_bytes: u64,
    /// Bytes of one part, uncompressed.
    pub part_bytes: u64,
    /// How many times larger a part may be than its compressed form, once it is over [`Limits::RATIO_FLOOR`].
    pub ratio: u64,
    /// Bytes of one XML tag or one run of text.
    pub token_bytes: usize,
    /// How deep XML elements nest.
    pub depth: usize,
    /// Sheets.
    pub sheets: usize,
    /// Cells that hold something, in all sheets together.
    pub cells: usize,
    /// Bytes of text and formulas, in all sheets together.
    pub text_bytes: usize,
    /// Characters of the name of a sheet, table, column or defined name.
    pub name_characters: usize,
    /// Merged ranges, validations, links, names, tables, drawings, formats: of each kind, in the whole workbook.
    pub objects: usize,
    /// Columns of a .csv file, and values in a row of a list.
    pub columns: usize,
}

impl Limits {
    /// Parts smaller than this are never too dense, in bytes.
    pub const RATIO_FLOOR: u64 = 4 << 20;
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            file_bytes: 64 << 20,
            parts: 10_000,
            inflated_bytes: 384 << 20,
            part_bytes: 256 << 20,
            ratio: 250,
            token_bytes: 4 << 20,
            depth: 100,
            sheets: 500,
            cells: 1_500_000,
            text_bytes: 64 << 20,
            name_characters: 255,
            objects: 100_000,
            columns: 16_384,
        }
    }
}
