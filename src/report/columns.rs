//! Text in columns: each as wide as its widest cell, no more than the terminal has.

/// Where the text of a column begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    /// At the left: words.
    Left,
    /// At the right: numbers.
    Right,
}

/// The rows as lines, with a blank between two columns and none at the end.
pub fn lines(rows: &[Vec<String>], sides: &[Side]) -> Vec<String> {
    let width = |column: usize| {
        rows.iter().filter_map(|row| row.get(column)).map(|cell| cell.chars().count()).max().unwrap_or(0)
    };
    let widths: Vec<usize> = (0..sides.len()).map(width).collect();
    let line = |row: &Vec<String>| {
        let mut line = String::new();
        for ((cell, side), width) in row.iter().zip(sides).zip(&widths) {
            if *width == 0 {
                continue;
            }
            match side {
                Side::Left => line.push_str(&format!("{cell:<width$} ")),
                Side::Right => line.push_str(&format!("{cell:>width$} ")),
            }
        }
        line.trim_end().to_owned()
    };
    rows.iter().map(line).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_column_without_text_takes_no_room() {
        let rows = [
            vec!["a".to_owned(), String::new(), "1".to_owned()],
            vec!["bb".to_owned(), String::new(), "10".to_owned()],
        ];
        assert_eq!(lines(&rows, &[Side::Left, Side::Left, Side::Right]), ["a   1", "bb 10"]);
    }
}
