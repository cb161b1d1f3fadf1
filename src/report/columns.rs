//! Text in columns, each as wide as its widest cell. The reports that are tables (scan, quota, sums) hand over
//! their cells and get back one line for each row, which they colour.
//!
//! `comfy-table` measures and aligns. It does not arrange: where a row is too wide, it would break cells
//! between words, but an id is copied and stays whole, a name gives way in its middle (`label.rs`), a bar takes
//! what is left, and a row that became two lines would not belong to its colour any more. So the reports cut
//! their cells to the width before.

use comfy_table::{CellAlignment, ContentArrangement, Table, presets};

/// Where the text of a column begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    /// At the left: words.
    Left,
    /// At the right: numbers.
    Right,
}

/// The rows as lines, with a blank between two columns and none at the end. A column without text
/// takes no room.
pub fn lines(rows: &[Vec<String>], sides: &[Side]) -> Vec<String> {
    let has_text =
        |column: &usize| rows.iter().any(|row| row.get(*column).is_some_and(|cell| !cell.is_empty()));
    let shown: Vec<usize> = (0..sides.len()).filter(has_text).collect();
    let mut table = Table::new();
    table.load_style(presets::NOTHING).force_no_tty().set_content_arrangement(ContentArrangement::Disabled);
    for row in rows {
        table.add_row(shown.iter().map(|column| row.get(*column).map_or("", String::as_str)));
    }
    for (place, column) in shown.iter().enumerate() {
        if let Some(column_of_table) = table.column_mut(place) {
            column_of_table.set_padding((0, 1)).set_cell_alignment(match sides[*column] {
                Side::Left => CellAlignment::Left,
                Side::Right => CellAlignment::Right,
            });
        }
    }
    table.lines().map(|line| line.trim_end().to_owned()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wide_and_combining_letters_do_not_shift_what_follows() {
        let row = |name: &str, number: &str| vec![name.to_owned(), number.to_owned()];
        let rows = [row("例え", "1"), row("e\u{301}", "2"), row("👩\u{200d}💻", "30")];
        let lines = lines(&rows, &[Side::Left, Side::Right]);
        assert_eq!(lines, ["例え  1", "e\u{301}     2", "👩\u{200d}💻   30"]);
    }

    #[test]
    fn a_column_without_text_takes_no_room() {
        let rows = [
            vec!["a".to_owned(), String::new(), "1".to_owned()],
            vec!["bb".to_owned(), String::new(), "10".to_owned()],
        ];
        assert_eq!(lines(&rows, &[Side::Left, Side::Left, Side::Right]), ["a   1", "bb 10"]);
    }
}
