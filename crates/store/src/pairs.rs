//! Indexes over two columns: rows of one value of the first, in the order of the second. A screen that filters by one and
//! sorts by the other finds its rows there one after the other, without looking at those of other values.
//!
//! **Architecture Invariant:** each costs every write something, so their number is bounded.

use gridkeep_model::AppId;

use crate::{StoreError, Work, layout::Layout, sql::order_key};

/// Such indexes of one table.
const MOST: usize = 4;

impl Work<'_> {
    /// Makes an index for each of these pairs of columns, the first four of them, and drops those for others.
    pub fn put_pairs(&mut self, app: AppId, table: &str, pairs: &[(&str, &str)]) -> Result<(), StoreError> {
        let mut layout =
            self.find_layout(app, table)?.ok_or_else(|| StoreError::UnknownTable(table.to_owned()))?;
        let mut wanted = Vec::with_capacity(MOST);
        for (first, second) in pairs {
            let (first, second) = (layout.column(first)?, layout.column(second)?);
            let pair = (first.number, second.number);
            let useful = first.has_order() && second.has_order() && first.number != second.number;
            if useful && !wanted.contains(&pair) && wanted.len() < MOST {
                wanted.push(pair);
            }
        }
        if wanted == layout.columns.pairs {
            return Ok(());
        }
        for pair in layout.columns.pairs.iter().filter(|pair| !wanted.contains(pair)) {
            self.link.batch(&format!("DROP INDEX {}", name(&layout, *pair)))?;
        }
        for pair in wanted.iter().filter(|pair| !layout.columns.pairs.contains(pair)) {
            let key = |number: u32| {
                let column = layout.columns.active.iter().find(|column| column.number == number);
                column.map(order_key).unwrap_or_default()
            };
            let (first, second, nulls) = (key(pair.0), key(pair.1), self.link.nulls_first());
            let (index, table) = (name(&layout, *pair), layout.name());
            self.link
                .batch(&format!("CREATE INDEX {index} ON {table} ({first}{nulls}, {second}{nulls}, id)"))?;
        }
        // Without knowing it the planner takes another one that it knows.
        self.link.analyse(&layout.name())?;
        layout.columns.pairs = wanted;
        self.keep(&layout)
    }
}

fn name(layout: &Layout, (first, second): (u32, u32)) -> String {
    format!("{}_c{first}_c{second}", layout.name())
}
